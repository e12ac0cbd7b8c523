import type { Fault } from '../../engine/faults.js';
import { organizationOf, personId } from '../../engine/ids.js';
import type { VaultId } from '../../engine/ids.js';
import type { Person } from '../../engine/person.js';
import { removeMember } from '../../flows/vault/members.js';
import { removeKey } from '../../flows/vault/remove-key.js';
import { vaultName } from '../../flows/vault/vaults.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { card, show as answer } from '../answers.js';
import { code, line } from '../say.js';
import { keyIdMeant } from '../vault-keys.js';
import { unconfirmed, YES } from './confirm.js';
import { maybe, needed, verb } from './noun.js';
import type { AdminContext } from './noun.js';
import { personSeen } from './people-meant.js';
import { ORGANIZATION, tellOthers, vaultToChange } from './vault-meant.js';

export const remove = verb({
  name: 'remove',
  summary: 'takes somebody out of a vault with their keys, or takes one key away',
  needs: 'change',
  arguments: {
    what: needed('ORGANIZATION|KEY', `${ORGANIZATION}; or the id of a key, K-…`),
    person: maybe('PERSON', 'a mention, a name, an e-mail, slack:USERID or teams:OBJECTID'),
  },
  options: YES,
  examples: ['/jit admin vault remove contoso @dana', '/jit admin vault remove K-7K2M9QXA'],
  notes: ['Everything in the vault is rotated at once: what somebody saw cannot be unseen.'],
  run: async (ctx, { what, person }, { yes }) => {
    if (person === undefined && /^k-[0-9a-z]{8}$/iu.test(what)) return removeOneKey(ctx, keyIdMeant(what), yes);
    // So a button names both in one word.
    const [organization = '', byId] = person === undefined ? what.split('/') : [what];
    const id = await vaultToChange(ctx, organization);
    if (!id.ok) return id;
    const leaving = await personLeaving(ctx, person, byId);
    return leaving.ok ? removeOneMember(ctx, id.value, leaving.value, yes) : leaving;
  },
});

const personLeaving = async (
  ctx: AdminContext,
  typed: string | undefined,
  byId: string | undefined,
): Promise<Result<Person, Fault>> => {
  if (typed !== undefined) return personSeen(ctx, typed);
  const known = byId === undefined ? undefined : await ctx.deps.people.byId(personId(byId));
  return known === undefined
    ? err({ code: 'admin.invalid', field: 'vault remove', problem: 'say whom, like @somebody, or which key' })
    : ok(known);
};

export const ROTATED = 'Every password in it is changed at once, and sealed to the keys that are left.';

const removeOneMember = async (
  ctx: AdminContext,
  id: VaultId,
  leaving: Person,
  yes: boolean,
): Promise<Result<Answer, Fault>> => {
  const name = await vaultName(ctx.deps, id);
  const question = unconfirmed(yes, {
    noun: 'vault',
    id: `${organizationOf(id) ?? (id as string)}/${leaving.id}`,
    what: `${leaving.name} from the vault of ${name}`,
    consequence: ROTATED,
  });
  if (question !== undefined) return ok(question);
  const removed = await removeMember(ctx.deps, ctx.admin, id, leaving);
  if (!removed.ok) return removed;
  await tellOthers(ctx, id, name, `took ${leaving.name} out of`);
  return ok(answer(card(`${leaving.name} is out of the vault of ${name}`, [line(ROTATED)])));
};

const removeOneKey = async (ctx: AdminContext, key: string, yes: boolean): Promise<Result<Answer, Fault>> => {
  const question = unconfirmed(yes, { noun: 'vault', id: key, what: `key ${key}`, consequence: ROTATED });
  if (question !== undefined) return ok(question);
  const removed = await removeKey(ctx.deps, ctx.admin, key);
  if (!removed.ok) return removed;
  const { vault, person } = removed.value;
  const [name, holder] = await Promise.all([vaultName(ctx.deps, vault), ctx.deps.people.byId(person)]);
  const whose = holder?.name ?? 'somebody';
  await tellOthers(ctx, vault, name, `took key ${key} of ${whose} out of`);
  const again = line(`${whose} can make another with `, code('/jit vault enrol'), '; it waits for a second person.');
  return ok(answer(card(`Key ${key} of ${whose} opens nothing new any more`, [line(ROTATED), again])));
};
