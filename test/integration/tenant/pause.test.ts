import { afterEach, beforeEach, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../../src/lib/clock.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { textOf } from '../../fakes/chat-room.js';
import { openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';
import type { Counter, ServiceDesk } from '../../fakes/service-desk.js';

/** A tenant that shuts us out is one alarm, however much waits there; nothing is lost, and it goes on by itself. */

let desk: ServiceDesk;
let other: Counter;

beforeEach(async () => {
  desk = await openServiceDesk();
  other = desk.another();
  await setUpContoso(desk);
});

afterEach(() => desk.close());

const consent = (granted: boolean): void => {
  changeTenant(desk.entra.sandbox.world, CONTOSO.id, 'consent', { granted });
  if (granted) {
    changeTenant(desk.entra.sandbox.world, CONTOSO.id, 'service-principal-roles', { roles: ['User Administrator'] });
  }
};

/** Both processes look, as chores that lost their claim in the middle would. */
const watch = async (): Promise<void> => {
  await Promise.all([desk, other].map(async ({ bot }) => bot.chores.find(({ name }) => name === 'pauses')?.run()));
  await desk.settle();
};

const minutes = async (count: number): Promise<void> => {
  for (let minute = 0; minute < count; minute += 1) {
    await desk.pass(MINUTE);
    await watch();
  }
};

const told = () => desk.room.cardsIn(PEOPLE.olga.address?.conversation ?? '').map(textOf);

it('consent that is withdrawn in the middle of an access is one alarm; given again, the access ends and that is told', async () => {
  const id = await desk.lend('--for 1h');
  const before = told().length;
  consent(false);
  await desk.pass(HOUR);
  expect(await desk.request(id)).toMatchObject({ state: 'closing', trouble: { code: 'directory.consent' } });
  await watch();
  await minutes(4);
  const alarms = told().slice(before);
  expect(alarms).toHaveLength(1);
  expect(alarms[0]).toMatch(
    new RegExp(`^🚨 Contoso is paused: the tenant's consent is missing\\n[\\s\\S]*${id} jit-tess`, 'u'),
  );
  expect(await desk.hear('olga', 'admin tenant list')).toMatch(/contoso.* · paused/u);
  expect(await desk.hear('olga', 'admin tenant show contoso')).toMatch(/Paused since/u);
  await minutes(8);
  expect(told().slice(before + 1)).toEqual([
    expect.stringMatching(/^🚨 Contoso is paused: .* and 1 access has not ended/u),
  ]);
  consent(true);
  await minutes(2);
  expect(await desk.request(id)).toMatchObject({ state: 'closed', outcome: 'expired' });
  expect(told().slice(before + 2)).toEqual([
    expect.stringMatching(new RegExp(`^✅ Contoso works again\\n[\\s\\S]*Ended and confirmed since: ${id}\\.`, 'u')),
  ]);
  expect(await desk.hear('olga', 'admin tenant list')).not.toMatch(/paused/u);
});

it('while it is paused the directory is tried once a minute, however many requests wait', async () => {
  await desk.lend('--for 1h');
  consent(false);
  await desk.pass(HOUR);
  const log = desk.entra.sandbox.world.requests;
  const last = log.since(0).at(-1)?.number ?? 0;
  for (let minute = 0; minute < 5; minute += 1) {
    await desk.pass(MINUTE);
    await desk.bot.chores.find(({ name }) => name === 'pauses')?.run();
    await desk.settle();
  }
  const attempts = log.since(last).filter(({ path }) => path.endsWith('/token'));
  expect(attempts.length).toBeGreaterThan(0);
  expect(attempts.length).toBeLessThanOrEqual(5);
});

it('what is approved meanwhile waits, however long, and begins when it works again', async () => {
  await desk.say('tess', 'request contoso --role "Helpdesk Administrator" --for 2h --reason "Mailbox, INC-4711"');
  await desk.settle();
  const id = await desk.newest();
  consent(false);
  await desk.pass(MINUTE);
  await desk.click('dana', 'approve', id);
  await watch();
  await minutes(30);
  expect((await desk.request(id)).state).toBe('provisioning');
  consent(true);
  await minutes(2);
  expect((await desk.request(id)).state).toBe('active');
  expect((await desk.reveal(id)).upn).toMatch(/^jit-tess/u);
});

it('a process that dies while it catches up leaves the rest to the next', async () => {
  const id = await desk.lend('--for 1h');
  consent(false);
  await desk.pass(HOUR);
  await watch();
  const before = told().length;
  consent(true);
  await desk.pass(MINUTE);
  const { announcements } = desk.parts;
  const dying = desk.another({
    announcements: {
      ...announcements,
      claim: async () => {
        throw new Error('killed');
      },
    },
  });
  await dying.bot.chores.find(({ name }) => name === 'pauses')?.run();
  expect(told()).toHaveLength(before);
  await minutes(2);
  expect((await desk.request(id)).state).toBe('closed');
  expect(told().slice(before)).toEqual([expect.stringMatching(/^✅ Contoso works again/u)]);
});

it('a credential that is refused everywhere pauses no single tenant', async () => {
  const { directory } = desk.parts;
  const refusing = desk.another({
    directory: {
      ...directory,
      observe: async () => ({ ok: false, error: { code: 'directory.credential', detail: 'expired' } }),
    },
  });
  const id = await desk.lend('--for 1h');
  desk.entra.pass(HOUR);
  await refusing.bot.tend((await desk.request(id)).id);
  await refusing.bot.idle();
  expect(await desk.request(id)).toMatchObject({ state: 'closing', trouble: { code: 'directory.credential' } });
  expect(await desk.stores.checkups.pauses()).toEqual([]);
});
