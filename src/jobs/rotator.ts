import { tenantId } from '../engine/ids.js';
import type { BreakGlassId, TenantId } from '../engine/ids.js';
import { SECOND } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import type { Log } from '../lib/log.js';
import { atMost } from '../lib/turns.js';
import type { InTurn } from '../lib/turns.js';
import { createPool } from './pool.js';
import { type Every, systemEvery } from './timers.js';

export interface RotatorDependencies {
  /** Break-glass accounts whose password is due, most overdue first, but none of these tenants. */
  readonly due: (
    except: readonly TenantId[],
  ) => Promise<readonly { readonly id: BreakGlassId; readonly tenant: TenantId }[]>;
  /** Never fails for what a tenant does: that is on record, and due again later. */
  readonly rotate: (id: BreakGlassId, inTurn: InTurn) => Promise<void>;
  readonly log: Log;
  /** How often it looks: 5 s. */
  readonly everyMs?: number;
  /** How many passwords are on their way at a time: 32. Meanwhile as many more are made ready. */
  readonly concurrency?: number;
  /** How many of them may be of one tenant: 2. */
  readonly share?: number;
  readonly every?: Every;
}

export interface Rotator {
  /** Looks at once, then regularly. */
  start(): void;
  /** Looks no more and waits for what is under way, `graceMs` at most (20 s). */
  stop(graceMs?: number): Promise<void>;
}

const DEFAULT_EVERY_MS = 5 * SECOND;
const DEFAULT_CONCURRENCY = 32;
const DEFAULT_SHARE = 2;
const DEFAULT_GRACE_MS = 20 * SECOND;

/** Changes break-glass passwords when they are due. What was missed while nobody was there is due at the start. */
export const createRotator = (dependencies: RotatorDependencies): Rotator => {
  const { due, rotate, log, everyMs = DEFAULT_EVERY_MS, every = systemEvery } = dependencies;
  const { concurrency = DEFAULT_CONCURRENCY, share = DEFAULT_SHARE } = dependencies;
  const inTurn = atMost(concurrency);
  const pool = createPool<BreakGlassId>({
    find: async (full) => (await due(full.map(tenantId))).map(({ id, tenant }) => ({ id, key: tenant })),
    work: (id) => rotate(id, inTurn),
    failed: (thrown, account) =>
      log.error({ ...describeError(thrown), account }, 'a rotation failed; the next look finds it again'),
    concurrency: 2 * concurrency,
    share,
    everyMs,
    every,
  });
  return {
    start: () => pool.start(),
    stop: async (graceMs = DEFAULT_GRACE_MS) => {
      const left = await pool.stop(graceMs);
      if (left > 0) log.warn({ left }, 'stopped in the middle of some rotations; whatever they set is in the vault');
    },
  };
};
