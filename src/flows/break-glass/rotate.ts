/** One pass over one break-glass account: another password, known to its vault before the directory hears of it. */
import { rotationOwed, rotationRetryMs, nextRotation } from '../../engine/rotation.js';
import { numberOf, withAnswer, withCandidate } from '../../engine/break-glass.js';
import type { BreakGlassAccount, RotationCause, RotationTrouble } from '../../engine/break-glass.js';
import type { BreakGlassId } from '../../engine/ids.js';
import { generateEmergencyPassword } from '../../engine/password.js';
import { addMs, HOUR } from '../../lib/clock.js';
import { describeError } from '../../lib/log.js';
import { randomId } from '../../lib/random.js';
import { redacted } from '../../lib/redacted.js';
import { atOnce } from '../../lib/turns.js';
import type { InTurn } from '../../lib/turns.js';
import type { Redacted } from '../../lib/redacted.js';
import { owned } from '../change.js';
import type { FlowDeps } from '../deps.js';
import { LATCHKEY } from '../effects.js';
import { LEASE_MS, LeaseLost } from '../lease.js';
import { groundFor } from './ground.js';
import type { Ground } from './ground.js';
import { whileHeld } from './held.js';
import type { HeldBreakGlass } from './held.js';
import { BROKE_OFF, hindranceOf, NO_COPY, UNSEALED } from './hindrance.js';
import type { Hindrance } from './hindrance.js';
import { sealPassword } from './vault-terms.js';
import { findUser, send } from './send-password.js';

export type RotateDeps = Pick<
  FlowDeps,
  | 'clock'
  | 'random'
  | 'log'
  | 'breakGlass'
  | 'breakGlassDirectory'
  | 'vaults'
  | 'vault'
  | 'sealer'
  | 'copies'
  | 'config'
  | 'checkups'
  | 'audit'
>;

/** `waits`: it is not due, or its tenant is leaving. `elsewhere`: somebody else is at it, or it is gone. */
export type Rotated =
  | { readonly kind: 'done' }
  | { readonly kind: 'troubled'; readonly trouble: RotationTrouble }
  | { readonly kind: 'waits' | 'stopped' | 'elsewhere' };

/**
 * Changes the password if that is due, and gives the role if that is owed. Whatever hinders it stands on record. `inTurn`
 * bounds how many passwords are on their way at a time; the others are made ready meanwhile.
 */
export const rotate = async (deps: RotateDeps, id: BreakGlassId, inTurn: InTurn = atOnce): Promise<Rotated> =>
  (await whileHeld(deps, id, (held) => attempt({ ...deps, inTurn }, held))) ?? { kind: 'elsewhere' };

type AttemptDeps = RotateDeps & { readonly inTurn: InTurn };

/** How long a tenant that is leaving, and may stay after all, is left alone. */
const LOOK_AGAIN_MS = HOUR;

const attempt = async (deps: AttemptDeps, held: HeldBreakGlass): Promise<Rotated> => {
  const { id, rotateAt } = held.account();
  if (rotateAt === undefined || rotateAt > deps.clock.now()) {
    await deps.breakGlass.release(id, held.fence);
    return { kind: 'waits' };
  }
  try {
    const ground = await groundFor(deps, held.account());
    switch (ground.kind) {
      case 'gone':
        await held.finish(stopped(held.account()));
        return { kind: 'stopped' };
      case 'leaving':
        await held.finish({ ...held.account(), rotateAt: addMs(deps.clock.now(), LOOK_AGAIN_MS) });
        return { kind: 'waits' };
      case 'hindered':
        return await fallShort(deps, held, ground.by);
      case 'ready':
        return await pass(deps, held, ground.ground);
      default:
        return ground satisfies never;
    }
  } catch (thrown) {
    if (thrown instanceof LeaseLost) throw thrown;
    deps.log.error({ account: id, ...describeError(thrown) }, 'a rotation broke off');
    return await fallShort(deps, held, BROKE_OFF);
  }
};

/** It keeps what it has, and nothing is changed any more. */
export const stopped = ({ rotateAt: _at, rotateFor: _why, trouble: _old, ...kept }: BreakGlassAccount) => kept;

const pass = async (deps: AttemptDeps, held: HeldBreakGlass, ground: Ground): Promise<Rotated> => {
  const cause = rotationOwed(held.account(), ground.terms.everyMs, deps.clock.now());
  const hindrance = cause === undefined ? undefined : await changePassword(deps, held, ground, cause);
  if (hindrance !== undefined) return await fallShort(deps, held, hindrance);
  return await giveRole(deps, held, ground);
};

/** What hindered it, if anything; an answer of success is on record only once the rest of the pass is. */
const changePassword = async (
  deps: AttemptDeps,
  held: HeldBreakGlass,
  ground: Ground,
  cause: RotationCause,
): Promise<Hindrance | undefined> => {
  const found = await findUser(deps, ground.tenant, held.account());
  if (found.kind === 'hindered') return found.by;
  const at = deps.clock.now();
  const number = numberOf(held.account(), held.fence);
  const password = redacted(generateEmergencyPassword(deps.random));
  const sealed = await putByForGood(deps, held, ground, { password, number, at, cause });
  if (typeof sealed !== 'string') return sealed;
  const { recipients } = ground.terms;
  const known = withCandidate({ ...held.account(), ...found.user }, { sealed, recipients, at }, held.fence);
  await held.write(known.objectId === undefined ? { creationSentAt: at, ...known } : known);
  const sent = await deps.inTurn(async () => {
    // After a long wait somebody else may be at it: what they set must not be overwritten.
    if (addMs(at, LEASE_MS / 2) <= deps.clock.now()) await held.write(held.account());
    return await send(deps, ground.tenant, held.account(), password);
  });
  const { objectId = held.account().objectId } = sent;
  const answered = withAnswer(held.account(), number, sent.answer, deps.clock.now());
  const next = { ...answered, ...(objectId === undefined ? {} : { objectId }) };
  const owesPass = next.passUntil !== undefined && next.passUntil > deps.clock.now();
  // What the directory said to the password is on record before anything else is asked of it.
  if (sent.hindrance !== undefined || owesPass) await held.write({ ...next, rotateFor: cause });
  const hindrance = sent.hindrance ?? (owesPass ? await endPasses(deps, ground, next) : undefined);
  if (hindrance !== undefined) return hindrance;
  const { rotateFor: _served, ...rest } = next;
  await settle(deps, held, ground, rest);
  return undefined;
};

