import type { Fault } from '../../engine/faults.js';
import { organizationOf } from '../../engine/ids.js';
import type { VaultId } from '../../engine/ids.js';
import type { OrganizationVault } from '../../engine/vault.js';
import { parseDuration } from '../../engine/when.js';
import { adminNames } from '../../flows/standing.js';
import { addMembers } from '../../flows/vault/members.js';
import { offerRecovery, removeRecovery } from '../../flows/vault/recovery.js';
import { setUpVault } from '../../flows/vault/set-up.js';
import { vaultName } from '../../flows/vault/vaults.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { card, show as answer } from '../answers.js';
import { code, line, sayDuration, sayList } from '../say.js';
import { pageCard } from '../second-factor.js';
import { MEANING } from '../vault-cards.js';
import type { Card } from '../view.js';
import { notAlone } from './alone.js';
import { YES } from './confirm.js';
import { flag, many, maybe, needed, verb } from './noun.js';
import type { AdminContext, Noun } from './noun.js';
import { peopleToName } from './people-meant.js';
import { ORGANIZATION, tellOthers, vaultSeen, vaultToChange } from './vault-meant.js';
import { remove, ROTATED } from './vault-remove.js';
import { vaultCard, vaultsCard } from './vault-show.js';

const VAULT = { organization: needed('ORGANIZATION', ORGANIZATION) };
const PERSON = 'a mention, an e-mail, slack:USERID or teams:OBJECTID';

const MODES = ['recipients', 'server'] as const;

const set = verb({
  name: 'set',
  summary: "chooses how an organization's break-glass passwords are sealed, and how often they change",
  needs: 'change',
  arguments: VAULT,
  options: {
    'sealed-to': maybe('recipients|server', 'to the keys of people, whom the server cannot read for, or to the server'),
    every: maybe('DURATION', 'how often passwords change; 24h unless told'),
    member: many('PERSON', `who may have a key, where it is set up now: ${PERSON}`),
    ...YES,
  },
  examples: [
    '/jit admin vault set contoso --sealed-to recipients --member @dana --member @luis',
    '/jit admin vault set contoso --every 12h',
    '/jit admin vault set contoso --sealed-to server',
  ],
  notes: [MEANING.recipients, MEANING.server],
  run: async (ctx, { organization }, { 'sealed-to': sealedTo, every, member, yes }) => {
    const id = await vaultToChange(ctx, organization);
    if (!id.ok) return id;
    const mode = MODES.find((known) => known === sealedTo?.toLowerCase());
    if (sealedTo !== undefined && mode === undefined) return err(invalid('--sealed-to', 'say recipients or server'));
    const rotateEveryMs = every === undefined ? undefined : parseDuration(every);
    if (rotateEveryMs?.ok === false) return rotateEveryMs;
    const members = await peopleToName(ctx, member);
    if (!members.ok) return members;
    const name = await vaultName(ctx.deps, id.value);
    if (mode === 'server' && !yes) return ok(askForServer(name));
    const vault = await setUpVault(ctx.deps, ctx.admin, id.value, {
      ...(mode === undefined ? {} : { mode }),
      ...(rotateEveryMs === undefined ? {} : { rotateEveryMs: rotateEveryMs.value }),
      members: members.value,
    });
    if (!vault.ok) return vault;
    await tellOthers(ctx, id.value, name, `set (sealed to ${vault.value.mode})`);
    return ok(answer(setUpCard(name, vault.value)));
  },
});

const askForServer = (name: string): Answer =>
  answer(
    card(`Seal the vault of ${name} to the server?`, [
      line(MEANING.server),
      line(`With --sealed-to recipients nobody could, not even whoever runs the server.`),
      line('If that is what you want, type ', code(`/jit admin vault set "${name}" --sealed-to server --yes`)),
    ]),
  );

const setUpCard = (name: string, { mode, members, rotateEveryMs }: OrganizationVault): Card => {
  const next =
    mode === 'server'
      ? [line('Next: ', code('/jit admin break-glass enable TENANT'))]
      : [
          members.length === 0
            ? line('Nobody may have a key yet: ', code(`/jit admin vault add "${name}" @somebody`))
            : line('Each member now types ', code('/jit vault enrol'), '.'),
          line('A key on paper, for a safe: ', code(`/jit admin vault recovery "${name}"`)),
        ];
  return card(`The vault of ${name} is sealed to ${mode === 'server' ? 'the server' : 'its members'}`, [
    line(MEANING[mode]),
    line(`Passwords change every ${sayDuration(rotateEveryMs)}.`),
    ...next,
  ]);
};

