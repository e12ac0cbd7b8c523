/** A rule as an admin describes it, in parts; and the rule that comes of it. */
import type { AccountKind, ExpirationAction } from '../../engine/access.js';
import { VIEW_MS } from '../../engine/break-glass-view.js';
import type { Fault } from '../../engine/faults.js';
import { ALL_ADMINS } from '../../engine/group.js';
import type { OrganizationId, RuleId, TemplateId } from '../../engine/ids.js';
import { isExpression } from '../../engine/patterns.js';
import type { Demands, Escalation, Quorum, Rule, Subject, What, Where } from '../../engine/rule.js';
import { LAPSE_MS } from '../../engine/transitions.js';
import type { Window } from '../../engine/window.js';
import { MINUTE } from '../../lib/clock.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { FlowDeps } from '../deps.js';
import { groupsFor, rolesFor, usersFor } from './rule-things.js';
import type { Coverage, ThingScope } from './rule-things.js';

/** What was said of a rule. A part that is said takes the place of what was; an absent one stays, or is the ordinary. */
export interface RuleParts {
  readonly subjects?: readonly Subject[];
  readonly where?: readonly Where[];
  /** Names, ids, or patterns with `*`. */
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
  readonly templates?: readonly TemplateId[];
  readonly accounts?: readonly AccountKind[];
  readonly atEnd?: readonly ExpirationAction[];
  readonly tap?: boolean;
  /** User principal names, object ids, or patterns with `*`. */
  readonly users?: readonly string[];
  readonly outsiders?: boolean;
  readonly breakGlass?: true;
  readonly when?: Window | 'always';
  readonly longestMs?: number;
  readonly ticket?: { readonly pattern?: string } | 'none';
  readonly quorums?: readonly Quorum[];
  readonly escalation?: Escalation | 'none';
  readonly selfApproval?: boolean;
  readonly denials?: number;
  readonly pendingMs?: number;
  readonly secondFactor?: boolean;
}

export interface RuleHead {
  readonly id: RuleId;
  readonly name: string;
  readonly organization?: OrganizationId;
}

/** A rule, and what its patterns stand for now. */
export interface Described {
  readonly rule: Rule;
  readonly coverage: readonly Coverage[];
}

type DescribeDeps = Pick<FlowDeps, 'config' | 'directory' | 'search' | 'keptUsers'>;

/** The rule that comes of these parts, upon `base` where there is one. */
export const describe = async (
  deps: DescribeDeps,
  head: RuleHead,
  effect: Rule['effect'],
  parts: RuleParts,
  base?: Rule,
): Promise<Result<Described, Fault>> => {
  const subjects = parts.subjects ?? base?.subjects ?? [];
  const where = parts.where ?? base?.where ?? [];
  const when = parts.when ?? base?.when;
  const looked = await whatOf(deps, { where, effect, ...owned(head) }, parts, base?.what);
  if (!looked.ok) return looked;
  const { what, coverage } = looked.value;
  const body = { ...head, subjects, where, what, ...(when === undefined || when === 'always' ? {} : { when }) };
  const rule: Rule =
    effect === 'deny'
      ? { ...body, effect }
      : { ...body, effect, demands: demandsOf(parts, what, base?.effect === 'allow' ? base.demands : undefined) };
  const fault = unfitRule(rule) ?? (effect === 'allow' ? unfitBorrowing(what) : undefined);
  return fault === undefined ? ok({ rule, coverage }) : err(fault);
};

const owned = ({ organization }: Pick<RuleHead, 'organization'>): Pick<RuleHead, 'organization'> =>
  organization === undefined ? {} : { organization };

