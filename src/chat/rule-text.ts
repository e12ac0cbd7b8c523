/** A rule as a sentence, the same for whoever makes it, lists it, tests it, or wants to know what it lets them do. */
import type { AccountKind, AdministrativeUnit, ExpirationAction } from '../engine/access.js';
import { VIEW_MS } from '../engine/break-glass-view.js';
import { KEEPERS, quorumsToMeet } from '../engine/decide-look.js';
import { ALL_ADMINS } from '../engine/group.js';
import type { Demands, Quorum, Rule, Selector, Subject, What, Where } from '../engine/rule.js';
import { LAPSE_MS } from '../engine/transitions.js';
import { sayWindow } from '../engine/window-text.js';
import type { FlowDeps } from '../flows/deps.js';
import { sayDuration, sayList } from './say.js';

/** What the things that rules name are called now. */
export interface Names {
  readonly of: (kind: 'group' | 'person' | 'tenant' | 'organization' | 'template', id: string) => string;
}

/** The names of everything that these rules name, in a few reads however many rules there are. */
export const namesIn = async (
  { config, people }: Pick<FlowDeps, 'config' | 'people'>,
  rules: readonly Rule[],
): Promise<Names> => {
  const subjects = rules.flatMap((rule) => rule.subjects);
  const places = rules.flatMap((rule) => rule.where);
  const quorums = rules.flatMap((rule) => (rule.effect === 'allow' ? rule.demands.quorums : []));
  const groups = [
    ...subjects.flatMap((one) => (one.kind === 'group' ? [one.id] : [])),
    ...quorums.flatMap(({ group, escalation }) => (escalation === undefined ? [group] : [group, escalation.group])),
  ];
  const owners = rules.flatMap(({ organization }) => (organization === undefined ? [] : [organization]));
  const found = await Promise.all([
    named('group', groups, (ids) => config.groups.byIds(ids)),
    named(
      'person',
      subjects.flatMap((one) => (one.kind === 'person' ? [one.id] : [])),
      (ids) => people.byIds(ids),
    ),
    named(
      'tenant',
      places.flatMap((one) => (one.kind === 'tenant' ? [one.id] : [])),
      (ids) => config.tenants.byIds(ids),
    ),
    named(
      'organization',
      [...owners, ...places.flatMap((one) => (one.kind === 'organization' ? [one.id] : []))],
      (ids) => config.organizations.byIds(ids),
    ),
    named(
      'template',
      rules.flatMap(({ what }) => what.templates),
      (ids) => config.templates.byIds(ids),
    ),
  ]);
  const builtIn = [ALL_ADMINS, KEEPERS].map(({ id, name }) => [`group:${id}`, name] as const);
  const names = new Map([...builtIn, ...found.flat()]);
  return { of: (kind, id) => names.get(`${kind}:${id}`) ?? id };
};

const named = async <Id extends string>(
  kind: string,
  ids: readonly Id[],
  read: (ids: readonly Id[]) => Promise<readonly { readonly id: Id; readonly name: string }[]>,
): Promise<readonly (readonly [string, string])[]> => {
  if (ids.length === 0) return [];
  return (await read([...new Set(ids)])).map(({ id, name }) => [`${kind}:${id}`, name] as const);
};

/** All of a rule in one sentence; what goes without saying is left out, and the rest of its terms follow in short ones. */
export const sayRule = (rule: Rule, names: Names): string => {
  const subjects = sayList(rule.subjects.map((subject) => saySubject(subject, names)));
  const where = sayList(rule.where.map((place) => sayPlace(place, rule, names)));
  const when = rule.when === undefined ? '' : `, ${sayWindow(rule.when)}`;
  if (rule.what.breakGlass === true) return sayLookRule(rule, { subjects, where, when }, names);
  if (rule.effect === 'deny') {
    const who = subjects === EVERYONE ? 'Nobody may' : `${subjects} may never`;
    return `${who} ask for ${sayForbidden(rule.what, names)} in ${where.replaceAll('every tenant', 'any tenant')}${when}.`;
  }
  const { demands } = rule;
  const head = `${subjects} may ask for ${sayWhat(rule.what, names)} in ${where} for up to ${sayDuration(demands.longestMs)}`;
  return `${head}${when}${sayTicket(demands)} ${sayConsent(demands.quorums, names)}.${sayRest(demands, names)}`;
};

