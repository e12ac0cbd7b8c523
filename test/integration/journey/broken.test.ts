import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Directory } from '../../../src/flows/ports.js';
import { MINUTE, SECOND } from '../../../src/lib/clock.js';
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

/** Tess asks through a process in which the first calls of one kind break; then time passes and all is well again. */
const askThrough = async (overrides: Parameters<ServiceDesk['another']>[0]): Promise<string> => {
  const defective = desk.another(overrides);
  await defective.say('tess', 'request contoso --role "Global Reader" --for 1h --reason "Look at a mailbox"');
  await defective.bot.idle();
  await desk.pass(10 * SECOND);
  return desk.newest();
};

const postsAbout = (chat: string, id: string): number =>
  desk.room.cardsIn(chat).filter((card) => textOf(card).includes(id)).length;

it('an audit line that cannot be written is written later, and the cards that were posted are not posted again', async () => {
  let failures = 0;
  const append = (): never => {
    failures += 1;
    return broken();
  };
  const id = await askThrough({ audit: { ...desk.stores.audit, append } });
  expect(failures).toBeGreaterThan(0);
  for (const chat of ['DU0TESS', 'DU0DANA', 'DU0LUIS']) expect(postsAbout(chat, id)).toBe(1);
  expect(
    await desk.database.collection('audit').countDocuments({ 'event.request': id, 'event.what': 'request.submitted' }),
  ).toBe(1);
  await desk.click('tess', 'cancel', id);
});

it('a card whose posting breaks off is posted later, and the others are not posted again', async () => {
  const { notifier } = desk.room;
  const post: typeof notifier.post = (address, card) =>
    address.conversation === 'DU0LUIS' ? broken() : notifier.post(address, card);
  const id = await askThrough({ notifier: { ...notifier, post } });
  for (const chat of ['DU0TESS', 'DU0DANA', 'DU0LUIS']) expect(postsAbout(chat, id)).toBe(1);
  await desk.click('tess', 'cancel', id);
});

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
