import type { Allowance, Fault } from './faults.js';
import { idsOf, mayBeSameHuman, speaksOn } from './person.js';
import type { Person } from './person.js';
import type { AccessRequest } from './request.js';
import type { Group, Quorum, Role, Rule, Tenant } from './tenant.js';

/** What is asked, together with every rule and group that can concern it. */
export interface Asked {
  readonly requester: Person;
  readonly tenant: Tenant;
  readonly roles: readonly Role[];
  readonly durationMs: number;
  readonly rules: readonly Rule[];
  readonly groups: readonly Group[];
  /** Names to turn to when nothing matches. */
  readonly admins: readonly string[];
}

/** The rules' answer, with the rules it rests on. */
export type Decision =
  | { readonly kind: 'allow'; readonly rules: readonly Rule[] }
  | { readonly kind: 'needs-approval'; readonly rules: readonly Rule[]; readonly quorums: readonly Quorum[] }
  | { readonly kind: 'refuse'; readonly fault: Fault };

/**
 * Decides what the rules say of a request. No rule, no access. Where several rules cover what is asked, all their
 * demands hold: the shortest duration and every quorum.
 */
export const decide = (asked: Asked): Decision => {
  if (asked.roles.length === 0) return { kind: 'refuse', fault: { code: 'role.missing' } };
  const open = rulesFor(asked);
  const covering = open.filter((rule) => rule.roles.some((role) => asked.roles.some(({ id }) => id === role.id)));
  const uncovered = asked.roles.filter((role) => !covering.some((rule) => rule.roles.some(({ id }) => id === role.id)));
  if (uncovered.length > 0) return refuseUncovered(asked, open, uncovered);
  const strictest = covering.reduce((one, other) => (other.longestMs < one.longestMs ? other : one));
  if (asked.durationMs > strictest.longestMs) {
    const { longestMs, name } = strictest;
    return { kind: 'refuse', fault: { code: 'policy.too-long', tenant: asked.tenant.name, longestMs, rule: name } };
  }
  const quorums = combine(covering.flatMap((rule) => (rule.quorum === undefined ? [] : [rule.quorum])));
  return quorums.length === 0
    ? { kind: 'allow', rules: covering }
    : { kind: 'needs-approval', rules: covering, quorums };
};

const rulesFor = ({ requester, tenant, rules, groups }: Omit<Asked, 'roles' | 'durationMs' | 'admins'>): Rule[] => {
  const mine = new Set(groups.filter((group) => isMember(group, requester)).map((group) => group.id));
  return rules.filter((rule) => rule.tenants.includes(tenant.id) && rule.subjects.some((subject) => mine.has(subject)));
};

export const isMember = (group: Group, person: Person): boolean =>
  idsOf(person).some((id) => group.members.includes(id));

const refuseUncovered = (asked: Asked, open: readonly Rule[], uncovered: readonly Role[]): Decision => ({
  kind: 'refuse',
  fault: {
    code: 'policy.not-covered',
    tenant: asked.tenant.name,
    roles: uncovered.map((role) => role.name),
    allowances: allowancesOf(open),
    admins: asked.admins,
  },
});

const allowancesOf = (rules: readonly Rule[]): readonly Allowance[] => {
  const shortest = new Map<string, number>();
  for (const { roles, longestMs } of rules) {
    for (const { name } of roles) shortest.set(name, Math.min(longestMs, shortest.get(name) ?? Infinity));
  }
  return [...shortest]
    .map(([role, longestMs]) => ({ role, longestMs }))
    .toSorted((a, b) => a.role.localeCompare(b.role));
};

/** What a person may ask for in a tenant: each role once, with the longest duration that would be accepted. */
export const allowances = (
  asked: Omit<Asked, 'roles' | 'durationMs' | 'admins'>,
): readonly (Role & { longestMs: number })[] => {
  const byId = new Map<string, Role & { longestMs: number }>();
  for (const { roles, longestMs } of rulesFor(asked)) {
    for (const role of roles) {
      byId.set(role.id, { ...role, longestMs: Math.min(longestMs, byId.get(role.id)?.longestMs ?? Infinity) });
    }
  }
  return [...byId.values()].toSorted((a, b) => a.name.localeCompare(b.name));
};

/** One demand a group: asking a group for 1 and for 2 is asking it for 2. */
const combine = (quorums: readonly Quorum[]): readonly Quorum[] => {
  const byGroup = new Map<string, Quorum>();
  for (const quorum of quorums) {
    const known = byGroup.get(quorum.group);
    if (known === undefined || quorum.count > known.count) byGroup.set(quorum.group, quorum);
  }
  return [...byGroup.values()];
};

/**
 * Why this person may not decide this request, or `undefined`. Asked at the click, of what was loaded at the click.
 * Somebody who does not speak in the chat where it was asked cannot be told apart from the requester there.
 */
export const whyNotDecide = (
  request: AccessRequest,
  decider: Person,
  requester: Person,
  groups: readonly Group[],
): Fault | undefined => {
  if (mayBeSameHuman(decider, requester)) return { code: 'request.own', asked: request.asked.map(({ name }) => name) };
  const asked = request.quorums.some((quorum) =>
    groups.some((group) => group.id === quorum.group && isMember(group, decider)),
  );
  if (!asked) return { code: 'request.not-approver', asked: request.asked.map(({ name }) => name) };
  if (!speaksOn(decider, request.askedOn)) return { code: 'request.unlinked', platform: request.askedOn };
  return undefined;
};

/** Whether enough people who still count have approved. One human counts once for each group they are in. */
export const quorumsMet = (request: AccessRequest, approvers: readonly Person[], groups: readonly Group[]): boolean =>
  request.quorums.every((quorum) => {
    const group = groups.find(({ id }) => id === quorum.group);
    const counted = approvers.filter((person) => group !== undefined && isMember(group, person));
    return humansAmong(counted).length >= quorum.count;
  });

const humansAmong = (people: readonly Person[]): readonly Person[] =>
  people.filter((person, index) => !people.slice(0, index).some((known) => mayBeSameHuman(known, person)));