/** A new password alone would leave whoever had a look a way in. */
const endPasses = async (
  { breakGlassDirectory }: RotateDeps,
  { tenant }: Ground,
  { objectId }: BreakGlassAccount,
): Promise<Hindrance | undefined> => {
  if (objectId === undefined) return undefined;
  const ended = await breakGlassDirectory.withdrawPasses(tenant, objectId);
  return ended.kind === 'failed' ? hindranceOf(ended.fault, 'pass') : undefined;
};

interface Made {
  readonly password: Redacted<string>;
  readonly number: number;
  readonly at: Date;
  readonly cause: RotationCause;
}

/** The sealed password, once it lies where it outlives the database, and the log says what is about to be done. */
const putByForGood = async (
  deps: RotateDeps,
  held: HeldBreakGlass,
  { tenant, terms }: Ground,
  { password, number, at, cause }: Made,
): Promise<string | Hindrance> => {
  const { id, upn } = held.account();
  const account = held.account();
  const told = (hindrance: Hindrance) => (thrown: unknown) => {
    deps.log.error({ account: id, ...describeError(thrown) }, hindrance.clause);
    return hindrance;
  };
  const sealed = await sealPassword(deps, terms, { tenant, account }, password, at).catch(told(UNSEALED));
  if (typeof sealed !== 'string') return sealed;
  const [copied] = await Promise.all([
    deps.copies.write({ id, upn, number, at, recipients: terms.recipients, sealed }).catch(told(NO_COPY)),
    deps.audit.append(`rotation/${randomId(deps.random)}`, {
      what: 'break-glass.rotating',
      at,
      by: LATCHKEY.by,
      tenant: tenant.id,
      ...owned(tenant.organization),
      facts: { account: upn, number, why: cause, recipients: terms.recipients.length, mode: terms.mode },
    }),
  ]);
  return copied ?? sealed;
};

/** Where nothing else is owed, the answer, the next date and the release of the lease are one write. */
const settle = async (
  deps: RotateDeps,
  held: HeldBreakGlass,
  { terms }: Ground,
  account: BreakGlassAccount,
): Promise<void> => {
  const before = held.account();
  if (account.isAdministrator) await held.finish(planned(deps, account, terms.everyMs));
  else await held.write(account);
  await pruneCopies(deps, before, account);
};

const planned = (
  { clock, random }: RotateDeps,
  { trouble: _over, ...account }: BreakGlassAccount,
  everyMs: number,
): BreakGlassAccount => ({ ...account, rotateAt: nextRotation(clock.now(), everyMs, random) });

/** Copies that are left over harm nobody: the next rotation drops them. */
const pruneCopies = async (
  { copies, log }: Pick<FlowDeps, 'copies' | 'log'>,
  before: BreakGlassAccount,
  { id, candidates }: BreakGlassAccount,
): Promise<void> => {
  const oldest = candidates.at(-1)?.number;
  if (oldest === undefined || oldest === before.candidates.at(-1)?.number) return;
  await copies.prune(id, oldest).catch((thrown: unknown) => {
    log.warn({ account: id, ...describeError(thrown) }, 'old vault copies could not be dropped');
  });
};

const giveRole = async (deps: RotateDeps, held: HeldBreakGlass, { tenant, terms }: Ground): Promise<Rotated> => {
  const account = held.account();
  if (account.isAdministrator) return { kind: 'done' };
  if (account.objectId === undefined) return await fallShort(deps, held, BROKE_OFF);
  const given = await deps.breakGlassDirectory.makeAdministrator(tenant, account.objectId);
  if (given.kind === 'failed') return await fallShort(deps, held, hindranceOf(given.fault, 'role'));
  await held.finish(planned(deps, { ...account, isAdministrator: true }, terms.everyMs));
  return { kind: 'done' };
};

/** Puts on record what hinders it, and when it is tried again. */
const fallShort = async (deps: RotateDeps, held: HeldBreakGlass, hindrance: Hindrance): Promise<Rotated> => {
  const now = deps.clock.now();
  const account = held.account();
  const { trouble: before, rotateAt = now } = account;
  const { code, clause, retryAfterMs } = hindrance;
  const attempts = (before?.attempts ?? 0) + 1;
  const trouble = { attempts, since: before?.since ?? (rotateAt < now ? rotateAt : now), code, clause };
  deps.log.warn({ account: account.id, code, attempts, detail: hindrance.detail }, 'a rotation fell short');
  await held.finish({
    ...account,
    rotateAt: addMs(now, rotationRetryMs(attempts, deps.random, retryAfterMs)),
    trouble,
  });
  return { kind: 'troubled', trouble };
};
