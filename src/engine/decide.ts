import type { AccountKind, DirectoryGroup, ExpirationAction, Role } from './access.js';
import type { GroupId } from './ids.js';
import { isNamedBy } from './person.js';
import type { Person } from './person.js';
import { fitsExpression, grants, means } from './patterns.js';
import { reaches } from './rule.js';
import type { AllowRule, Demands, Rule, Selector, Subject, Thing } from './rule.js';
import type { Template } from './template.js';
import type { Tenant } from './tenant.js';
import { strictest } from './terms.js';
import { isWithin } from './window.js';

/** What is asked. */
export interface Ask {
  readonly requester: Person;
  readonly tenant: Pick<Tenant, 'id' | 'organization'>;
  readonly roles: readonly Role[];
  readonly groups: readonly DirectoryGroup[];
  /** The template it was made from, as it is now. */
  readonly template?: Template;
  readonly account: AccountKind;
  readonly atEnd: ExpirationAction;
  readonly tap: boolean;
  readonly ticket?: string;
  readonly durationMs: number;
  /** When the access would begin. */
  readonly startsAt: Date;
}

/** Every rule that can concern the ask, and the groups its requester is in, `All admins` of that tenant among them. */
export interface Book {
  readonly rules: readonly Rule[];
  readonly memberOf: ReadonlySet<GroupId>;
}

/** The parts of a rule in the order in which they are looked at. */
export type Condition = 'subject' | 'where' | 'when' | 'what' | 'account' | 'at-end' | 'tap';

/** What one rule has to do with the ask: it matched, or the first condition that it failed. */
export interface Finding {
  readonly rule: Rule;
  readonly failed?: Condition;
}

/** Why not. */
export type Refusal =
  | { readonly kind: 'nothing-asked' }
  | { readonly kind: 'denied'; readonly rule: Rule }
  | { readonly kind: 'not-covered'; readonly things: readonly Thing[] }
  | { readonly kind: 'too-long'; readonly longestMs: number; readonly rule: AllowRule }
  | { readonly kind: 'ticket'; readonly pattern?: string; readonly rule: AllowRule };

/** The rules' answer, always with its reasons. `rules`: those that cover what is asked; `terms`: their demands together. */
export type Decision = { readonly findings: readonly Finding[] } & (
  | { readonly kind: 'allow'; readonly rules: readonly AllowRule[]; readonly terms: Demands }
  | { readonly kind: 'needs-approval'; readonly rules: readonly AllowRule[]; readonly terms: Demands }
  | { readonly kind: 'refuse'; readonly why: Refusal; readonly terms?: Demands }
);

/**
 * Decides what the rules say. No rule, no access; a denying rule wins over every other. Each role and group must be
 * covered by some rule that matches, and all the demands of all rules that cover something hold together, so that one
 * rule more can only ever ask for more than those before it did of what they cover.
 */
export const decide = (ask: Ask, { rules, memberOf }: Book): Decision => {
  const findings: Finding[] = [];
  const matching: AllowRule[] = [];
  let denying: Rule | undefined;
  for (const rule of rules) {
    const failed = firstFailed(rule, ask, memberOf);
    if (failed !== undefined) {
      findings.push({ rule, failed });
      continue;
    }
    findings.push({ rule });
    if (rule.effect === 'allow') matching.push(rule);
    else denying ??= rule;
  }
  if (ask.roles.length === 0 && ask.groups.length === 0) return refuse(findings, { kind: 'nothing-asked' });
  if (denying !== undefined) return refuse(findings, { kind: 'denied', rule: denying });
  const uncovered = [...ask.roles, ...ask.groups].filter((thing) => !matching.some((rule) => covers(rule, thing, ask)));
  if (uncovered.length > 0) return refuse(findings, { kind: 'not-covered', things: uncovered });
  const terms = strictest(matching);
  const why = unmet(ask, matching, terms);
  if (why !== undefined) return { findings, kind: 'refuse', why, terms };
  return { findings, kind: terms.quorums.length === 0 ? 'allow' : 'needs-approval', rules: matching, terms };
};

const refuse = (findings: readonly Finding[], why: Refusal): Decision => ({ findings, kind: 'refuse', why });

