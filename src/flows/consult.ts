import { concerns, decide } from '../engine/decide.js';
import type { Ask, Book, Decision, Refusal } from '../engine/decide.js';
import { ordinaryIn } from '../engine/access.js';
import type { Role } from '../engine/access.js';
import type { Allowance, Fault } from '../engine/faults.js';
import { isGroup } from '../engine/patterns.js';
import type { Person } from '../engine/person.js';
import { isPrivilegedRole } from '../engine/roles.js';
import { reaches } from '../engine/rule.js';
import type { Thing } from '../engine/rule.js';
import type { Tenant } from '../engine/tenant.js';
import { bookFor } from './book.js';
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
): Promise<Decision> => decide({ ...question, requester }, await bookFor(deps, requester, question.tenant));

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
        allowances: allowancesIn(await bookFor(deps, requester, tenant), requester, {
          ...question,
          ...ordinaryIn(tenant),
        }),
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
      // As far as can be told without the directory, so that the demands of patterns count where they would.
      named.set(selector.id, { id: selector.id, name: selector.name, privileged: isPrivilegedRole(selector.id) });
    }
  }
  return [...named.values()]
    .flatMap((role) => allowanceFor(book, requester, question, role) ?? [])
    .toSorted((one, other) => one.role.localeCompare(other.role));
};

/** What would come of asking for this one role for the shortest time, as far as rules can say before a ticket is named. */
export const allowanceFor = (
  book: Book,
  requester: Person,
  question: Question,
  role: Role,
): (Allowance & { readonly decision: Decision }) | undefined => {
  const { ticket: _ticket, ...rest } = question;
  const decision = decide({ ...rest, requester, roles: [role], groups: [], durationMs: 0 }, book);
  const { terms } = decision;
  return terms === undefined ? undefined : { role: role.name, longestMs: terms.longestMs, decision };
};

/** Whether any rule lets this person ask for anything in this tenant, at some time or other. */
export const isOpenTo = ({ rules, memberOf }: Book, requester: Person, tenant: Ask['tenant']): boolean =>
  rules.some(
    (rule) =>
      rule.effect === 'allow' &&
      reaches(rule, tenant) &&
      rule.subjects.some((subject) => concerns(subject, requester, memberOf)),
  );
