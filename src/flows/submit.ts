import { shutCredential } from '../engine/account.js';
import type { Account } from '../engine/account.js';
import type { Fault } from '../engine/faults.js';
import { dedicatedAccountId, requestId } from '../engine/ids.js';
import type { GroupId, OrganizationId } from '../engine/ids.js';
import { accountDisplayName, accountUpn } from '../engine/naming.js';
import type { Person, Platform } from '../engine/person.js';
import type { AccessRequest } from '../engine/request.js';
import type { Tenant } from '../engine/tenant.js';
import { readableId } from '../lib/random.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { gather, nameOf } from './audience.js';
import { consult, refusalOf } from './consult.js';
import type { Question } from './consult.js';
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
  /** A message that shall become the request's card instead of a new one. */
  readonly card?: LedgerEntry;
}

type SubmitDeps = Pick<
  FlowDeps,
  'clock' | 'random' | 'requests' | 'accounts' | 'people' | 'config' | 'settings' | 'nudge'
>;

const MOST_ID_COLLISIONS = 8;
const MOST_NAMESAKES = 50;

/** Puts a request before the rules and, if they do not refuse it, records it: pending, or approved where none must agree. */
export const submit = async (
  deps: SubmitDeps,
  requester: Person,
  askedOn: Platform,
  submission: Submission,
): Promise<Result<AccessRequest, Fault>> => {
  const question: Question = { ...submission, startsAt: submission.startsAt ?? deps.clock.now() };
  const decision = await consult(deps, requester, question);
  if (decision.kind === 'refuse') return err(await refusalOf(deps, requester, question, decision.why));
  const { organization } = submission.tenant;
  const { quorums, selfApproval } = decision.terms;
  const audience = await gather(deps, { requester, askedOn, organization, selfApproval }, quorums);
  if (!audience.ok) return audience;
  // Judged by the rules first, so that who may not have it is told so instead.
  if (submission.account !== 'dedicated') return err({ code: 'account.not-yet', kind: submission.account });
  if (submission.tap) return err({ code: 'pass.not-yet' });
  const account = await accountFor(deps, requester, submission.tenant);
  if (account === undefined) return err({ code: 'busy' });
  const draft: Draft = {
    ...(await wishOf(deps, requester, askedOn, submission)),
    ...accountOf(account, submission),
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

/** The technician's account in the tenant, put on record with a name that is nobody else's; nothing is made yet. */
const accountFor = async (deps: SubmitDeps, requester: Person, tenant: Tenant): Promise<Account | undefined> => {
  for (const person of [requester.id, ...requester.aliases]) {
    const known = await deps.accounts.load(dedicatedAccountId(tenant.id, person));
    if (known !== undefined) return known;
  }
  for (let number = 1; number <= MOST_NAMESAKES; number += 1) {
    const account = newAccount(requester, tenant, number);
    if (await deps.accounts.ensure(account)) return account;
  }
  return undefined;
};

const newAccount = (person: Person, tenant: Tenant, number: number): Account => ({
  id: dedicatedAccountId(tenant.id, person.id),
  tenant: tenant.id,
  person: person.id,
  upn: accountUpn(person.name, person.id, tenant.domain, number),
  displayName: accountDisplayName(person.name),
  creationSent: false,
  credential: shutCredential(0),
  grants: [],
});

const accountOf = ({ id, upn }: Account, { account, atEnd, tap }: Submission) => ({
  account: id,
  accountKind: account,
  upn,
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
