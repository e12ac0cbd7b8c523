import { afterEach, beforeEach, expect, it } from 'vitest';
import { tenantId } from '../../../src/engine/ids.js';
import { MINUTE } from '../../../src/lib/clock.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { textOf } from '../../fakes/chat-room.js';
import { openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';
import type { Counter, ServiceDesk } from '../../fakes/service-desk.js';

/** A tenant is forgotten only once every access there is proven to have ended, whatever happens on the way. */

let desk: ServiceDesk;

beforeEach(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
});

afterEach(() => desk.close());

const CONTOSO_ID = tenantId('contoso');

const go = async (counter: Counter = desk): Promise<void> => {
  await counter.bot.chores.find(({ name }) => name === 'leaving')?.run();
  await counter.settle();
};

const minutes = async (count: number, counter: Counter = desk): Promise<void> => {
  for (let minute = 0; minute < count; minute += 1) {
    await counter.pass(MINUTE);
    await go(counter);
  }
};

const isThere = async (): Promise<boolean> => (await desk.stores.config.tenants.byId(CONTOSO_ID)) !== undefined;

const told = () =>
  desk.room
    .cardsIn(PEOPLE.olga.address?.conversation ?? '')
    .map(textOf)
    .filter((card) => card.includes('is disconnected'));

/** The rule names the tenant, and goes first. */
const removeRule = () => desk.say('olga', 'admin rule remove "Leads approve helpdesk" --yes');

const keepSecrets = async (): Promise<void> => {
  const { clock } = desk.parts;
  await desk.stores.checkups.save({
    tenant: CONTOSO_ID,
    at: clock.now(),
    findings: [],
    powers: { changesHolders: false, schedules: false },
  });
};

it('live access ends, what waits is called off, and then the tenant is gone and the admins hear what is left', async () => {
  const live = await desk.lend();
  await keepSecrets();
  await desk.pass(MINUTE);
  await desk.say('tess', 'request contoso --role "Global Reader" --for 1h --reason "Audit, INC-1"');
  await desk.settle();
  const waiting = await desk.newest();
  const refused = await desk.hear('olga', 'admin tenant disconnect contoso --yes');
  expect(refused).toContain(
    'still used by rule Leads approve helpdesk (/jit admin rule remove "Leads approve helpdesk"). Remove that first.',
  );
  await removeRule();
  const question = await desk.hear('olga', 'admin tenant disconnect contoso');
  expect(question).toContain(`Taken away at once: ${live} (Tess Okafor).`);
  expect(question).toContain(`Called off: ${waiting} (Tess Okafor).`);
  expect(question).toContain('jit-tess.okafor@contoso.com');
  expect((await desk.request(live)).state).toBe('active');
  expect(await desk.hear('olga', 'admin tenant disconnect contoso --yes')).toMatch(/^Contoso is being disconnected/u);
  await desk.settle();
  expect(await desk.request(live)).toMatchObject({ state: 'closed', outcome: 'revoked' });
  expect(await desk.request(waiting)).toMatchObject({
    state: 'cancelled',
    calledOff: 'Contoso is being disconnected.',
  });
  expect(await isThere()).toBe(true);
  await minutes(2);
  expect(await isThere()).toBe(false);
  expect(await desk.stores.checkups.of(CONTOSO_ID)).toBeUndefined();
  expect(await desk.stores.tenantApps.of(CONTOSO.id)).toBeUndefined();
  expect(told()).toEqual([
    expect.stringMatching(/^Contoso is disconnected\nOlga Reyes asked[\s\S]*jit-tess\.okafor@contoso\.com/u),
  ]);
  const lines = (await desk.stores.audit.read({}, 20)).map(({ event }) => event.what);
  expect(lines).toEqual(expect.arrayContaining(['tenant.leaving', 'tenant.removed']));
  await minutes(2);
  expect(told()).toHaveLength(1);
});

it('a directory that fails meanwhile keeps the tenant until the end is proven', async () => {
  const id = await desk.lend();
  await removeRule();
  desk.entra.sandbox.world.faults.add({ kind: 'server-error' });
  await desk.say('olga', 'admin tenant disconnect contoso --yes');
  await minutes(5);
  expect((await desk.request(id)).state).toBe('closing');
  expect(await isThere()).toBe(true);
  desk.entra.sandbox.world.faults.clear();
  await minutes(5);
  expect(await desk.request(id)).toMatchObject({ state: 'closed', outcome: 'revoked' });
  expect(await isThere()).toBe(false);
  expect(told()).toHaveLength(1);
});

it('a restart in between, and two processes at once, end in the same, told once', async () => {
  const id = await desk.lend();
  await removeRule();
  const first = desk.another();
  await first.say('olga', 'admin tenant disconnect contoso --yes');
  const [second, third] = [desk.another(), desk.another()];
  await desk.pass(2 * MINUTE);
  await Promise.all([go(second), go(third)]);
  await Promise.all([go(second), go(third)]);
  expect((await desk.request(id)).state).toBe('closed');
  expect(await isThere()).toBe(false);
  expect(told()).toHaveLength(1);
});

it('a disconnect can be taken back while it is not done', async () => {
  await removeRule();
  await desk.say('olga', 'admin tenant disconnect contoso --yes');
  expect(await desk.hear('olga', 'admin tenant list')).toMatch(/being disconnected/u);
  expect(await desk.hear('olga', 'admin tenant disconnect contoso --stay')).toMatch(/^Contoso stays connected/u);
  await minutes(3);
  expect(await isThere()).toBe(true);
  expect(told()).toEqual([]);
  expect(await desk.hear('olga', 'admin tenant disconnect contoso --stay')).toMatch(/is not being disconnected/u);
});
