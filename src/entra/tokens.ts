import type { AccessToken } from '@azure/identity';
import { MINUTE, SECOND } from '../lib/clock.js';
import type { Clock } from '../lib/clock.js';
import type { Log } from '../lib/log.js';
import type { Random } from '../lib/random.js';
import { signInFault } from './errors.js';

/**
 * One app's token in one tenant. The SDK's credentials keep a token too, but renew it only while a call waits, and let
 * each of the first calls sign in by itself; so this asks a fresh credential each time, and does the keeping.
 */
export interface Tokens {
  /** Waits for a sign-in only where there is no valid token at all. Throws what the sign-in threw. */
  current(): Promise<string>;
}

export interface TokensOptions {
  readonly signIn: () => Promise<AccessToken | null>;
  /** How long a sign-in may take. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

class NoToken extends Error {
  override readonly name = 'NoToken';
}

/** A token so near its end might not survive the call. */
const LEAST_LEFT_MS = 30 * SECOND;

/** So old a token is at least, whatever our clock makes of its end: it was given just now. */
const LEAST_LIFE_MS = MINUTE;

const EARLY_MS = 5 * MINUTE;
const RETRY_MS = 30 * SECOND;

interface Held {
  readonly token: string;
  readonly endsAt: number;
  /** From then on it is renewed in the background. */
  readonly renewAt: number;
}

export const createTokens = ({ signIn, deadlineMs, clock, random, log }: TokensOptions): Tokens => {
  let held: Held | undefined;
  let signingIn: Promise<Held> | undefined;
  let restsUntil = -Infinity;
  const now = (): number => clock.now().getTime();

  const hold = ({ token, expiresOnTimestamp, refreshAfterTimestamp }: AccessToken): Held => {
    const at = now();
    const lifeMs = Math.max(expiresOnTimestamp - at, LEAST_LIFE_MS);
    const earlyMs = Math.min(Math.max(lifeMs / 5, EARLY_MS), lifeMs / 2);
    const jitterMs = random.below(Math.ceil(lifeMs / 20));
    const renewAt = at + lifeMs - earlyMs - jitterMs;
    return { token, endsAt: at + lifeMs, renewAt: Math.min(renewAt, refreshAfterTimestamp ?? Infinity) };
  };

  const ask = async (): Promise<Held> => {
    const token = await Promise.race([signIn(), aborted(AbortSignal.timeout(deadlineMs))]);
    if (token === null) throw new NoToken('the login authority gave no token');
    return hold(token);
  };

  /** Whoever comes while a sign-in is under way shares it. */
  const renew = (): Promise<Held> => {
    signingIn ??= ask()
      .then((fresh) => (held = fresh))
      .finally(() => {
        signingIn = undefined;
      });
    return signingIn;
  };

  const renewBehind = (): void => {
    renew().catch((thrown: unknown) => {
      restsUntil = now() + RETRY_MS;
      log.warn({ fault: signInFault(thrown) }, 'a token could not be renewed ahead of time; it is tried again');
    });
  };

  return {
    current: async () => {
      if (held === undefined || now() + LEAST_LEFT_MS >= held.endsAt) return (await renew()).token;
      if (now() >= held.renewAt && now() >= restsUntil && signingIn === undefined) renewBehind();
      return held.token;
    },
  };
};

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
