import type { Refusal } from '../engine/decide.js';
import type { Fault } from '../engine/faults.js';
import type { Group } from '../engine/group.js';
import type { RequestId } from '../engine/ids.js';
import { isNamedBy } from '../engine/person.js';
import type { Person } from '../engine/person.js';
import { countingVerdicts, everyGroupAsked, humansAmong, isMet, tallyOf, whyNotDecide } from '../engine/quorum.js';
import type { AccessRequest, Verdict } from '../engine/request.js';
import type { Demands, Quorum } from '../engine/rule.js';
import type { Tenant } from '../engine/tenant.js';
import { owned } from './change.js';
import { affiliationsOf } from './book.js';
import { consult } from './consult.js';
import type { Question } from './consult.js';
import type { FlowDeps } from './deps.js';
import type { LoadedRequest } from './ports.js';
import { approverGroups } from './standing.js';

type ReconsiderDeps = Pick<FlowDeps, 'clock' | 'requests' | 'people' | 'config' | 'settings'>;

/** A request held against today's rules, groups and people. */
export type Reconsidered =
  | { readonly kind: 'gone'; readonly why: string }
  | {
      readonly kind: 'stands';
      /** With what the rules demand now. */
      readonly request: AccessRequest;
      readonly requester: Person;
      readonly groups: readonly Group[];
    };

export type Standing = Extract<Reconsidered, { kind: 'stands' }>;

/** A request, and where it waits to be decided, what today makes of it: read while it is found out who speaks. */
export interface Foreseen {
  readonly stored: LoadedRequest;
  readonly today?: Promise<Reconsidered>;
}

export const foresee = async (deps: ReconsiderDeps, id: RequestId): Promise<Foreseen | undefined> => {
  const stored = await deps.requests.load(id);
  if (stored === undefined || !isOpen(deps, stored.request)) return stored && { stored };
  const today = reconsider(deps, stored.request);
  // Whoever needs it meets what failed; perhaps nobody does.
  today.catch(() => undefined);
  return { stored, today };
};

/** Whether it can still be decided. */
export const isOpen = ({ clock }: Pick<FlowDeps, 'clock'>, { state, lapsesAt }: AccessRequest): boolean =>
  state === 'pending' && lapsesAt > clock.now();

/** Puts what was once asked before the rules again: a rule or a membership may have been taken away since. */
export const reconsider = async (deps: ReconsiderDeps, request: AccessRequest): Promise<Reconsidered> => {
  const [tenant, requester, over, affiliations] = await Promise.all([
    deps.config.tenants.byId(request.tenant),
    deps.people.byId(request.requester),
    whyNothingToExtend(deps, request),
    affiliationsOf(deps, [request.requester]),
  ]);
  if (over !== undefined) return { kind: 'gone', why: over };
  if (tenant === undefined) return { kind: 'gone', why: `${request.tenantName} is no longer connected.` };
  if (requester === undefined) return { kind: 'gone', why: `${request.requesterName} is no longer known.` };
  const question = await questionOf(deps, request, tenant);
  // Hardly anybody goes by several ids; of those few all are looked at.
  const known = requester.aliases.length === 0 ? affiliations : undefined;
  const [decision, groups] = await Promise.all([
    consult(deps, requester, question, known),
    approverGroups(deps, request),
  ]);
  if (decision.kind === 'refuse') return { kind: 'gone', why: whyGone(decision.why) };
  const rules = decision.rules.map(({ id, name }) => ({ id, name }));
  const current = { ...inTenant(withTerms(request, decision.terms), tenant), rules };
  const isSame = sayGroups(current) === sayGroups(request);
  return { kind: 'stands', request: current, requester, groups: isSame ? groups : await approverGroups(deps, current) };
};

/** What decides which groups are looked up, and who is in them. */
const sayGroups = ({ quorums, organization }: AccessRequest): string =>
  [organization ?? '', ...everyGroupAsked(quorums)].join(' ');

const whyNothingToExtend = async (
  deps: Pick<FlowDeps, 'clock' | 'requests'>,
  { extends: extended }: AccessRequest,
): Promise<string | undefined> => {
  if (extended === undefined) return undefined;
  const parent = (await deps.requests.load(extended.id))?.request;
  const isLive = parent?.state === 'active' && parent.endsAt !== undefined && parent.endsAt > deps.clock.now();
  return isLive ? undefined : nothingToExtend(extended.id);
};

