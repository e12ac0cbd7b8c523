import type { DirectoryFault } from '../engine/faults.js';
import type { PassPolicy } from '../engine/inspection.js';
import { MINUTE } from '../lib/clock.js';
import type { Clock } from '../lib/clock.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { PassTerms } from './steps.js';

/**
 * An access pass lasts as long as the access, as far as the tenant's policy lets it: never under its minimum, when it is
 * taken away before it ends by itself.
 */
export const passTermsUnder = (
  policy: Result<PassPolicy, DirectoryFault>,
  clock: Clock,
): Result<PassTerms, DirectoryFault> => {
  if (!policy.ok) return policy;
  const { enabled, leastMinutes, mostMinutes, onceOnly } = policy.value;
  if (!enabled) return err({ code: 'directory.no-pass', detail: 'the policy for access passes is off' });
  const minutes = (until: Date): number => {
    const wanted = Math.ceil((until.getTime() - clock.now().getTime()) / MINUTE);
    return Math.min(mostMinutes, Math.max(leastMinutes, wanted));
  };
  return ok({ minutes, onceOnly });
};
