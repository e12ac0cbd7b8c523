import { addMs, HOUR } from '../lib/clock.js';
import { isPassing } from './faults.js';
import type { Fault } from './faults.js';
import type { AccessRequest } from './request.js';

/** A directory that has not been read for so long counts as out of reach, whatever it is that should pass by itself. */
export const OUTAGE_MS = 24 * HOUR;

/** Why an access that is ending may not be closed without proof; `undefined`: what stands in the way lasts. */
export const whyNotUnconfirmed = ({ id, trouble, remains }: AccessRequest, now: Date): Fault | undefined => {
  if (trouble === undefined) return { code: 'unconfirmed.untried', id };
  if (!isPassing(trouble)) return undefined;
  const lastHeard = remains !== undefined && remains.readAt > trouble.since ? remains.readAt : trouble.since;
  const from = addMs(lastHeard, OUTAGE_MS);
  return from <= now ? undefined : { code: 'unconfirmed.passing', id, clause: trouble.clause, from };
};
