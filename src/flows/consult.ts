import { concerns, decide } from '../engine/decide.js';
import type { Ask, Book, Decision, Refusal } from '../engine/decide.js';
import { heldAs, ordinaryIn } from '../engine/access.js';
import type { ExistingUser, Role } from '../engine/access.js';
import type { Allowance, Fault } from '../engine/faults.js';
import { isGroup } from '../engine/patterns.js';
import { directoryUserId } from '../engine/ids.js';
import type { DirectoryUserId } from '../engine/ids.js';
import type { Person } from '../engine/person.js';
import { isPrivilegedRole } from '../engine/roles.js';
import { reaches } from '../engine/rule.js';
import type { Selector, Thing } from '../engine/rule.js';
import type { Tenant } from '../engine/tenant.js';
import { bookFor } from './book.js';
import type { Affiliations } from './book.js';
import type { FlowDeps } from './deps.js';
import { adminNames } from './standing.js';
import type { StandingDeps } from './standing.js';

/** What is put before the rules; the requester and the tenant as they are loaded now. */
export interface Question extends Omit<Ask, 'requester' | 'tenant'> {
  readonly tenant: Tenant;
}

/**
 * The rules' word, the one that will be enforced: the form's preview, `/jit can`, `/jit admin rule test`, a submission,
 * each decision on it, and its start all ask here.
 */
export const consult = async (
  deps: Pick<FlowDeps, 'config' | 'settings'>,
  requester: Person,
  question: Question,
  known?: Affiliations,
): Promise<Decision> => decide({ ...question, requester }, await bookFor(deps, requester, question.tenant, known));

/** The refusal as a fault, with whom to ask and what would be allowed instead. */
export const refusalOf = async (
  deps: StandingDeps,
  requester: Person,
  question: Question,
  why: Refusal,
): Promise<Fault> => {
  const { tenant } = question;
  const admins = await adminNames(deps, tenant.organization);
  switch (why.kind) {
    case 'nothing-asked':
      return { code: 'role.missing' };
    case 'denied':
      return { code: 'policy.denied', tenant: tenant.name, rule: why.rule.name, admins };
    case 'leaving':
      return { code: 'tenant.leaving', tenant: tenant.name, admins };
    case 'not-lent':
      return {
        code: 'policy.not-lent',
        tenant: tenant.name,
        things: namesOf(why.things),
        ...lentIn(tenant, why),
        admins,
      };
    case 'too-long':
      return {
        code: 'policy.too-long',
        tenant: tenant.name,
        longestMs: why.longestMs,
        ...(why.rule === undefined ? {} : { rule: why.rule.name }),
      };
    case 'ticket':
      return {
        code: 'policy.ticket',
        rule: why.rule.name,
        ...(why.pattern === undefined ? {} : { pattern: why.pattern }),
        ...(question.ticket === undefined ? {} : { asked: question.ticket }),
      };
    case 'not-covered':
      return {
        code: 'policy.not-covered',
        tenant: tenant.name,
        id: tenant.id,
        roles: namesOf(why.things),
        beside: besideOrdinary(question),
        allowances: allowancesIn(await bookFor(deps, requester, tenant), requester, question),
        admins,
      };
    default:
      return why satisfies never;
  }
};

const namesOf = (things: readonly (Thing & Pick<Role, 'unit'>)[]): readonly string[] =>
  things.map(({ name, unit }) => (unit === undefined ? name : `${name} in ${unit.name}`));

/** What the tenant lends of the kinds of which too much was asked. */
const lentIn = (
  { roles = [], groups = [] }: Tenant,
  { things }: Extract<Refusal, { kind: 'not-lent' }>,
): { readonly roles?: readonly string[]; readonly groups?: readonly string[] } => ({
  ...(things.every(isGroup) ? {} : { roles: namesOf(roles) }),
  ...(things.some(isGroup) ? { groups: namesOf(groups) } : {}),
});

const besideOrdinary = (question: Question): readonly ('account' | 'at-end' | 'tap')[] => {
  const usual = ordinaryIn(question.tenant);
  return (['account', 'at-end', 'tap'] as const).filter((part) => {
    const field = part === 'at-end' ? 'atEnd' : part;
    return question[field] !== usual[field];
  });
};

/** What rules name for this person in this tenant, each with the longest duration that would be accepted. */
const allowancesIn = (book: Book, requester: Person, question: Question): readonly Allowance[] => {
  const named = new Map<string, Role>();
  for (const rule of book.rules) {
    for (const selector of rule.effect === 'allow' ? rule.what.roles : []) {
      if (selector.kind !== 'one') continue;
      const { id, name, unit } = selector;
      // As far as can be told without the directory, so that the demands of patterns count where they would.
      const role = { id, name, privileged: isPrivilegedRole(id), ...(unit === undefined ? {} : { unit }) };
      named.set(heldAs(role), role);
    }
  }
  const manners = mannersNamed(book, question.tenant);
  return [...named.values()]
    .flatMap((role) => allowanceFor(book, requester, question, role, manners) ?? [])
    .toSorted((one, other) => one.role.localeCompare(other.role));
};

type MannerAsked = Pick<Question, 'account' | 'atEnd' | 'tap' | 'user'>;

/** The ordinary manner, and those in which rules lend other accounts. */
const mannersNamed = ({ rules }: Book, tenant: Tenant): readonly MannerAsked[] => {
  const usual = ordinaryIn(tenant);
  const users = rules.flatMap(({ effect, what }) => (effect === 'allow' ? (what.users ?? []) : []));
  return [
    usual,
    ...(['disable', 'delete'] as const).map((atEnd) => ({ ...usual, account: 'fresh' as const, atEnd })),
    ...users.map((one) => ({ account: 'existing' as const, atEnd: 'keep' as const, tap: false, user: likeOne(one) })),
  ];
};

/** Somebody whom a rule means, as far as can be told without the directory. */
const likeOne = (selector: Selector<DirectoryUserId>): ExistingUser => {
  const upn = selector.kind === 'one' ? selector.name : selector.pattern.replaceAll('*', '');
  return { id: selector.kind === 'one' ? selector.id : directoryUserId(''), upn, name: upn, origin: 'cloud' };
};

/**
 * What would come of asking for this one role for the shortest time, as far as rules can say before a ticket is named; in
 * the first of these manners in which it may be asked for.
 */
const allowanceFor = (
  book: Book,
  requester: Person,
  question: Question,
  role: Role,
  manners: readonly MannerAsked[],
): Allowance | undefined => {
  const { ticket: _ticket, user: _user, ...rest } = question;
  for (const manner of manners) {
    const { terms } = decide({ ...rest, ...manner, requester, roles: [role], groups: [], durationMs: 0 }, book);
    const { account } = manner;
    if (terms === undefined) continue;
    const [name = role.name] = namesOf([role]);
    return { role: name, longestMs: terms.longestMs, ...(account === 'dedicated' ? {} : { account }) };
  }
  return undefined;
};

/** Whether any rule lets this person ask for anything in this tenant, at some time or other. */
export const isOpenTo = ({ rules, memberOf }: Book, requester: Person, tenant: Ask['tenant']): boolean =>
  rules.some(
    (rule) =>
      rule.effect === 'allow' &&
      reaches(rule, tenant) &&
      rule.subjects.some((subject) => concerns(subject, requester, memberOf)),
  );
