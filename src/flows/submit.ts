import type { FreshUser } from '../engine/access.js';
import type { Account } from '../engine/account.js';
import type { Fault } from '../engine/faults.js';
import { requestId } from '../engine/ids.js';
import type { GroupId, OrganizationId } from '../engine/ids.js';
import type { Person, Platform } from '../engine/person.js';
import type { AccessRequest } from '../engine/request.js';
import { readableId } from '../lib/random.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { newAccountFor } from './accounts.js';
import type { FlowDeps } from './deps.js';
import { gather, nameOf } from './audience.js';
import { consult, refusalOf } from './consult.js';
import type { Question } from './consult.js';
import { whyNotHeld, whyUnavailable } from './holder.js';
import type { LedgerEntry } from './ports.js';
import { record, termsOf, UNTOUCHED } from './record.js';
import type { Draft } from './record.js';
import { groupsFor } from './standing.js';
import type { StandingDeps } from './standing.js';

/** What a technician asks for, already read and bounded by the conversation. */
export interface Submission extends Omit<Question, 'startsAt'> {
  readonly startsAt?: Date;
  readonly endsBy?: Date;
  readonly reason: string;
  /** Of a `fresh` account: who shall be made. */
  readonly fresh?: FreshUser;
  /** A message that shall become the request's card instead of a new one. */
  readonly card?: LedgerEntry;
}

type SubmitDeps = Pick<
  FlowDeps,
  | 'clock'
  | 'random'
  | 'requests'
  | 'accounts'
  | 'people'
  | 'config'
  | 'settings'
  | 'directory'
  | 'search'
  | 'keptUsers'
  | 'nudge'
>;

const MOST_ID_COLLISIONS = 8;

/** Puts a request before the rules and, if they do not refuse it, records it: pending, or approved where none must agree. */
export const submit = async (
  deps: SubmitDeps,
  requester: Person,
  askedOn: Platform,
  submission: Submission,
): Promise<Result<AccessRequest, Fault>> => {
  const { fresh, ...asked } = submission;
  const odd = whyNotHeld(asked, fresh);
  if (odd !== undefined) return err(odd);
  const question: Question = { ...asked, startsAt: submission.startsAt ?? deps.clock.now() };
  const decision = await consult(deps, requester, question);
  if (decision.kind === 'refuse') return err(await refusalOf(deps, requester, question, decision.why));
  const { organization } = submission.tenant;
  const { quorums, selfApproval } = decision.terms;
  const audience = await gather(deps, { requester, askedOn, organization, selfApproval }, quorums);
  if (!audience.ok) return audience;
  // Judged by the rules first, so that who may not have it is told so instead.
  const unavailable = await whyUnavailable(deps, submission, submission.fresh);
  if (unavailable !== undefined) return err(unavailable);
  const account = await newAccountFor(deps, requester, submission);
  if (!account.ok) return account;
  // Whoever approves it soon need not wait for the tenant's rules for passes, too.
  if (submission.tap && submission.tenant.accessPass !== undefined) deps.directory.anticipatePass(submission.tenant);
  const draft: Draft = {
    ...(await wishOf(deps, requester, askedOn, submission)),
    ...accountOf(account.value, submission),
    ...(await termsOf(deps, decision, submission.endsBy)),
    ...audience.value,
    ...UNTOUCHED,
  };
  for (let attempt = 0; attempt < MOST_ID_COLLISIONS; attempt += 1) {
    // Four characters are enough to type; each collision makes the next try longer.
    const id = requestId(`R-${readableId(deps.random, 4 + Math.floor(attempt / 2))}`);
    const recorded = await record(deps, { ...draft, id }, requester, submission.card);
    if (recorded !== undefined) return ok(recorded);
  }
  return err({ code: 'busy' });
};

const accountOf = ({ id, upn }: Account, { account, atEnd, tap, user, fresh }: Submission) => ({
  account: id,
  accountKind: account,
  ...(user === undefined ? {} : { existing: user }),
  ...(fresh === undefined ? {} : { fresh }),
  // A user who was lent before may have got another name since.
  upn: user?.upn ?? upn,
  atEnd,
  tap,
});

type Wish = Pick<
  AccessRequest,
  'requester' | 'requesterName' | 'askedOn' | 'tenant' | 'tenantName' | 'roles' | 'groups' | 'durationMs' | 'reason'
> &
  Pick<AccessRequest, 'organization' | 'template' | 'startsAt' | 'endsBy' | 'ticket' | 'notify'>;

const wishOf = async (
  deps: Pick<FlowDeps, 'config' | 'people' | 'settings'>,
  requester: Person,
  askedOn: Platform,
  { tenant, roles, groups, durationMs, reason, startsAt, endsBy, ticket, template }: Submission,
): Promise<Wish> => ({
  requester: requester.id,
  requesterName: requester.name,
  askedOn,
  tenant: tenant.id,
  tenantName: tenant.name,
  ...(tenant.organization === undefined ? {} : { organization: tenant.organization }),
  roles,
  groups,
  ...(template === undefined ? {} : { template: { id: template.id, name: template.name } }),
  durationMs,
  reason,
  ...(startsAt === undefined ? {} : { startsAt }),
  ...(endsBy === undefined ? {} : { endsBy }),
  ...(ticket === undefined ? {} : { ticket }),
  notify: await notified(deps, template?.notify ?? [], tenant.organization),
});

/** Whom a template wants told, as they are now. */
const notified = async (
  deps: StandingDeps,
  groups: readonly GroupId[],
  organization: OrganizationId | undefined,
): Promise<AccessRequest['notify']> => {
  const found = await groupsFor(deps, groups, organization);
  return (await deps.people.byIds(found.flatMap(({ members }) => members))).map(nameOf);
};