/** `Leads may look at the break-glass passwords of Contoso for up to 1 h when 1 of Vault members and owners agrees.` */
const sayLookRule = (
  rule: Rule,
  { subjects, where, when }: { readonly subjects: string; readonly where: string; readonly when: string },
  names: Names,
): string => {
  const pass = rule.what.tap === undefined ? '' : rule.what.tap ? ' with an access pass' : ' without an access pass';
  if (rule.effect === 'deny') {
    const who = subjects === EVERYONE ? 'Nobody may' : `${subjects} may never`;
    return `${who} look at the break-glass passwords of ${where.replaceAll('every tenant', 'any tenant')}${pass}${when}.`;
  }
  const { demands } = rule;
  const wanted = rule.what.tap === true ? `,${pass} if wanted,` : '';
  return `${subjects} may look at the break-glass passwords of ${where}${wanted} for up to ${sayDuration(demands.longestMs)}${when} ${sayConsent(quorumsToMeet(demands.quorums), names)}.${sayRest(demands, names, VIEW_MS)}`;
};

const EVERYONE = 'Everyone';

export const saySubject = (subject: Subject, names: Names): string =>
  subject.kind === 'everyone' ? EVERYONE : names.of(subject.kind, subject.id);

export const sayPlace = (place: Where, { organization }: Pick<Rule, 'organization'>, names: Names): string => {
  if (place.kind === 'tenant') return names.of('tenant', place.id);
  const owner = place.kind === 'organization' ? place.id : organization;
  return owner === undefined ? 'every tenant' : `every tenant of ${names.of('organization', owner)}`;
};

const sayWhat = (what: What, names: Names): string => {
  const things = [
    ...what.roles.map((role) => saySelector(role, 'role')),
    ...what.groups.map((group) => saySelector(group, 'group')),
    ...what.templates.map((id) => `template ${names.of('template', id)}`),
  ];
  const { accounts, atEnd, tap, users = [] } = what;
  const own = accounts === undefined || isOrdinary(accounts, 'dedicated');
  const whose = users.length === 0 ? '' : ` (${sayUsers(what)})`;
  const asides = [
    ...(atEnd === undefined ? [] : [`${own ? 'on an account ' : ''}which is ${sayEnds(atEnd)} at the end`]),
    ...(tap === true ? [sayPass(accounts)] : []),
  ];
  const said = `${sayList(things)}${own ? '' : ` on ${sayAccounts(accounts)}`}${whose}`;
  return asides.length === 0 ? said : `${[said, ...asides].join(', ')},`;
};

/** With a pass for a user who is there, somebody signs in as them. */
const sayPass = (accounts: readonly AccountKind[] = []): string =>
  accounts.includes('existing')
    ? 'with an access pass if wanted, which signs in as that user'
    : 'with an access pass if wanted';

const isOrdinary = <T>(said: readonly T[], ordinary: T): boolean => said.length === 1 && said[0] === ordinary;

const sayForbidden = (what: What, names: Names): string => {
  const things = [
    ...what.roles.map((role) => (role.kind === 'one' ? sayRole(role) : `any role named ${role.pattern}`)),
    ...what.groups.map((group) => (group.kind === 'one' ? `group ${group.name}` : `any group named ${group.pattern}`)),
  ];
  const from = what.templates.map((id) => names.of('template', id));
  return [
    things.length === 0 ? 'anything' : anyOf(things),
    ...(from.length === 0 ? [] : [`from template ${anyOf(from)}`]),
    ...(what.accounts === undefined ? [] : [`on ${sayAccounts(what.accounts)}`]),
    ...((what.users ?? []).length === 0 ? [] : [`of ${sayUsers({ users: what.users ?? [] })}`]),
    ...(what.outsiders === undefined
      ? []
      : [`of ${what.outsiders ? 'a guest or a synced user' : 'nobody from elsewhere'}`]),
    ...(what.atEnd === undefined ? [] : [`that is ${sayEnds(what.atEnd)} at the end`]),
    ...(what.tap === undefined ? [] : [what.tap ? 'with an access pass' : 'without an access pass']),
  ].join(' ');
};

