/**
 * What the rules say, and why. For whoever has to rely on it:
 *
 * - No rule, no access. One denying rule that matches refuses, whatever others allow.
 * - Each role and group asked for must be covered by an allowing rule that matches: it names the person, the tenant, the
 *   moment at which the access begins, the thing, and the account, its end and its access pass as they are asked for.
 * - A privileged role and a role-assignable group are covered by their id alone, never by a pattern. A role counts as
 *   privileged unless the tenant's directory said that it is not.
 * - What a template holds is covered for requests made from it, in the tenants that it is for. The account, its end and
 *   its access pass that it prescribes are covered for its own roles and groups, and for no others.
 * - The demands of all rules that cover something hold together for the whole request, each in its strictest reading. A
 *   rule that covers nothing of what is asked demands nothing.
 * - A role given in the whole directory may be asked for in a unit of it, one given in a unit nowhere else. A rule that
 *   denies a role in a unit denies it in the whole directory, too.
 * - A user who was there before is lent only by rules that name them, and a guest or one kept in step with another
 *   directory only by those that say so. They are never disabled or deleted: `keep` is the one end that there is. An
 *   access pass, with which somebody signs in as them, is given by no template.
 * - A denying rule matches where every part of it that says something is met by something that is asked, and where any
 *   moment of the access falls into its window.
 * - A rule about break-glass passwords says nothing here; see `decide-look.ts`.
 * - What cannot be read (a zone, an expression, a time) keeps people out: it allows nothing and denies what it might.
 * - Whoever's chat account was closed is covered by no rule.
 * - What rules allow is lent only within the limits of the tenant: its roles, its groups, its longest duration.
 *
 * So one more denying rule, one more quorum or a shorter limit never gives anybody more.
 */
import { ORDINARY } from './access.js';
import type { AccountKind, DirectoryGroup, ExistingUser, ExpirationAction, Role } from './access.js';
import type { GroupId } from './ids.js';
import { notLentBy, withinLimits } from './limits.js';
import type { Limits } from './limits.js';
import { fitsExpression, grants, isGroup, isOutsider, lends, listsUser, means } from './patterns.js';
import { isDeactivated, isNamedBy } from './person.js';
import type { Person } from './person.js';
import { reaches } from './rule.js';
import type { AllowRule, Demands, Rule, Selector, Subject, Thing, What } from './rule.js';
import { isTemplateFor } from './template.js';
import type { Template } from './template.js';
import type { Tenant } from './tenant.js';
import { strictest } from './terms.js';
import { isWithin, touches } from './window.js';

