import type { Fault } from '../engine/faults.js';
import type { Group } from '../engine/group.js';
import type { Person } from '../engine/person.js';
import { countingVerdicts, quorumsMet, whyNotDecide } from '../engine/quorum.js';
import type { AccessRequest } from '../engine/request.js';
import type { Demands, Quorum } from '../engine/rule.js';
import type { Tenant } from '../engine/tenant.js';
import { consult } from './consult.js';
import type { Question } from './consult.js';
import type { FlowDeps } from './deps.js';
import { approverGroups } from './standing.js';

type ReconsiderDeps = Pick<FlowDeps, 'clock' | 'people' | 'config' | 'settings'>;

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

/** Puts what was once asked before the rules again: a rule or a membership may have been taken away since. */
export const reconsider = async (deps: ReconsiderDeps, request: AccessRequest): Promise<Reconsidered> => {
  const [tenant, requester] = await Promise.all([
    deps.config.tenants.byId(request.tenant),
    deps.people.byId(request.requester),
  ]);
  if (tenant === undefined) return { kind: 'gone', why: `${request.tenantName} is no longer connected.` };
  if (requester === undefined) return { kind: 'gone', why: `${request.requesterName} is no longer known.` };
  const question = await questionOf(deps, request, tenant);
  const decision = await consult(deps, requester, question);
  if (decision.kind === 'refuse') return { kind: 'gone', why: 'The rules no longer allow it.' };
  const current = withTerms(request, decision.terms);
  return { kind: 'stands', request: current, requester, groups: await approverGroups(deps, current) };
};

/** What a stored request asks, as it would be asked now. */
const questionOf = async (deps: ReconsiderDeps, request: AccessRequest, tenant: Tenant): Promise<Question> => {
  const template = request.template && (await deps.config.templates.byId(request.template.id));
  const { roles, groups, accountKind: account, atEnd, tap, ticket, durationMs } = request;
  const now = deps.clock.now();
  return {
    tenant,
    roles,
    groups,
    account,
    atEnd,
    tap,
    durationMs,
    startsAt: request.startsAt !== undefined && request.startsAt > now ? request.startsAt : now,
    ...(template === undefined ? {} : { template }),
    ...(ticket === undefined ? {} : { ticket }),
  };
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
  return before?.escalation?.at === undefined
    ? quorum
    : { ...quorum, escalation: { ...escalation, at: before.escalation.at } };
};

/** Whether the approvals given so far suffice, counting only people who may still decide this request. */
export const isApproved = async (
  deps: Pick<FlowDeps, 'people'>,
  { request, requester, groups }: Extract<Reconsidered, { kind: 'stands' }>,
): Promise<boolean> => {
  const ids = countingVerdicts(request).map(({ person }) => person);
  const approvers = ids.length === 0 ? [] : await deps.people.byIds(ids);
  const refusalOf = (person: Person): Fault | undefined => whyNotDecide(request, person, requester, groups);
  return quorumsMet(
    request.quorums,
    approvers.filter((person) => refusalOf(person) === undefined),
    groups,
  );
};
