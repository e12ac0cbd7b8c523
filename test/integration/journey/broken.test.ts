import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Directory } from '../../../src/flows/ports.js';
import { MINUTE } from '../../../src/lib/clock.js';
import { textOf } from '../../fakes/chat-room.js';
import { openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk } from '../../fakes/service-desk.js';

// A defect of our own must not be quieter than a fault of the directory: whatever breaks, an end that does not come is
// retried, shown and alarmed.

let desk: ServiceDesk;

beforeAll(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
});
afterAll(() => desk.close());

const broken = (): never => {
  throw new TypeError('steps is not iterable');
};

it('an end that keeps breaking off inside the bot is shown and alarmed, and comes once the bot is mended', async () => {
  const id = await desk.lend();
  const defective = desk.another({ directory: { observe: broken, apply: broken } as unknown as Directory });
  await defective.click('tess', 'end', id);
  await defective.bot.idle();
  for (let tries = 0; tries < 12; tries += 1) {
    desk.entra.pass(MINUTE);
    await defective.bot.tend((await desk.request(id)).id);
    await defective.bot.idle();
  }
  const stuck = await desk.request(id);
  expect(stuck).toMatchObject({ state: 'closing', trouble: { code: 'directory.internal' } });
  expect(stuck.alarmedAt).toBeDefined();
  expect(desk.room.cardsIn('DU0OLGA').some((card) => textOf(card).includes('has not ended'))).toBe(true);

  await desk.pass(5 * MINUTE);
  expect(await desk.request(id)).toMatchObject({ state: 'closed', outcome: 'ended' });
});