/** What is asked. */
export interface Ask {
  readonly requester: Person;
  readonly tenant: Pick<Tenant, 'id' | 'organization' | 'atEnd'> & Limits;
  readonly roles: readonly Role[];
  readonly groups: readonly DirectoryGroup[];
  /** The template it was made from, as it is now. */
  readonly template?: Template;
  readonly account: AccountKind;
  /** Of an `existing` account: whose it is. */
  readonly user?: ExistingUser;
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
export type Condition = 'subject' | 'where' | 'when' | 'what' | 'account' | 'user' | 'at-end' | 'tap';

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
  /** The tenant is being disconnected. */
  | { readonly kind: 'leaving' }
  /** Rules allow it, the tenant lends it to nobody. */
  | { readonly kind: 'not-lent'; readonly things: readonly Thing[] }
  /** `rule`: that allows no more; absent: the tenant lends for no longer. */
  | { readonly kind: 'too-long'; readonly longestMs: number; readonly rule?: AllowRule }
  | { readonly kind: 'ticket'; readonly pattern?: string; readonly rule: AllowRule };

/** The rules' answer, always with its reasons. `rules`: those that cover what is asked; `terms`: their demands together. */
export type Decision = { readonly findings: readonly Finding[] } & (
  | { readonly kind: 'allow'; readonly rules: readonly AllowRule[]; readonly terms: Demands }
  | { readonly kind: 'needs-approval'; readonly rules: readonly AllowRule[]; readonly terms: Demands }
  | { readonly kind: 'refuse'; readonly why: Refusal; readonly terms?: Demands }
);

/** Decides what the rules say, with what each of them had to do with it. Never throws, whatever it is asked. */
export const decide = (ask: Ask, { rules, memberOf }: Book): Decision => {
  const findings: Finding[] = [];
  const matching: AllowRule[] = [];
  const gone = isDeactivated(ask.requester);
  let denying: Rule | undefined;
  // Written as loops, here and below: a form is drawn by deciding about each of a hundred roles.
  for (const rule of rules) {
    const failed = gone && rule.effect === 'allow' ? 'subject' : firstFailed(rule, ask, memberOf);
    findings.push(failed === undefined ? { rule } : { rule, failed });
    if (failed !== undefined) continue;
    if (rule.effect === 'allow') matching.push(rule);
    else denying ??= rule;
  }
  if (ask.roles.length === 0 && ask.groups.length === 0) return refuse(findings, { kind: 'nothing-asked' });
  if (ask.tenant.leaving !== undefined) return refuse(findings, { kind: 'leaving' });
  if (denying !== undefined) return refuse(findings, { kind: 'denied', rule: denying });
  const uncovered = uncoveredBy(matching, ask);
  if (uncovered.length > 0) return refuse(findings, { kind: 'not-covered', things: uncovered });
  const unlent = notLentBy(ask.tenant, ask);
  if (unlent.length > 0) return refuse(findings, { kind: 'not-lent', things: unlent });
  const terms = withinLimits(strictest(matching), ask.tenant);
  const why = unmet(ask, matching, terms);
  if (why !== undefined) return { findings, kind: 'refuse', why, terms };
  return { findings, kind: terms.quorums.length === 0 ? 'allow' : 'needs-approval', rules: matching, terms };
};

const refuse = (findings: readonly Finding[], why: Refusal): Decision => ({ findings, kind: 'refuse', why });

const firstFailed = (rule: Rule, ask: Ask, memberOf: ReadonlySet<GroupId>): Condition | undefined => {
  const elsewhere = firstElsewhere(rule, ask, memberOf);
  if (elsewhere !== undefined) return elsewhere;
  if (rule.what.breakGlass === true) return 'what';
  return rule.effect === 'allow' ? firstUncovered(rule, ask) : firstUnmeant(rule, ask);
};

/** Who asks, where and for when: what every rule looks at first, whatever it is about. */
export type Occasion = Pick<Ask, 'requester' | 'startsAt' | 'durationMs'> & {
  readonly tenant: Pick<Tenant, 'id' | 'organization'>;
};

export const firstElsewhere = (
  rule: Rule,
  { requester, tenant, startsAt, durationMs }: Occasion,
  memberOf: ReadonlySet<GroupId>,
): 'subject' | 'where' | 'when' | undefined => {
  if (!isAbout(rule, requester, memberOf)) return 'subject';
  if (!reaches(rule, tenant)) return 'where';
  const { when } = rule;
  if (when === undefined) return undefined;
  const met = rule.effect === 'allow' ? isWithin(when, startsAt) : touches(when, startsAt, durationMs);
  return met ? undefined : 'when';
};

/** Whether a rule is about this person. */
export const isAbout = (rule: Rule, person: Person, memberOf: ReadonlySet<GroupId>): boolean => {
  for (const subject of rule.subjects) if (concerns(subject, person, memberOf)) return true;
  return false;
};

/** Whether a rule's subject means this person. */
export const concerns = (subject: Subject, person: Person, memberOf: ReadonlySet<GroupId>): boolean => {
  if (subject.kind === 'everyone') return true;
  return subject.kind === 'group' ? memberOf.has(subject.id) : isNamedBy(person, subject.id);
};

/** An allowing rule matches when it covers something that is asked, as it is asked. */
const firstUncovered = (rule: AllowRule, ask: Ask): Condition | undefined => {
  const template = templateOf(rule, ask);
  const named = namesOne(rule.what.roles, ask.roles) || namesOne(rule.what.groups, ask.groups);
  const unfit = named ? firstUnfit(rule.what, ask) : 'what';
  if (unfit === undefined || template === undefined) return unfit;
  const held = ask.roles.some((role) => holds(template, role)) || ask.groups.some((group) => holds(template, group));
  return held ? firstUnfit(rule.what, ask, template) : unfit;
};

const uncoveredBy = (rules: readonly AllowRule[], ask: Ask): readonly Thing[] => {
  const uncovered: Thing[] = [];
  for (const role of ask.roles) if (!isCovered(rules, role, ask)) uncovered.push(role);
  for (const group of ask.groups) if (!isCovered(rules, group, ask)) uncovered.push(group);
  return uncovered;
};

const isCovered = (rules: readonly AllowRule[], thing: Thing, ask: Ask): boolean => {
  for (const rule of rules) if (covers(rule, thing, ask)) return true;
  return false;
};

/** Whether an allowing rule covers one thing as it is asked: by its own lists, or as part of a template that it names. */
export const covers = (rule: AllowRule, thing: Thing, ask: Ask): boolean => {
  const { roles, groups } = rule.what;
  if (names(isGroup(thing) ? groups : roles, thing) && firstUnfit(rule.what, ask) === undefined) return true;
  const template = templateOf(rule, ask);
  return template !== undefined && holds(template, thing) && firstUnfit(rule.what, ask, template) === undefined;
};

const names = (selectors: readonly Selector<string>[], thing: Thing): boolean => {
  for (const selector of selectors) if (grants(selector, thing)) return true;
  return false;
};

const namesOne = (selectors: readonly Selector<string>[], things: readonly Thing[]): boolean => {
  for (const thing of things) if (names(selectors, thing)) return true;
  return false;
};

const holds = (template: Template, thing: Thing): boolean => {
  const held: readonly Thing[] = isGroup(thing) ? template.groups : template.roles;
  return held.some((one) => grants({ kind: 'one', ...one }, thing));
};

/** The template of the ask, where the rule names it and it is meant for the tenant. */
const templateOf = (rule: Rule, { template, tenant }: Ask): Template | undefined =>
  template !== undefined && rule.what.templates.includes(template.id) && isTemplateFor(template, tenant)
    ? template
    : undefined;

const ORDINARY_ACCOUNTS: readonly AccountKind[] = ['dedicated'];
/** What becomes of an account where a rule does not say it: the tenant's own default. */
const ORDINARY_ENDS: Readonly<Record<ExpirationAction, readonly ExpirationAction[]>> = {
  keep: ['keep'],
  disable: ['disable'],
  delete: ['delete'],
};

/** What of the ask, beside roles and groups, neither the rule nor the template provides for. */
const firstUnfit = (what: What, ask: Ask, template?: Template): Condition | undefined => {
  const usual = ORDINARY_ENDS[ask.tenant.atEnd ?? ORDINARY.atEnd];
  const { accounts = ORDINARY_ACCOUNTS, atEnd = usual, tap = false } = what;
  if (!accounts.includes(ask.account) && template?.account !== ask.account) return 'account';
  if (ask.account === 'existing') {
    if (ask.user === undefined || !lends(what, ask.user)) return 'user';
    if (ask.atEnd !== 'keep') return 'at-end';
    // To sign in as somebody who is there is more than a template may give.
    return ask.tap && !tap ? 'tap' : undefined;
  }
  if (!atEnd.includes(ask.atEnd) && template?.atEnd !== ask.atEnd) return 'at-end';
  return ask.tap && !tap && template?.tap !== true ? 'tap' : undefined;
};

/** A denying rule matches when every part of it that says something is met by something that is asked. */
const firstUnmeant = ({ what }: Rule, ask: Ask): Condition | undefined => {
  const anything = what.roles.length === 0 && what.groups.length === 0;
  if (!anything && !meansSome(what.roles, ask.roles) && !meansSome(what.groups, ask.groups)) return 'what';
  if (what.templates.length > 0 && (ask.template === undefined || !what.templates.includes(ask.template.id))) {
    return 'what';
  }
  if (what.accounts !== undefined && !what.accounts.includes(ask.account)) return 'account';
  if (!meansUser(what, ask.user)) return 'user';
  if (what.atEnd !== undefined && !what.atEnd.includes(ask.atEnd)) return 'at-end';
  return what.tap !== undefined && what.tap !== ask.tap ? 'tap' : undefined;
};

const meansUser = ({ users, outsiders }: What, user: ExistingUser | undefined): boolean => {
  if (users !== undefined && (user === undefined || !listsUser(users, user))) return false;
  return outsiders === undefined || outsiders === (user !== undefined && isOutsider(user));
};

const meansSome = (selectors: readonly Selector<string>[], things: readonly Thing[]): boolean =>
  selectors.length > 0 && things.some((thing) => selectors.some((selector) => means(selector, thing)));

const unmet = (ask: Ask, rules: readonly AllowRule[], { longestMs }: Demands): Refusal | undefined => {
  // Asked this way round, what is not a number is too long.
  if (!(ask.durationMs <= longestMs)) {
    const strict = rules.find(({ demands }) => !(demands.longestMs > longestMs));
    return { kind: 'too-long', longestMs, ...(strict === undefined ? {} : { rule: strict }) };
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