export const nothingToExtend = (parent: AccessRequest['id']): string =>
  `${parent} is over, so there is nothing left to extend.`;

const whyGone = (why: Refusal): string => {
  switch (why.kind) {
    case 'denied':
      return `The rules no longer allow it: ${why.rule.name} rules it out.`;
    case 'leaving':
      return 'The tenant is being disconnected.';
    case 'not-lent':
      return `The tenant no longer lends ${why.things.map(({ name }) => name).join(', ')}.`;
    case 'ticket':
      return `The rules no longer allow it: ${why.rule.name} now needs a ticket.`;
    default:
      return 'The rules no longer allow it.';
  }
};

/** What a stored request asks, as it would be asked now. More time begins where the time granted ends. */
const questionOf = async (deps: ReconsiderDeps, request: AccessRequest, tenant: Tenant): Promise<Question> => {
  const template = request.template && (await deps.config.templates.byId(request.template.id));
  const { roles, groups, accountKind: account, atEnd, tap, ticket, durationMs } = request;
  const now = deps.clock.now();
  const begins = request.startsAt ?? request.extends?.from;
  return {
    tenant,
    roles,
    groups,
    account,
    atEnd,
    tap,
    durationMs,
    startsAt: begins !== undefined && begins > now ? begins : now,
    ...(request.existing === undefined ? {} : { user: request.existing }),
    ...(template === undefined ? {} : { template }),
    ...(ticket === undefined ? {} : { ticket }),
  };
};

/** Whose the tenant is decides who its admins are; it may be somebody else's since. The very request where it is not. */
export const inTenant = (request: AccessRequest, { organization }: Pick<Tenant, 'organization'>): AccessRequest => {
  if (request.organization === organization) return request;
  const { organization: _before, ...rest } = request;
  return { ...rest, ...owned(organization) };
};

/** An escalation that happened stays: whoever was asked was asked. */
const withTerms = (
  request: AccessRequest,
  { quorums, selfApproval, secondFactor, denials }: Demands,
): AccessRequest => ({
  ...request,
  quorums: quorums.map((quorum) => escalatedAs(request.quorums, quorum)),
  selfApproval,
  secondFactor,
  denialsToEnd: denials,
});

const escalatedAs = (known: readonly Quorum[], quorum: Quorum): Quorum => {
  const { escalation } = quorum;
  if (escalation === undefined) return quorum;
  const before = known.find((one) => one.group === quorum.group && one.escalation?.group === escalation.group);
  const { at, lookAt } = before?.escalation ?? {};
  return {
    ...quorum,
    escalation: {
      ...escalation,
      ...(at === undefined ? {} : { at }),
      ...(lookAt === undefined ? {} : { lookAt }),
    },
  };
};

/** What has been said so far, as far as it counts: of people who may still decide this request, each human once. */
export interface Count {
  readonly tally: readonly number[];
  readonly enough: boolean;
  readonly denials: number;
}

/** `present`: who was just loaded. */
export const countOf = async (
  deps: Pick<FlowDeps, 'people'>,
  { request, requester, groups }: Standing,
  present: readonly Person[] = [],
): Promise<Count> => {
  const mayStill = (person: Person): boolean => whyNotDecide(request, person, requester, groups) === undefined;
  const speakers = async (verdicts: readonly Verdict[]): Promise<readonly Person[]> => {
    const ids = verdicts.map(({ person }) => person);
    const here = present.filter((person) => ids.some((id) => isNamedBy(person, id)));
    const others = ids.filter((id) => !here.some((person) => isNamedBy(person, id)));
    return [...here, ...(others.length === 0 ? [] : await deps.people.byIds(others))].filter(mayStill);
  };
  const [approvers, deniers] = await Promise.all([speakers(countingVerdicts(request)), speakers(request.denials)]);
  const tally = tallyOf(request.quorums, approvers, groups);
  return { tally, enough: isMet(request.quorums, tally), denials: humansAmong(deniers).length };
};

/** What keeps somebody from deciding this request as it stands. */
export const whyNot = async (
  deps: ReconsiderDeps,
  decider: Person,
  request: AccessRequest,
): Promise<Fault | undefined> => {
  const [groups, requester] = await Promise.all([approverGroups(deps, request), deps.people.byId(request.requester)]);
  return requester === undefined
    ? { code: 'internal', detail: `requester ${request.requester} is gone` }
    : whyNotDecide(request, decider, requester, groups);
};