const whatOf = async (
  deps: DescribeDeps,
  scope: ThingScope,
  parts: RuleParts,
  base: What | undefined,
): Promise<Result<{ readonly what: What; readonly coverage: readonly Coverage[] }, Fault>> => {
  const templates = parts.templates ?? base?.templates ?? [];
  // Before any is looked up: each group of the directory takes a question to every tenant.
  const tooMany = unfitCount((parts.roles ?? []).length + (parts.groups ?? []).length + (parts.users ?? []).length);
  if (tooMany !== undefined) return err(tooMany);
  const names = parts.roles ?? (base === undefined ? ordinaryRoles(scope, parts) : undefined);
  const roles = names === undefined ? undefined : await rolesFor(deps, scope, names);
  if (roles?.ok === false) return roles;
  const groups = parts.groups === undefined ? undefined : await groupsFor(deps, scope, parts.groups);
  if (groups?.ok === false) return groups;
  const users = parts.users === undefined ? ok(base?.users ?? []) : await usersFor(deps, scope, parts.users);
  if (!users.ok) return users;
  const { accounts = base?.accounts, atEnd = base?.atEnd, tap = base?.tap, outsiders = base?.outsiders } = parts;
  const { breakGlass = base?.breakGlass } = parts;
  return ok({
    what: {
      roles: roles?.value.selectors ?? base?.roles ?? [],
      groups: groups?.value.selectors ?? base?.groups ?? [],
      templates,
      ...(accounts === undefined ? {} : { accounts }),
      ...(atEnd === undefined ? {} : { atEnd }),
      ...(tap === undefined ? {} : { tap }),
      ...(users.value.length === 0 ? {} : { users: users.value }),
      ...(outsiders === undefined ? {} : { outsiders }),
      ...(breakGlass === undefined ? {} : { breakGlass }),
    },
    coverage: [...(roles?.value.coverage ?? []), ...(groups?.value.coverage ?? [])],
  });
};

/** Where nothing is named, a rule that allows is about every role that patterns can give; one that denies, about all. */
const ordinaryRoles = (
  { effect }: ThingScope,
  { groups = [], templates = [], breakGlass }: RuleParts,
): readonly string[] => (effect === 'deny' || breakGlass === true || groups.length + templates.length > 0 ? [] : ['*']);

const demandsOf = (parts: RuleParts, { breakGlass }: What, base: Demands | undefined): Demands => {
  const ticket = parts.ticket ?? base?.ticket;
  const usual = breakGlass === true ? ORDINARY_LOOK : ORDINARY_REQUEST;
  return {
    longestMs: parts.longestMs ?? base?.longestMs ?? usual.longestMs,
    ...(ticket === undefined || ticket === 'none' ? {} : { ticket }),
    quorums: quorumsOf(parts, usual, base),
    selfApproval: parts.selfApproval ?? base?.selfApproval ?? false,
    denials: parts.denials ?? base?.denials ?? 1,
    pendingMs: parts.pendingMs ?? base?.pendingMs ?? usual.pendingMs,
    secondFactor: parts.secondFactor ?? base?.secondFactor ?? false,
  };
};

/** Whoever names other approvers keeps the escalation that there was, unless they name another. */
const quorumsOf = (parts: RuleParts, usual: Pick<Demands, 'quorums'>, base: Demands | undefined): readonly Quorum[] => {
  const quorums = parts.quorums ?? base?.quorums ?? usual.quorums;
  const before = base?.quorums.find((quorum) => quorum.escalation !== undefined)?.escalation;
  const escalation = parts.escalation ?? before;
  return quorums.map(({ group, groupName, count }) => ({
    group,
    groupName,
    count,
    ...(escalation === undefined || escalation === 'none' ? {} : { escalation }),
  }));
};

const ONE_ADMIN: Quorum = { group: ALL_ADMINS.id, groupName: ALL_ADMINS.name, count: 1 };

const ORDINARY_REQUEST = { longestMs: 0, pendingMs: LAPSE_MS, quorums: [ONE_ADMIN] };

/** With nobody named, another member of the vault or an owner has to agree. */
const ORDINARY_LOOK = { longestMs: VIEW_MS, pendingMs: VIEW_MS, quorums: [] };

/** Each subject is filed under each place. */
const MOST_KEYS = 2_000;
const MOST_NAMED = 100;
const MOST_QUORUMS = 10;
const MOST_VOICES = 99;
const LONGEST_PATTERN = 120;
const LONGEST_EXPRESSION = 200;
const SHORTEST_PENDING_MS = MINUTE;

const unfitCount = (count: number): Fault | undefined =>
  count <= MOST_NAMED
    ? undefined
    : invalid('--role', `${count} roles, groups, templates and users are named; at most ${MOST_NAMED} fit`);

