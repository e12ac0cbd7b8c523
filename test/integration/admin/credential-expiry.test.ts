import { afterEach, beforeEach, expect, it } from 'vitest';
import { textOf } from '../../fakes/chat-room.js';
import { openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';
import type { Counter, ServiceDesk } from '../../fakes/service-desk.js';
import type { Inspector } from '../../../src/flows/ports/inspection.js';
import type { ListedCredential } from '../../../src/engine/inspection.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { addMs, DAY, HOUR } from '../../../src/lib/clock.js';

/** Whoever can renew a credential is told 30, 7 and 1 days ahead and when it is over: once each, whoever runs and dies. */

let desk: ServiceDesk;
let listed: readonly ListedCredential[];
let certificate: Date | undefined;

beforeEach(async () => {
  listed = [];
  certificate = undefined;
  desk = await openServiceDesk();
  const { inspector, login } = desk.parts;
  const inspecting: Inspector = {
    ...inspector,
    inspect: async (tenant) => ({ ...(await inspector.inspect(tenant)), credentials: { ok: true, value: listed } }),
  };
  Object.assign(desk.parts, { inspector: inspecting, login: { ...login, certificate: async () => certificate } });
  await setUpContoso(desk);
});

afterEach(() => desk.close());

const look = async (counter: Counter = desk.another()): Promise<void> => {
  await counter.bot.chores.find(({ name }) => name === 'credential-expiry')?.run();
};

const chat = () => desk.room.cardsIn(PEOPLE.olga.address?.conversation ?? '').map(textOf);

const inDays = (days: number): Date => addMs(desk.parts.clock.now(), days * DAY);

const ownApp = (expiresAt: Date) => ({
  directoryId: CONTOSO.id,
  clientId: 'b0b0b0b0-0000-4000-8000-000000000001',
  cloud: 'global' as const,
  kind: 'secret' as const,
  sealed: 'sealed',
  expiresAt,
  changedAt: desk.parts.clock.now(),
});

it('an end is told at each of its warnings and once it is over, and at no other time', async () => {
  certificate = inDays(31);
  const before = chat().length;
  const told: string[] = [];
  for (let day = 0; day <= 33; day += 1) {
    await look();
    for (const card of chat().slice(before + told.length)) told.push(`${day}: ${card.split('\n')[0]}`);
    desk.entra.pass(DAY);
  }
  expect(told).toEqual([
    "1: Latchkey's own certificate ends in 30 days",
    "24: Latchkey's own certificate ends in 7 days",
    "30: Latchkey's own certificate ends within a day",
    "31: 🚨 Latchkey's own certificate has ended",
  ]);
});

it('two processes at once and a restart tell it once', async () => {
  certificate = inDays(5);
  const before = chat().length;
  await Promise.all([look(), look(), look()]);
  await look();
  expect(chat().slice(before)).toHaveLength(1);
});

it('only the tightest warning is told where nobody looked for long', async () => {
  certificate = addMs(desk.parts.clock.now(), HOUR);
  const before = chat().length;
  await look();
  desk.entra.pass(HOUR / 2);
  await look();
  expect(chat().slice(before)).toHaveLength(1);
});

it('who could not be told is told at the next look', async () => {
  certificate = inDays(5);
  const conversation = PEOPLE.olga.address?.conversation ?? '';
  desk.room.trouble(conversation, { kind: 'later', detail: 'busy' });
  await expect(look()).rejects.toThrow('reached no owner');
  desk.room.trouble(conversation, undefined);
  const before = chat().length;
  await look();
  expect(chat().slice(before)).toHaveLength(1);
});

it("what the app's registration lists is told by name, unless it is the one that is known already", async () => {
  certificate = inDays(6);
  listed = [
    { kind: 'certificate', name: 'the same one', expiresAt: addMs(certificate, 400) },
    { kind: 'secret', name: 'first try', expiresAt: inDays(3) },
    { kind: 'secret', name: 'far off', expiresAt: inDays(300) },
  ];
  await look();
  expect(chat().at(-1)).toMatch(/^2 credentials end soon\nLatchkey's own secret "first try" ends in 3 days/u);
  expect(chat().at(-1)).not.toMatch(/the same one|far off/u);
});

it("a tenant's own app is told with its tenant and the command that renews it, and anew after it was renewed", async () => {
  await desk.stores.tenantApps.put(ownApp(inDays(2)));
  await look();
  expect(chat().at(-1)).toMatch(/^Contoso: secret ends in 2 days[\s\S]*\/jit admin tenant app contoso/u);
  await desk.stores.tenantApps.put(ownApp(inDays(20)));
  await look();
  expect(chat().at(-1)).toMatch(/^Contoso: secret ends in 20 days/u);
});