const firstFailed = (rule: Rule, ask: Ask, memberOf: ReadonlySet<GroupId>): Condition | undefined => {
  if (!rule.subjects.some((subject) => concerns(subject, ask.requester, memberOf))) return 'subject';
  if (!reaches(rule, ask.tenant)) return 'where';
  if (rule.when !== undefined && !isWithin(rule.when, ask.startsAt)) return 'when';
  return rule.effect === 'allow' ? firstUncovered(rule, ask) : firstUnmeant(rule, ask);
};

/** Whether a rule's subject means this person. */
export const concerns = (subject: Subject, person: Person, memberOf: ReadonlySet<GroupId>): boolean => {
  if (subject.kind === 'everyone') return true;
  return subject.kind === 'group' ? memberOf.has(subject.id) : isNamedBy(person, subject.id);
};

/** An allowing rule matches when it covers something that is asked, as it is asked. */
const firstUncovered = (rule: AllowRule, ask: Ask): Condition | undefined => {
  const template = templateOf(rule, ask);
  const { accounts = ['dedicated'], atEnd = ['disable'], tap = false } = rule.what;
  if (![...ask.roles, ...ask.groups].some((thing) => covers(rule, thing, ask))) return 'what';
  if (!accounts.includes(ask.account) && template?.account !== ask.account) return 'account';
  if (!atEnd.includes(ask.atEnd) && template?.atEnd !== ask.atEnd) return 'at-end';
  return ask.tap && !tap && template?.tap !== true ? 'tap' : undefined;
};

/** The template of the ask, where the rule is about it. */
const templateOf = (rule: Rule, { template }: Ask): Template | undefined =>
  template !== undefined && rule.what.templates.includes(template.id) ? template : undefined;

/** Whether an allowing rule covers one thing: by its own lists, or because it is part of a template that it names. */
export const covers = (rule: AllowRule, thing: Thing, ask: Pick<Ask, 'template'>): boolean => {
  const isGroup = 'roleAssignable' in thing;
  const selectors: readonly Selector<string>[] = isGroup ? rule.what.groups : rule.what.roles;
  if (selectors.some((selector) => grants(selector, thing))) return true;
  const { template } = ask;
  if (template === undefined || !rule.what.templates.includes(template.id)) return false;
  const held: readonly Thing[] = isGroup ? template.groups : template.roles;
  return held.some(({ id }) => id === thing.id);
};

/** A denying rule matches when every part of it that says something is met by something that is asked. */
const firstUnmeant = ({ what }: Rule, ask: Ask): Condition | undefined => {
  if (!meansSome(what.roles, ask.roles, what.groups, ask.groups)) return 'what';
  if (what.templates.length > 0 && (ask.template === undefined || !what.templates.includes(ask.template.id))) {
    return 'what';
  }
  if (what.accounts !== undefined && !what.accounts.includes(ask.account)) return 'account';
  if (what.atEnd !== undefined && !what.atEnd.includes(ask.atEnd)) return 'at-end';
  return what.tap !== undefined && what.tap !== ask.tap ? 'tap' : undefined;
};

const meansSome = (
  roles: readonly Selector<string>[],
  askedRoles: readonly Role[],
  groups: readonly Selector<string>[],
  askedGroups: readonly DirectoryGroup[],
): boolean =>
  (roles.length === 0 && groups.length === 0) ||
  roles.some((selector) => askedRoles.some((role) => means(selector, role))) ||
  groups.some((selector) => askedGroups.some((group) => means(selector, group)));

const unmet = (ask: Ask, rules: readonly AllowRule[], terms: Demands): Refusal | undefined => {
  if (ask.durationMs > terms.longestMs) {
    const rule = rules.find(({ demands }) => demands.longestMs === terms.longestMs);
    if (rule !== undefined) return { kind: 'too-long', longestMs: terms.longestMs, rule };
  }
  for (const rule of rules) {
    const { ticket } = rule.demands;
    if (ticket === undefined) continue;
    const { pattern } = ticket;
    const fits = ask.ticket !== undefined && (pattern === undefined || fitsExpression(pattern, ask.ticket));
    if (!fits) return { kind: 'ticket', rule, ...(pattern === undefined ? {} : { pattern }) };
  }
  return undefined;
};
