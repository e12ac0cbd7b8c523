import type { Fault } from '../engine/faults.js';
import type { Person, Platform } from '../engine/person.js';
import { randomId } from '../lib/random.js';
import type { FlowDeps } from './deps.js';
import type { AuditEvent } from './ports/audit.js';

/** What somebody tried, `request.approve`, and on what. */
type Attempt = Pick<AuditEvent, 'what' | 'request' | 'tenant' | 'organization' | 'about'>;

/**
 * Records that somebody was refused what they may not do. Of the refusal only its code: what else it tells may be theirs
 * to read and nobody else's.
 */
export const recordRefusal = (
  deps: Pick<FlowDeps, 'clock' | 'random' | 'audit'>,
  { person, on }: { readonly person: Person; readonly on: Platform },
  { what, ...concerned }: Attempt,
  { code }: Fault,
): Promise<void> =>
  deps.audit.append(`refusal/${randomId(deps.random)}`, {
    ...concerned,
    what: 'refused',
    at: deps.clock.now(),
    by: person.id,
    on,
    facts: { attempted: what, code },
  });