/** `Exchange Administrator`, `every role that is not privileged`, `roles named Exchange* (none that is privileged)`. */
export const saySelector = (selector: Selector<string>, what: 'role' | 'group'): string => {
  if (selector.kind === 'one') return what === 'role' ? sayRole(selector) : `group ${selector.name}`;
  const spared = what === 'role' ? 'privileged' : 'role-assignable';
  if (/^\*+$/u.test(selector.pattern)) return `every ${what} that is not ${spared}`;
  return `${what}s named ${selector.pattern} (none that is ${spared})`;
};

/** `User Administrator in Berlin office`. */
export const sayRole = ({ name, unit }: { readonly name: string; readonly unit?: AdministrativeUnit }): string =>
  unit === undefined ? name : `${name} in ${unit.name}`;

/** `admin@contoso.com or any named svc-*, guests and synced users included`. */
export const sayUsers = ({ users = [], outsiders = false }: Pick<What, 'users' | 'outsiders'>): string =>
  `${anyOf(users.map((one) => (one.kind === 'one' ? one.name : `any named ${one.pattern}`)))}${outsiders ? ', guests and synced users included' : ''}`;

const ACCOUNTS: Readonly<Record<AccountKind, string>> = {
  dedicated: 'their own account',
  fresh: 'a new account',
  existing: 'an existing user',
};

const ENDS: Readonly<Record<ExpirationAction, string>> = { keep: 'kept', disable: 'disabled', delete: 'deleted' };

export const sayAccounts = (kinds: readonly AccountKind[]): string => anyOf(kinds.map((kind) => ACCOUNTS[kind]));

export const sayEnds = (ends: readonly ExpirationAction[]): string => anyOf(ends.map((end) => ENDS[end]));

/** `a, b or c`; nothing is folded away. */
const anyOf = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

const sayTicket = ({ ticket }: Demands): string => {
  if (ticket === undefined) return '';
  return ticket.pattern === undefined ? ', with a ticket,' : `, with a ticket that matches ${ticket.pattern},`;
};

/** `without approval`, `when 1 of Leads and 2 of Managers agree`. */
export const sayConsent = (quorums: readonly Quorum[], names: Names): string => {
  if (quorums.length === 0) return 'without approval';
  const people = quorums.reduce((sum, { count }) => sum + count, 0);
  return `when ${sayQuorums(quorums, names)} ${people === 1 ? 'agrees' : 'agree'}`;
};

/** `1 of Leads and 2 of Managers`, by the names that the groups have now. */
export const sayQuorums = (quorums: readonly Quorum[], names: Names): string =>
  sayList(quorums.map(({ count, group, groupName }) => `${count} of ${nowCalled(names, group, groupName)}`));

/** A group that is gone keeps the name that it had. */
const nowCalled = (names: Names, id: string, name: string): string => {
  const now = names.of('group', id);
  return now === id ? name : now;
};

const sayRest = (
  { quorums, selfApproval, denials, pendingMs, secondFactor }: Demands,
  names: Names,
  usualMs = LAPSE_MS,
): string => {
  const escalation = quorums.find((quorum) => quorum.escalation !== undefined)?.escalation;
  const rest = [
    ...(escalation === undefined
      ? []
      : [
          `After ${sayDuration(escalation.afterMs)} ${nowCalled(names, escalation.group, escalation.groupName)} is asked, too.`,
        ]),
    ...(selfApproval ? ['The requester counts where they are one of them.'] : []),
    ...(secondFactor ? ['Agreeing takes a passkey.'] : []),
    ...(denials === 1 ? [] : [`It takes ${denials} denials to end it.`]),
    ...(pendingMs === usualMs ? [] : [`It lapses after ${sayDuration(pendingMs)}.`]),
  ];
  return rest.map((sentence) => ` ${sentence}`).join('');
};
