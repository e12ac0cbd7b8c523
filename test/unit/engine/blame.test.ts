import { expect, it } from 'vitest';
import { blameOf } from '../../../src/engine/faults.js';
import type { Blame, DirectoryFault } from '../../../src/engine/faults.js';

/** Whoever is alerted to a fault can do something about it: it is never somebody else's. */
it.each<[DirectoryFault['code'], Blame]>([
  ['directory.throttled', 'throttling'],
  ['directory.too-soon', 'throttling'],
  ['directory.unavailable', 'outage'],
  ['directory.unclear', 'outage'],
  ['directory.malformed', 'outage'],
  ['directory.forbidden', 'rights'],
  ['directory.consent', 'rights'],
  ['directory.licence', 'licence'],
  ['directory.quota', 'licence'],
  ['directory.name-taken', 'input'],
  ['directory.not-found', 'input'],
  ['directory.credential', 'us'],
  ['directory.rejected', 'us'],
  ['directory.internal', 'us'],
])('%s is for %s', (code, blame) => {
  expect(blameOf({ code, detail: '' })).toBe(blame);
});