const invalid = (field: string, problem: string): Fault => ({ code: 'admin.invalid', field, problem });

const show = verb({
  name: 'show',
  summary: 'shows the vaults, or how one is sealed and who has a key to it',
  needs: 'see',
  arguments: { organization: maybe('ORGANIZATION', ORGANIZATION) },
  options: {},
  examples: ['/jit admin vault show contoso', '/jit admin vault show'],
  run: async (ctx, { organization }) => {
    if (organization === undefined) return ok(answer(await vaultsCard(ctx)));
    const id = await vaultSeen(ctx, organization);
    if (!id.ok) return id;
    const [vault, name] = await Promise.all([ctx.deps.vaults.of(id.value), vaultName(ctx.deps, id.value)]);
    if (vault !== undefined) return ok(answer(await vaultCard(ctx, vault, name)));
    return err({ code: 'vault.not-set-up', vault: name, admins: await adminNames(ctx.deps, organizationOf(id.value)) });
  },
});

const add = verb({
  name: 'add',
  summary: 'lets people have a key',
  needs: 'change',
  arguments: { ...VAULT, person: many('PERSON', PERSON) },
  options: {},
  examples: ['/jit admin vault add contoso @dana', '/jit admin vault add owners olga@msp.example'],
  run: async (ctx, { organization, person }) => {
    const id = await vaultToChange(ctx, organization);
    if (!id.ok) return id;
    const people = await peopleToName(ctx, person);
    if (!people.ok) return people;
    if (people.value.length === 0) return err(invalid('vault add', 'say whom, like @somebody'));
    const added = await addMembers(ctx.deps, ctx.admin, id.value, people.value);
    if (!added.ok) return added;
    const name = await vaultName(ctx.deps, id.value);
    const names = sayList((await ctx.deps.people.byIds(people.value)).map((one) => one.name));
    await tellOthers(ctx, id.value, name, `added ${names} to`);
    return ok(
      answer(
        card(`${names} may have a key to the vault of ${name}`, [line('They type ', code('/jit vault enrol'), '.')]),
      ),
    );
  },
});

const recovery = verb({
  name: 'recovery',
  summary: 'makes a key on paper that opens the vault when nobody else can, or has nothing sealed to it any more',
  needs: 'change',
  arguments: VAULT,
  options: { remove: flag('has nothing sealed to it any more'), ...YES },
  examples: ['/jit admin vault recovery contoso', '/jit admin vault recovery contoso --remove'],
  notes: ['It is made in your browser, shown once, and never sent: print it and put it into a safe.'],
  run: async (ctx, { organization }, { remove: removing, yes }) => {
    const id = await vaultToChange(ctx, organization);
    if (!id.ok) return id;
    if (removing) return withoutRecovery(ctx, id.value, yes);
    const shared = notAlone(ctx);
    if (shared !== undefined) return err(shared);
    const offered = await offerRecovery(ctx.deps, ctx.admin, id.value);
    if (!offered.ok) return offered;
    const name = await vaultName(ctx.deps, id.value);
    return ok(
      answer(
        pageCard(ctx.turn, offered.value, {
          title: `Make a recovery key to the vault of ${name}`,
          label: 'Make it',
          text: 'Have a printer or a pen ready: it is shown once, in your browser alone.',
        }),
      ),
    );
  },
});

const withoutRecovery = async (ctx: AdminContext, id: VaultId, yes: boolean): Promise<Result<Answer, Fault>> => {
  const name = await vaultName(ctx.deps, id);
  if (!yes) {
    const command = code(`/jit admin vault recovery "${name}" --remove --yes`);
    return ok(
      answer(card(`Do without the recovery key of ${name}?`, [line(ROTATED), line('To do it, type ', command)])),
    );
  }
  const removed = await removeRecovery(ctx.deps, ctx.admin, id);
  if (!removed.ok) return removed;
  await tellOthers(ctx, id, name, 'took the recovery key out of');
  return ok(answer(card(`The recovery key of ${name} opens nothing new any more`, [line(ROTATED)])));
};

export const vault: Noun = {
  name: 'vault',
  summary: 'how break-glass passwords are sealed, and who can open them',
  verbs: [set, show, add, remove, recovery],
};
