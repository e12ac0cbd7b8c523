import { openers } from '../../engine/break-glass.js';
import type { BreakGlassAccount, Candidate } from '../../engine/break-glass.js';
import type { DirectoryUserId } from '../../engine/ids.js';
import { SETTLE_MS } from '../../engine/rotation.js';
import type { Tenant } from '../../engine/tenant.js';
import { addMs } from '../../lib/clock.js';
import type { Redacted } from '../../lib/redacted.js';
import type { FlowDeps } from '../deps.js';
import type { WriteOutcome } from '../ports/break-glass.js';
import { FOREIGN, hindranceOf } from './hindrance.js';
import type { Hindrance } from './hindrance.js';

type SendDeps = Pick<FlowDeps, 'clock' | 'breakGlassDirectory'>;

type Located =
  | { readonly kind: 'found'; readonly user: { readonly objectId?: DirectoryUserId } }
  | { readonly kind: 'hindered'; readonly by: Hindrance };

/** The user whose password is to be set; none where there is none yet. Costs a read only after a creation in doubt. */
export const findUser = async (deps: SendDeps, tenant: Tenant, account: BreakGlassAccount): Promise<Located> => {
  const { objectId, creationSentAt, candidates } = account;
  if (objectId !== undefined || creationSentAt === undefined) return { kind: 'found', user: {} };
  const found = await findOurs(deps, tenant, account);
  if (found.kind === 'hindered' || found.user.objectId !== undefined) return found;
  const sentAt = openers(candidates).map(({ at }) => at);
  const isSettled = sentAt.every((at) => addMs(at, SETTLE_MS) <= deps.clock.now());
  return isSettled ? found : { kind: 'hindered', by: UNSETTLED };
};

const UNSETTLED: Hindrance = {
  ...hindranceOf({ code: 'directory.unclear', detail: 'a creation that was not answered clearly' }, 'look'),
  retryAfterMs: SETTLE_MS,
};

const findOurs = async (
  { breakGlassDirectory }: SendDeps,
  tenant: Tenant,
  { upn }: BreakGlassAccount,
): Promise<Located> => {
  const found = await breakGlassDirectory.find(tenant, { upn });
  if (!found.ok) return { kind: 'hindered', by: hindranceOf(found.error, 'look') };
  if (found.value === undefined) return { kind: 'found', user: {} };
  return found.value.marked
    ? { kind: 'found', user: { objectId: found.value.objectId } }
    : { kind: 'hindered', by: FOREIGN };
};

/** What the directory said to a password, and why it is not the end of it. */
export interface Sent {
  readonly answer: NonNullable<Candidate['answer']>['kind'];
  readonly objectId?: DirectoryUserId;
  readonly hindrance?: Hindrance;
}

/** One call, and more only where a creation came to nothing clear. */
export const send = async (
  deps: SendDeps,
  tenant: Tenant,
  account: BreakGlassAccount,
  password: Redacted<string>,
): Promise<Sent> => {
  const { objectId } = account;
  if (objectId !== undefined) {
    return sentAs(await deps.breakGlassDirectory.setPassword(tenant, objectId, password));
  }
  const created = await deps.breakGlassDirectory.create(tenant, account, password);
  if (created.kind === 'done' && created.objectId !== undefined) return { answer: 'set', objectId: created.objectId };
  const isUnclear = created.kind === 'done' || created.unclear;
  const isTaken = created.kind === 'failed' && created.fault.code === 'directory.name-taken';
  const first = created.kind === 'done' ? DOUBTFUL : sentAs(created);
  if (!isUnclear && !isTaken) return first;
  const found = await findOurs(deps, tenant, account);
  if (found.kind === 'hindered') return { ...first, hindrance: found.by };
  const user = found.user.objectId;
  if (user === undefined) return first;
  const second = sentAs(await deps.breakGlassDirectory.setPassword(tenant, user, password));
  // What the creation has left open, a refusal of the second call does not settle.
  const answer = second.answer === 'refused' ? first.answer : second.answer;
  return { ...second, answer, objectId: user };
};

const DOUBTFUL: Sent = {
  answer: 'unclear',
  hindrance: hindranceOf({ code: 'directory.malformed', detail: 'a creation without an id' }, 'password'),
};

const sentAs = (outcome: WriteOutcome): Sent => {
  if (outcome.kind === 'done') return { answer: 'set' };
  return { answer: outcome.unclear ? 'unclear' : 'refused', hindrance: hindranceOf(outcome.fault, 'password') };
};
