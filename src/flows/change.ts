import type { Fault } from '../engine/faults.js';
import type { Person, Platform } from '../engine/person.js';
import { randomId } from '../lib/random.js';
import { err } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { adminNames, standingOf } from './standing.js';
import type { AuditEvent } from './ports/audit.js';

export type ChangeDeps = Pick<FlowDeps, 'clock' | 'random' | 'people' | 'config' | 'settings' | 'audit'>;

/** An owner at work, and in which chat. */
export interface Admin {
  readonly person: Person;
  readonly on: Platform;
}

/** Lets only owners through; whoever else asks is told who they are. */
export const asOwner = async <T>(
  deps: ChangeDeps,
  admin: Admin,
  work: () => Promise<Result<T, Fault>>,
): Promise<Result<T, Fault>> =>
  (await standingOf(deps, admin.person)).owner ? work() : err({ code: 'admin.only', admins: await adminNames(deps) });

/**
 * Records a change of the configuration before it is made: a line about a change that a crash prevented can be seen to
 * be one, a change without a line cannot.
 */
export const recordChange = (
  deps: ChangeDeps,
  { person, on }: Admin,
  what: string,
  facts: AuditEvent['facts'],
): Promise<void> =>
  deps.audit.append(`change/${randomId(deps.random)}`, { what, at: deps.clock.now(), by: person.id, on, facts });
