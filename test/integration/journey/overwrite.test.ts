import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Card } from '../../../src/chat/view.js';
import type { Notifier } from '../../../src/flows/ports.js';
import { SECOND } from '../../../src/lib/clock.js';
import { textOf } from '../../fakes/chat-room.js';
import { openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk } from '../../fakes/service-desk.js';

// In Teams the credential is the answer to the click. A stored card that is updated after that answer takes the
// credential off the screen before anybody has read it, so every update must stand before the answer is given.

let desk: ServiceDesk;

/** A platform that takes its time, so that a click meets cards that are still on their way. */
const slowly = (notifier: Notifier<Card>, log: string[]): Notifier<Card> => {
  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    platforms: notifier.platforms,
    post: async (address, card) => {
      await turns(40);
      return notifier.post(address, card);
    },
    update: async (ref, card) => {
      await turns(40);
      log.push(textOf(card));
      return notifier.update(ref, card);
    },
  };
};

const updates: string[] = [];

beforeAll(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  for (const who of ['tessInTeams', 'danaInTeams'] as const) await desk.say(who, 'help');
  for (const command of [
    'admin group add "Service desk" --member "Tess O."',
    'admin group add "Service desk leads" --member "Dana W."',
  ]) {
    await desk.say('olga', command);
  }
});
afterAll(() => desk.close());

it('no card changes any more once the credential is shown, however early the click comes', async () => {
  const slow = desk.another({ notifier: slowly(desk.room.notifier, updates) });
  for (let time = 0; time < 6; time += 1) {
    // The newest request is told by its second.
    desk.entra.pass(SECOND);
    await slow.say(
      'tessInTeams',
      'request contoso --role "Helpdesk Administrator" --for 2h --reason "Reset a mailbox"',
    );
    await slow.settle();
    const id = await desk.newest();
    const approving = slow.click('danaInTeams', 'approve', id);
    while ((await desk.request(id)).reveal !== 'offered') await new Promise((resolve) => setImmediate(resolve));
    const answer = await slow.click('tessInTeams', 'reveal', id);
    const before = updates.length;
    expect(answer).toMatchObject({ kind: 'show', view: { kind: 'credential' } });
    await approving;
    await slow.settle();
    expect(updates.slice(before)).toEqual([]);
    await slow.say('tessInTeams', `end ${id}`);
    await slow.settle();
  }
});
