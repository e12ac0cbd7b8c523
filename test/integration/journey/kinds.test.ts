import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE } from '../../../src/lib/clock.js';
import { expectNoTrace } from '../../fakes/aftermath.js';
import { openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk } from '../../fakes/service-desk.js';
import { startJourney, watchEnds } from '../../fakes/whole-journey.js';
import type { Ending } from '../../fakes/whole-journey.js';
import { allowWishes, allWishes, arrange, wishName } from '../../fakes/wishes.js';
import type { Wish } from '../../fakes/wishes.js';

/**
 * Every kind of account, with every credential, by every way of giving roles, and with every end: exactly what was asked
 * for is there while it should be, and afterwards nothing of it. Every 13th of them by default, beginning with the
 * SEED-th; FULL=1 tries all.
 */

const ENDINGS: readonly Ending[] = ['expires', 'is ended', 'is revoked'];

const EVERY = process.env['FULL'] === '1' ? 1 : 13;
const SEED = Number(process.env['SEED'] ?? 1);

const cells = allWishes()
  .map((wish, index) => [wishName(wish), ENDINGS[index % ENDINGS.length]!, wish] as const)
  .filter((_, index) => (index - SEED) % EVERY === 0);

let desk: ServiceDesk;
const everRevealed: string[] = [];

beforeAll(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  await allowWishes(desk);
});
afterAll(() => desk.close());

/** What Privileged Identity Management has given just now it does not let go for five minutes. */
const LONGEST_WAIT_MS = 6 * MINUTE;

const expectLent = async (wish: Wish, how: Ending): Promise<void> => {
  await arrange(desk, wish);
  const watched = watchEnds(desk);
  if (wish.kind === 'dedicated known') {
    const earlier = startJourney(desk, watched, { ...wish, atEnd: 'disable' });
    await earlier.begin();
    await earlier.end('is ended');
    await earlier.expectOver();
    await desk.database.collection('requests').deleteMany({});
    await desk.pass(3 * MINUTE);
  }
  const journey = startJourney(desk, watched, wish);
  expect(await journey.begin()).toBe(true);
  expect(journey.waitedMs()).toBe(0);
  await journey.use();
  expect(journey.waitedMs()).toBe(0);
  await journey.end(how);
  await journey.expectOver();
  expect(journey.waitedMs()).toBeLessThanOrEqual(LONGEST_WAIT_MS);
  everRevealed.push(...journey.secrets);
};

describe('access comes, is used and goes', () => {
  it.each(cells)('%s, where it %s', (_, how, wish) => expectLent(wish, how));
});

it('leaves no secret where anybody could read it later, and nothing to complain about', async () => {
  expect(desk.complaints).toEqual([]);
  await expectNoTrace(desk, everRevealed);
});
