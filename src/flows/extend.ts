import type { Fault } from '../engine/faults.js';
import { requestId } from '../engine/ids.js';
import type { RequestId } from '../engine/ids.js';
import { isNamedBy } from '../engine/person.js';
import type { Person, Platform } from '../engine/person.js';
import { isOver } from '../engine/request.js';
import type { AccessRequest } from '../engine/request.js';
import { wrongState } from '../engine/verdicts.js';
import { addMs } from '../lib/clock.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { gather } from './audience.js';
import { whyHidden } from './concern.js';
import { consult, refusalOf } from './consult.js';
import type { Question } from './consult.js';
import type { FlowDeps } from './deps.js';
import type { LoadedRequest } from './ports.js';
import { record, termsOf, UNTOUCHED } from './record.js';
import type { Draft } from './record.js';

type ExtendDeps = Pick<FlowDeps, 'clock' | 'requests' | 'people' | 'config' | 'settings' | 'nudge'>;

export interface Extension {
  readonly extraMs: number;
  readonly reason?: string;
}

/** More often nobody asks for more time of one access. */
const MOST_EXTENSIONS = 100;

/**
 * Asks for more time. That is a request of its own, for all of the time together, before the rules and approvers once
 * more; it gives no access, but moves the end of the one that it extends.
 */
export const extend = async (
  deps: ExtendDeps,
  person: Person,
  on: Platform,
  id: RequestId,
  extension: Extension,
): Promise<Result<AccessRequest, Fault>> => {
  const found = await findLive(deps, person, id);
  if (!found.ok) return found;
  const { request: parent, readyAt, from } = found.value;
  const endsBy = addMs(from, extension.extraMs);
  const durationMs = endsBy.getTime() - readyAt.getTime();
  const judged = await judge(deps, person, parent, { from, durationMs });
  if (!judged.ok) return judged;
  const { decision, question } = judged.value;
  const { quorums, selfApproval } = decision.terms;
  const organization = question.tenant.organization;
  const audience = await gather(deps, { requester: person, askedOn: on, organization, selfApproval }, quorums);
  if (!audience.ok) return audience;
  const draft: Draft = {
    ...wishOf(parent),
    ...(await termsOf(deps, decision, from)),
    ...audience.value,
    ...UNTOUCHED,
    askedOn: on,
    extends: { id: parent.id, from },
    durationMs,
    endsBy,
    reason: extension.reason ?? parent.reason,
    notify: [],
  };
  return insertNext(deps, person, parent.id, draft);
};

interface Live {
  readonly request: AccessRequest;
  readonly readyAt: Date;
  /** When it ends as things stand. */
  readonly from: Date;
}

/** The live request that is meant, by its own id or by that of an earlier extension. */
const findLive = async (deps: ExtendDeps, person: Person, id: RequestId): Promise<Result<Live, Fault>> => {
  const named = await deps.requests.load(id);
  const stored = named?.request.extends === undefined ? named : await deps.requests.load(named.request.extends.id);
  if (named === undefined || stored === undefined) return err({ code: 'request.unknown', asked: id });
  const refusal = await whyNotExtend(deps, person, named);
  if (refusal !== undefined) return err(refusal);
  const { request } = stored;
  const { readyAt, endsAt } = request;
  if (request.state !== 'active' || readyAt === undefined || endsAt === undefined) {
    return err(wrongState(request, 'extend'));
  }
  if (endsAt <= deps.clock.now()) return err(wrongState({ ...request, state: 'closing' }, 'extend'));
  return ok({ request, readyAt, from: endsAt });
};

const whyNotExtend = async (deps: ExtendDeps, person: Person, stored: LoadedRequest): Promise<Fault | undefined> => {
  const { id, requester, requesterName } = stored.request;
  if (isNamedBy(person, requester)) return undefined;
  const hidden = await whyHidden(deps, person, stored);
  return hidden ?? { code: 'request.not-yours', id, requester: requesterName };
};

type Judged = {
  readonly question: Question;
  readonly decision: Exclude<Awaited<ReturnType<typeof consult>>, { kind: 'refuse' }>;
};

/** The rules' word on all of the time together, which for their hours begins where the time granted ends. */
const judge = async (
  deps: ExtendDeps,
  person: Person,
  parent: AccessRequest,
  { from, durationMs }: { readonly from: Date; readonly durationMs: number },
): Promise<Result<Judged, Fault>> => {
  const tenant = await deps.config.tenants.byId(parent.tenant);
  if (tenant === undefined) return err({ code: 'tenant.unknown', asked: parent.tenantName });
  const template = parent.template && (await deps.config.templates.byId(parent.template.id));
  const { roles, groups, accountKind: account, atEnd, tap, ticket } = parent;
  const question: Question = {
    tenant,
    roles,
    groups,
    account,
    atEnd,
    tap,
    durationMs,
    startsAt: from,
    ...(parent.existing === undefined ? {} : { user: parent.existing }),
    ...(template === undefined ? {} : { template }),
    ...(ticket === undefined ? {} : { ticket }),
  };
  const decision = await consult(deps, person, question);
  if (decision.kind !== 'refuse') return ok({ question, decision });
  if (decision.why.kind !== 'too-long') return err(await refusalOf(deps, person, question, decision.why));
  const { longestMs, rule } = decision.why;
  const granted = from.getTime() - (parent.readyAt ?? from).getTime();
  return err({
    code: 'extend.too-long',
    id: parent.id,
    longestMs,
    moreMs: longestMs - granted,
    tenant: tenant.name,
    ...(rule === undefined ? {} : { rule: rule.name }),
  });
};

/** What is asked once more, as it was asked. */
const wishOf = (parent: AccessRequest) => {
  const { requester, requesterName, tenant, tenantName, organization, account, accountKind, upn } = parent;
  const { existing, fresh, roles, groups, atEnd, tap, template, ticket } = parent;
  return {
    requester,
    requesterName,
    tenant,
    tenantName,
    account,
    accountKind,
    ...(existing === undefined ? {} : { existing }),
    ...(fresh === undefined ? {} : { fresh }),
    upn,
    roles,
    groups,
    atEnd,
    tap,
    ...(organization === undefined ? {} : { organization }),
    ...(template === undefined ? {} : { template }),
    ...(ticket === undefined ? {} : { ticket }),
  };
};

/** Extensions are numbered, `R-7K2M-1`: of two asked for at the same moment only one gets the next number. */
const insertNext = async (
  deps: ExtendDeps,
  person: Person,
  parent: RequestId,
  draft: Draft,
): Promise<Result<AccessRequest, Fault>> => {
  for (let number = 1; number <= MOST_EXTENSIONS; number += 1) {
    const id = requestId(`${parent}-${number}`);
    const recorded = await record(deps, { ...draft, id }, person);
    if (recorded !== undefined) return ok(recorded);
    const earlier = await deps.requests.load(id);
    if (earlier !== undefined && !isOver(earlier.request)) {
      return err({ code: 'extend.open', id: parent, open: id });
    }
  }
  return err({ code: 'busy' });
};
