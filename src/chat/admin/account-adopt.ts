import { isPrivilegedRole } from '../../engine/roles.js';
import type { Tenant } from '../../engine/tenant.js';
import { adopt as adoptThem, findAdoptable, MOST_ADOPTED } from '../../flows/adopt.js';
import type { Adopted, Candidate, Unfit } from '../../flows/adopt.js';
import { err, ok } from '../../lib/result.js';
import { card, show } from '../answers.js';
import { cleaned } from '../asking.js';
import { code, line, strong } from '../say.js';
import type { Card, Line } from '../view.js';
import { YES } from './confirm.js';
import { maybe, needed, verb } from './noun.js';
import { personSeen } from './people-meant.js';
import { tenantNamed } from './tenant-named.js';

/** A star alone, or behind a letter, would mean nearly everybody. */
const LEAST_PREFIX = 3;

export const adopt = verb({
  name: 'adopt',
  summary: 'takes users that another tool made as the accounts of the people they are for',
  needs: 'change',
  arguments: { tenant: needed('TENANT', 'short name, name, domain or GUID') },
  options: {
    pattern: needed('PATTERN', 'how their user names begin, with a star, as in jit-*; or one whole name'),
    person: maybe('PERSON', 'whose the one user is, where its name does not tell'),
    ...YES,
  },
  examples: [
    '/jit admin account adopt contoso --pattern "jit-*"',
    '/jit admin account adopt contoso --pattern adm.fox@contoso.com --person "Dana Fox" --yes',
  ],
  notes: [
    'Each is stripped of roles and groups, disabled, and given a password that nobody knows, until its owner asks for access.',
    'Guests, synced users and those that somebody else tagged are left alone.',
  ],
  run: async (ctx, { tenant: typed }, options) => {
    const tenant = await tenantNamed(ctx, typed);
    if (!tenant.ok) return tenant;
    const pattern = cleaned(options.pattern);
    const [prefix = ''] = pattern.split('*');
    if (prefix.length < LEAST_PREFIX) {
      const problem = `begin with at least ${LEAST_PREFIX} letters, as in "jit-*"`;
      return err({ code: 'admin.invalid', field: '--pattern', problem });
    }
    const person = options.person === undefined ? undefined : await personSeen(ctx, options.person);
    if (person?.ok === false) return person;
    const people = await ctx.sight.people.all();
    const wish = { tenant: tenant.value, pattern, people, ...(person === undefined ? {} : { person: person.value }) };
    const found = await findAdoptable(ctx.deps, ctx.admin, wish);
    if (!found.ok) return found;
    const fit = found.value.filter(({ why }) => why === undefined);
    if (options.person !== undefined && fit.length > 1) {
      const problem = 'several users fit, and one person has one account: name one user';
      return err({ code: 'admin.invalid', field: '--pattern', problem });
    }
    if (!options.yes || fit.length === 0) {
      return ok(show(preview(tenant.value, found.value, { pattern, person: options.person })));
    }
    return ok(show(outcome(tenant.value, await adoptThem(ctx.deps, ctx.admin, tenant.value, onePerPerson(fit)))));
  },
});

/** The second one for the same person would find that there is one. */
const onePerPerson = (fit: readonly Candidate[]): readonly Candidate[] =>
  fit.filter(({ person }, index) => fit.findIndex((other) => other.person?.id === person?.id) === index);

const WHY: Readonly<Record<Unfit, string>> = {
  guest: 'is a guest',
  synced: 'is kept in step with a directory on the premises',
  tagged: 'carries the tag of another installation',
  ours: 'is mine already',
  own: 'is your own',
  nobody: 'is nobody that I know; say whose with --person',
  ambiguous: 'could be several people’s; say whose with --person',
  'has-one': 'would be a second account of',
  unread: 'cannot be read just now',
};

const preview = (
  { id, name }: Tenant,
  found: readonly Candidate[],
  { pattern, person }: { readonly pattern: string; readonly person: string | undefined },
): Card => {
  if (found.length === 0) return card(`Nobody in ${name} is called ${pattern}`);
  const fit = found.filter(({ why }) => why === undefined);
  const command = `/jit admin account adopt ${id} --pattern "${pattern}"${person === undefined ? '' : ` --person "${person}"`} --yes`;
  const cut =
    found.length === MOST_ADOPTED ? [line(`Only the first ${MOST_ADOPTED} are shown; more come after these.`)] : [];
  const next = fit.length === 0 ? [] : [line('To do it, type ', code(command))];
  return card(`${name}: ${fit.length} of ${found.length} would be taken`, [
    ...found.map(candidateLine),
    ...cut,
    ...next,
  ]);
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const candidateLine = ({ user, person, roles, groups, why }: Candidate): Line => {
  if (why !== undefined) {
    return line(
      strong(user.upn),
      ` stays: it ${WHY[why]}${why === 'has-one' ? ` ${person?.name ?? 'somebody'}` : ''}.`,
    );
  }
  const risky = roles.filter(({ role }) => isPrivilegedRole(role)).length;
  const loses =
    roles.length + groups === 0
      ? 'holds nothing'
      : `loses ${counted(roles.length, 'role')} and ${counted(groups, 'group')}`;
  const warns =
    risky === 0
      ? ''
      : `; ${risky} of them privileged: if I may not change who holds those, I am refused and go on trying`;
  return line(
    strong(user.upn),
    ` becomes the account of ${person?.name ?? 'somebody'}; ${loses}${warns}; is disabled.`,
  );
};

const CAME: Readonly<Record<Adopted['outcome'], string>> = {
  shut: 'is shut and waits for its owner',
  waiting: 'is on record and not shut yet; I go on trying',
  taken: 'stays: its name, or its owner’s place, was taken in this very moment',
};

const outcome = ({ name }: Tenant, adopted: readonly Adopted[]): Card =>
  card(
    `${name}: ${adopted.filter((one) => one.outcome !== 'taken').length} taken`,
    adopted.map(({ candidate: { user, person }, outcome: came }) =>
      line(strong(user.upn), ` (${person?.name ?? 'somebody'}) ${CAME[came]}.`),
    ),
  );
