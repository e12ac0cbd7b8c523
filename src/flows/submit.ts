import { shutCredential } from '../engine/account.js';
import type { Account } from '../engine/account.js';
import type { Fault } from '../engine/faults.js';
import { dedicatedAccountId, requestId } from '../engine/ids.js';
import { accountDisplayName, accountUpn } from '../engine/naming.js';
import { addressesOf, eligible, speaksOn } from '../engine/person.js';
import type { Person, Platform } from '../engine/person.js';
import type { Decision } from '../engine/decide.js';
import type { AccessRequest } from '../engine/request.js';
import type { Demands } from '../engine/rule.js';
import type { Tenant } from '../engine/tenant.js';
import { addMs } from '../lib/clock.js';
import { readableId } from '../lib/random.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { doerOf, effectsOf } from './effects.js';
import { consult, refusalOf } from './consult.js';
import type { Question } from './consult.js';
import { adminNames, groupsFor } from './standing.js';
import type { LedgerEntry } from './ports.js';

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
  const audience = await gather(deps, requester, askedOn, submission.tenant, decision.terms);
  if (!audience.ok) return audience;
  const account = await accountFor(deps, requester, submission.tenant);
  if (account === undefined) return err({ code: 'busy' });
  const draft = draftRequest(deps.clock.now(), {
    requester,
    askedOn,
    submission,
    decision,
    account,
    ...audience.value,
  });
  for (let attempt = 0; attempt < MOST_ID_COLLISIONS; attempt += 1) {
    // Four characters are enough to type; each collision makes the next try longer.
    const id = requestId(`R-${readableId(deps.random, 4 + Math.floor(attempt / 2))}`);
    const request = { ...draft, id };
    const effects = effectsOf(undefined, request, doerOf(requester, askedOn), deps.clock.now());
    if (await deps.requests.insert(request, effects, submission.card === undefined ? [] : [submission.card])) {
      deps.nudge(request);
      return ok(request);
    }
  }
  return err({ code: 'busy' });
};

interface Audience {
  readonly asked: AccessRequest['asked'];
  readonly unreachable: readonly string[];
}

/** Whom to ask. Refused at once where some quorum cannot be met by the people whom messages can reach. */
const gather = async (
  deps: SubmitDeps,
  requester: Person,
  askedOn: Platform,
  { organization }: Tenant,
  { quorums, selfApproval }: Demands,
): Promise<Result<Audience, Fault>> => {
  const asked = new Map<string, Person>();
  const unreachable = new Set<string>();
  for (const quorum of quorums) {
    const [group] = await groupsFor(deps, [quorum.group], organization);
    const members = await deps.people.byIds(group?.members ?? []);
    const candidates = selfApproval ? members : eligible(members, requester);
    const { reachable, others } = sortByReach(deps, askedOn, candidates);
    for (const person of others) unreachable.add(person.name);
    if (reachable.length < quorum.count) {
      const admins = await adminNames(deps, organization);
      return err({
        code: 'policy.nobody-to-ask',
        group: quorum.groupName,
        unreachable: others.map(({ name }) => name),
        admins,
      });
    }
    for (const person of reachable) asked.set(person.id, person);
  }
  return ok({ asked: [...asked.values()].map(({ id, name }) => ({ id, name })), unreachable: [...unreachable] });
};

const sortByReach = (
  deps: SubmitDeps,
  askedOn: Platform,
  candidates: readonly Person[],
): { readonly reachable: readonly Person[]; readonly others: readonly Person[] } => {
  const canDecide = (person: Person): boolean => speaksOn(person, askedOn);
  const reached = (person: Person): boolean =>
    addressesOf(person).length > 0 || deps.settings.approvalChannels.some(({ platform }) => speaksOn(person, platform));
  return {
    reachable: candidates.filter((person) => canDecide(person) && reached(person)),
    others: candidates.filter((person) => !canDecide(person) || !reached(person)),
  };
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

interface Draft extends Audience {
  readonly requester: Person;
  readonly askedOn: Platform;
  readonly submission: Submission;
  readonly decision: Exclude<Decision, { kind: 'refuse' }>;
  readonly account: Account;
}

const draftRequest = (now: Date, draft: Draft): Omit<AccessRequest, 'id'> => {
  const { requester, askedOn, submission, decision, account, asked, unreachable } = draft;
  const { tenant, roles, groups, durationMs, reason, startsAt, endsBy, ticket, template } = submission;
  const { terms } = decision;
  const lapsesAt = addMs(now, terms.pendingMs);
  return {
    requester: requester.id,
    requesterName: requester.name,
    askedOn,
    tenant: tenant.id,
    tenantName: tenant.name,
    ...(tenant.organization === undefined ? {} : { organization: tenant.organization }),
    account: account.id,
    accountKind: submission.account,
    upn: account.upn,
    roles,
    groups,
    atEnd: submission.atEnd,
    tap: submission.tap,
    ...(template === undefined ? {} : { template: { id: template.id, name: template.name } }),
    durationMs,
    reason,
    ...(startsAt === undefined ? {} : { startsAt }),
    ...(endsBy === undefined ? {} : { endsBy }),
    ...(ticket === undefined ? {} : { ticket }),
    rules: decision.rules.map(({ id, name }) => ({ id, name })),
    quorums: terms.quorums,
    selfApproval: terms.selfApproval,
    secondFactor: terms.secondFactor,
    denialsToEnd: terms.denials,
    notify: [],
    asked,
    unreachable,
    createdAt: now,
    lapsesAt: endsBy !== undefined && endsBy < lapsesAt ? endsBy : lapsesAt,
    state: decision.kind === 'allow' ? 'approved' : 'pending',
    approvals: [],
    denials: [],
    ...(decision.kind === 'allow' ? { decidedAt: now } : {}),
    progress: [],
    reveal: 'none',
  };
};
