import { shutCredential } from '../engine/account.js';
import type { Account } from '../engine/account.js';
import type { Fault } from '../engine/faults.js';
import { dedicatedAccountId, requestId } from '../engine/ids.js';
import { accountDisplayName, accountUpn } from '../engine/naming.js';
import { addressesOf, eligible, speaksOn } from '../engine/person.js';
import type { Person, Platform } from '../engine/person.js';
import { decide } from '../engine/policy.js';
import type { Decision } from '../engine/policy.js';
import type { AccessRequest } from '../engine/request.js';
import type { Quorum, Role, Tenant } from '../engine/tenant.js';
import { LAPSE_MS } from '../engine/transitions.js';
import { addMs } from '../lib/clock.js';
import { readableId } from '../lib/random.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { doerOf, effectsOf } from './effects.js';
import { ownerNames } from './owners.js';
import type { LedgerEntry } from './ports.js';

/** What a technician asks for, already read and bounded by the conversation. */
export interface Submission {
  readonly tenant: Tenant;
  readonly roles: readonly Role[];
  readonly durationMs: number;
  readonly startsAt?: Date;
  readonly endsBy?: Date;
  readonly reason: string;
  readonly ticket?: string;
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
  const decision = await consult(deps, requester, submission);
  if (decision.kind === 'refuse') return err(decision.fault);
  const audience = await gather(deps, requester, askedOn, decision);
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

/** The rules' word on a submission; the form's preview and the submission itself both ask here. */
export const consult = async (
  deps: Pick<FlowDeps, 'people' | 'config' | 'settings'>,
  requester: Person,
  asked: Pick<Submission, 'tenant' | 'roles' | 'durationMs'>,
): Promise<Decision> => {
  const groups = await deps.config.groupsOf([requester.id, ...requester.aliases]);
  const rules = await deps.config.rulesFor(
    groups.map(({ id }) => id),
    asked.tenant.id,
  );
  return decide({ requester, ...asked, rules, groups, admins: await ownerNames(deps) });
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
  decision: Exclude<Decision, { kind: 'refuse' }>,
): Promise<Result<Audience, Fault>> => {
  const asked = new Map<string, Person>();
  const unreachable = new Set<string>();
  for (const quorum of decision.kind === 'allow' ? [] : decision.quorums) {
    const members = await membersOf(deps, quorum);
    const { reachable, others } = sortByReach(deps, requester, askedOn, members);
    for (const person of others) unreachable.add(person.name);
    if (reachable.length < quorum.count) {
      const admins = await ownerNames(deps);
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

const membersOf = async (deps: SubmitDeps, quorum: Quorum): Promise<readonly Person[]> => {
  const [group] = await deps.config.groupsByIds([quorum.group]);
  return deps.people.byIds(group?.members ?? []);
};

const sortByReach = (
  deps: SubmitDeps,
  requester: Person,
  askedOn: Platform,
  members: readonly Person[],
): { readonly reachable: readonly Person[]; readonly others: readonly Person[] } => {
  const candidates = eligible(members, requester);
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
  const { tenant, roles, durationMs, reason, startsAt, endsBy, ticket } = submission;
  const lapsesAt = addMs(now, LAPSE_MS);
  return {
    requester: requester.id,
    requesterName: requester.name,
    askedOn,
    tenant: tenant.id,
    tenantName: tenant.name,
    account: account.id,
    upn: account.upn,
    roles,
    durationMs,
    reason,
    ...(startsAt === undefined ? {} : { startsAt }),
    ...(endsBy === undefined ? {} : { endsBy }),
    ...(ticket === undefined ? {} : { ticket }),
    rules: decision.rules.map(({ id, name }) => ({ id, name })),
    quorums: decision.kind === 'allow' ? [] : decision.quorums,
    asked,
    unreachable,
    createdAt: now,
    lapsesAt: endsBy !== undefined && endsBy < lapsesAt ? endsBy : lapsesAt,
    state: decision.kind === 'allow' ? 'approved' : 'pending',
    approvals: [],
    ...(decision.kind === 'allow' ? { decidedAt: now } : {}),
    progress: [],
    reveal: 'none',
  };
};