/** What no rule may be, whoever writes it and however. */
export const unfitRule = (rule: Rule): Fault | undefined => {
  const { subjects, where, what } = rule;
  if (subjects.length === 0) return invalid('--subject', 'say for whom: a group, a person or everyone');
  if (where.length === 0) return invalid('--tenant', 'say where: --tenant, --organization or --everywhere');
  if (subjects.length * where.length > MOST_KEYS) {
    const count = subjects.length * where.length;
    return invalid(
      '--subject',
      `${subjects.length} subjects at ${where.length} places are ${count} together, and at most ${MOST_KEYS} fit; make a group of the people, or use --organization`,
    );
  }
  const { users = [] } = what;
  const names = [...what.roles, ...what.groups, ...what.templates];
  const tooMany = unfitCount(names.length + users.length);
  if (tooMany !== undefined) return tooMany;
  const long = [...what.roles, ...what.groups, ...users].some(
    (one) => one.kind === 'pattern' && one.pattern.length > LONGEST_PATTERN,
  );
  if (long) return invalid('--role', `a pattern has at most ${LONGEST_PATTERN} characters`);
  const mixed = unfitMixture(rule);
  if (mixed !== undefined || rule.effect === 'deny') return mixed;
  const wide = unfitUsers(what);
  if (wide !== undefined) return wide;
  if (names.length === 0 && what.breakGlass !== true) {
    return invalid('--role', 'say what for: a role, a group, a template, or --break-glass');
  }
  return unfitDemands(rule.demands);
};

/** A rule about break-glass passwords lends nothing, and one that lends says nothing of them. */
const unfitMixture = (rule: Rule): Fault | undefined => {
  const { breakGlass, roles, groups, templates, users = [], accounts, atEnd, outsiders } = rule.what;
  if (breakGlass !== true) return undefined;
  const lends = roles.length + groups.length + templates.length + users.length > 0;
  if (lends || [accounts, atEnd, outsiders].some((part) => part !== undefined)) {
    return invalid('--break-glass', 'such a rule is about nothing else; make another one for roles and accounts');
  }
  if (rule.effect === 'deny') return undefined;
  if (rule.demands.ticket !== undefined)
    return invalid('--ticket', 'a look takes a reason and no ticket; leave it out');
  return rule.demands.selfApproval
    ? invalid('--self-approval', 'a look at break-glass passwords always takes somebody else; leave it out')
    : undefined;
};

/** Fewer characters than these fit too many users for anybody to have meant them. */
const LEAST_OF_A_PATTERN = 3;

const unfitUsers = ({ users = [] }: What): Fault | undefined =>
  users.some((one) => one.kind === 'pattern' && one.pattern.replaceAll('*', '').length < LEAST_OF_A_PATTERN)
    ? invalid('--user', `nobody lends whom they cannot name: write at least ${LEAST_OF_A_PATTERN} characters beside *`)
    : undefined;

/** What says nothing together: users who are not lent, or a loan of nobody. */
const unfitBorrowing = ({ accounts = [], users = [], outsiders }: What): Fault | undefined => {
  const lends = accounts.includes('existing');
  if (lends && users.length === 0) {
    return invalid('--user', 'say which users may be borrowed: --user admin@contoso.com, or a pattern like "svc-*"');
  }
  return !lends && (users.length > 0 || outsiders === true)
    ? invalid('--user', 'that is for users who are there already: add --account existing')
    : undefined;
};

const unfitDemands = ({ longestMs, ticket, quorums, denials, pendingMs }: Demands): Fault | undefined => {
  if (longestMs <= 0) return invalid('--max', 'say for how long, like --max 4h');
  if (quorums.length > MOST_QUORUMS)
    return invalid('--approvers', `at most ${MOST_QUORUMS} groups can be asked at once`);
  const counts = quorums.map(({ count }) => count);
  if (!counts.every((count) => isVoices(count)))
    return invalid('--approvals', `give a number from 1 to ${MOST_VOICES}`);
  if (!isVoices(denials)) return invalid('--denials', `give a number from 1 to ${MOST_VOICES}`);
  if (pendingMs < SHORTEST_PENDING_MS) return invalid('--pending', 'nobody decides in less than a minute');
  if (quorums.some(({ escalation }) => escalation !== undefined && escalation.afterMs >= pendingMs)) {
    return invalid(
      '--escalate',
      'the request would lapse before that; escalate sooner, or give it longer with --pending',
    );
  }
  const pattern = ticket?.pattern;
  if (pattern === undefined) return undefined;
  if (pattern.length > LONGEST_EXPRESSION) {
    return invalid('--ticket-pattern', `at most ${LONGEST_EXPRESSION} characters fit`);
  }
  return isExpression(pattern)
    ? undefined
    : invalid('--ticket-pattern', 'that is no regular expression that I can read');
};

const isVoices = (count: number): boolean => Number.isInteger(count) && count >= 1 && count <= MOST_VOICES;

const invalid = (field: string, problem: string): Fault => ({ code: 'admin.invalid', field, problem });
