import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { breakGlassId, tenantId, viewId } from '../../../src/engine/ids.js';
import type { BreakGlassId } from '../../../src/engine/ids.js';
import type { BreakGlassView } from '../../../src/engine/break-glass-view.js';
import type { DirectoryFault } from '../../../src/engine/faults.js';
import type { RecordedUse } from '../../../src/flows/ports/break-glass.js';
import { addMs, DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { err, ok } from '../../../src/lib/result.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { textOf } from '../../fakes/chat-room.js';
import { openBreakGlassDesk } from '../../fakes/break-glass-desk.js';
import type { BreakGlassDesk } from '../../fakes/break-glass-desk.js';
import { PEOPLE } from '../../fakes/service-desk.js';
import type { Counter } from '../../fakes/service-desk.js';

/** A use of break-glass that nobody was meant to make is told within two looks, once; one that was meant is noted. */

let desk: BreakGlassDesk;
let account: BreakGlassId;

beforeAll(async () => {
  desk = await openBreakGlassDesk();
});
afterAll(() => desk.close());

beforeEach(async () => {
  await desk.startOver();
  for (const name of ['watches', 'drills', 'views', 'announcements'])
    await desk.database.collection(name).deleteMany({});
  changeTenant(desk.entra.sandbox.world, CONTOSO.id, 'licences', { plans: ['P1'] });
  await desk.hear('olga', 'admin break-glass enable contoso --name emergency1');
  account = breakGlassId(tenantId('contoso'), 'emergency1');
  before = told().length;
});

const CONVERSATION = PEOPLE.olga.address?.conversation ?? '';
let before = 0;

const told = () => desk.room.cardsIn(CONVERSATION).map(textOf);
const news = () => told().slice(before);

/** The chore, again and again for a while. */
const look = async (ms = 5 * MINUTE, counter: Counter = desk): Promise<void> => {
  const step = ms > 10 * MINUTE ? 2 * MINUTE : 30 * SECOND;
  for (let passed = 0; passed <= ms; passed += step) {
    await counter.bot.chores.find(({ name }) => name === 'break-glass-uses')?.run();
    desk.entra.pass(step);
  }
};

const signIn = async (): Promise<void> => {
  const { upn } = await desk.account(account);
  const [password = ''] = await desk.passwordsFor(account);
  expect(desk.canSignIn({ upn, password }).ok).toBe(true);
};

const now = () => desk.parts.clock.now();

const shown = async (id: string, times: Pick<BreakGlassView, 'state' | 'shownAt' | 'overAt'>): Promise<void> => {
  await desk.stores.views.insert({
    id: viewId(id),
    tenant: tenantId('contoso'),
    tenantName: 'Contoso',
    accounts: [account],
    requester: desk.olga.person.id,
    requesterName: desk.olga.person.name,
    askedOn: 'slack',
    reason: 'Locked out',
    emergency: false,
    accessPass: false,
    rules: [],
    quorums: [],
    asked: [],
    approvals: [],
    denials: [],
    createdAt: now(),
    lapsesAt: addMs(now(), HOUR),
    lastsMs: HOUR,
    messages: [],
    ...times,
  });
};

/** A bot whose directory has these records, whatever it is asked for. */
const reading = (records: () => readonly Omit<RecordedUse, 'user'>[] | DirectoryFault): Counter =>
  desk.another({
    breakGlassDirectory: {
      ...desk.parts.breakGlassDirectory,
      uses: async (_tenant, [user], since) => {
        const found = records();
        if (!('length' in found)) return err(found);
        return ok(
          found.filter(({ at }) => at >= since).flatMap((one) => (user === undefined ? [] : [{ ...one, user }])),
        );
      },
    },
  });

it('a sign-in that nobody had opened the password for is told once, and is the last use of the account', async () => {
  await look();
  await signIn();
  await look(10 * MINUTE);
  expect(news()).toEqual([
    expect.stringMatching(
      /^🚨 Contoso: emergency1@contoso\.onmicrosoft\.com was used, and nobody had opened its password\n.*signed in to [\s\S]*\/jit admin break-glass rotate contoso/u,
    ),
  ]);
  expect((await desk.account(account)).used).toMatchObject({ says: expect.stringMatching(/^signed in/u) });
  expect((await desk.account(account)).used?.view).toBeUndefined();
  const lines = await desk.stores.audit.read({}, 50);
  expect(lines.filter(({ event }) => event.what === 'break-glass.used')).toHaveLength(1);
  await look(HOUR);
  expect(news()).toHaveLength(1);
});

it("a use within a look is noted on it and alarms nobody, and Latchkey's own changes are no use", async () => {
  await shown('V-1', { state: 'open', shownAt: now() });
  desk.entra.pass(MINUTE);
  await signIn();
  await desk.hear('olga', 'admin break-glass rotate contoso');
  await look(10 * MINUTE);
  expect(news()).toEqual([]);
  expect((await desk.stores.views.load(viewId('V-1')))?.view.uses).toEqual([
    expect.objectContaining({ says: expect.stringMatching(/^signed in/u) }),
  ]);
  expect((await desk.account(account)).used).toMatchObject({ view: 'V-1' });
});

it('a look covers what happens from when it was shown until it is over, with two minutes of slack and no more', async () => {
  const from = addMs(now(), HOUR);
  const until = addMs(from, HOUR);
  desk.entra.pass(4 * HOUR);
  await shown('V-2', { state: 'over', shownAt: from, overAt: until });
  const at = (time: Date, ms: number) => ({
    id: `${time === from ? 'from' : 'until'}${ms}`,
    at: addMs(time, ms),
    says: 'x',
  });
  const counter = reading(() => [
    at(from, -2 * MINUTE - 1),
    at(from, -2 * MINUTE),
    at(until, 2 * MINUTE),
    at(until, 2 * MINUTE + 1),
  ]);
  await look(0, counter);
  const noted = (await desk.stores.views.load(viewId('V-2')))?.view.uses?.map(({ id }) => id);
  expect(noted).toEqual(['from-120000', 'until120000']);
  expect(news()).toEqual([expect.stringMatching(/^🚨 Contoso: break-glass was used/u)]);
});

it('records that come hours late are told, and those that come again are not', async () => {
  const late = { id: 'late', at: addMs(now(), MINUTE), says: 'signed in to Azure Portal' };
  const records: Omit<RecordedUse, 'user'>[] = [];
  const counter = reading(() => records);
  await look(6 * HOUR, counter);
  expect(news()).toEqual([]);
  records.push(late);
  await look(10 * MINUTE, counter);
  expect(news()).toHaveLength(1);
  records.push(late, { ...late, id: 'other', at: addMs(late.at, SECOND) });
  await look(10 * MINUTE, counter);
  await look(
    5 * MINUTE,
    reading(() => records),
  );
  expect(news()).toHaveLength(2);
});

it('two processes that look at once, and one after a restart, tell it once', async () => {
  const records = [{ id: 'one', at: addMs(now(), MINUTE), says: 'signed in' }];
  desk.entra.pass(HOUR);
  const counters = [1, 2, 3].map(() => reading(() => records));
  await Promise.all(counters.map((counter) => look(5 * MINUTE, counter)));
  await look(
    10 * MINUTE,
    reading(() => records),
  );
  expect(news()).toHaveLength(1);
});

it('what nobody could be told is told as soon as somebody can be', async () => {
  const records = [{ id: 'one', at: addMs(now(), MINUTE), says: 'signed in' }];
  const counter = reading(() => records);
  desk.room.trouble(CONVERSATION, { kind: 'later', detail: 'busy' });
  await look(10 * MINUTE, counter);
  // Longer than the log is read anew.
  desk.entra.pass(3 * DAY);
  desk.room.trouble(CONVERSATION, undefined);
  await look(10 * MINUTE, counter);
  expect(news()).toHaveLength(1);
});

it('what was done before an account was kept is nobody’s news', async () => {
  const counter = reading(() => [{ id: 'old', at: addMs(now(), -2 * HOUR), says: 'signed in' }]);
  await look(MINUTE, counter);
  expect(news()).toEqual([]);
});

it('a licence that is missing is said in the status, alarms nobody, and hides nothing once it is there', async () => {
  changeTenant(desk.entra.sandbox.world, CONTOSO.id, 'licences', { plans: [] });
  await look(20 * MINUTE);
  await signIn();
  await look(3 * HOUR);
  expect(news()).toEqual([]);
  expect(await desk.hear('olga', 'admin break-glass status')).toContain(
    'its use is not seen: the tenant lacks the licence for it',
  );
  changeTenant(desk.entra.sandbox.world, CONTOSO.id, 'licences', { plans: ['P1'] });
  await look(70 * MINUTE);
  expect(news()).toEqual([expect.stringMatching(/emergency1@contoso\.onmicrosoft\.com was used/u)]);
  expect(await desk.hear('olga', 'admin break-glass status')).not.toContain('its use is not seen');
});

it('a log that cannot be read is told once it lasts an hour, once a day, and what happened meanwhile is told then', async () => {
  let fault: DirectoryFault | undefined = { code: 'directory.forbidden', detail: 'no AuditLog.Read.All' };
  const records = [{ id: 'one', at: addMs(now(), 2 * HOUR), says: 'signed in' }];
  const counter = reading(() => fault ?? records);
  await look(50 * MINUTE, counter);
  expect(news()).toEqual([]);
  await look(5 * HOUR, counter);
  expect(news()).toEqual([expect.stringMatching(/^🚨 Contoso: nobody would see its break-glass accounts being used/u)]);
  desk.entra.pass(DAY);
  await look(HOUR, counter);
  expect(news()).toHaveLength(2);
  desk.entra.pass(2 * DAY);
  fault = undefined;
  await look(5 * MINUTE, counter);
  expect(news().slice(2)).toEqual([expect.stringMatching(/was used/u)]);
});

it('a clock that was ahead for a while hides nothing', async () => {
  const records: Omit<RecordedUse, 'user'>[] = [];
  const right = desk.parts.clock;
  const ahead = desk.another({
    clock: { now: () => addMs(right.now(), 5 * DAY) },
    breakGlassDirectory: { ...desk.parts.breakGlassDirectory, uses: async () => ok([]) },
  });
  await look(MINUTE, ahead);
  records.push({ id: 'one', at: addMs(now(), MINUTE), says: 'signed in' });
  desk.entra.pass(2 * MINUTE);
  await look(
    5 * MINUTE,
    reading(() => records),
  );
  expect(news()).toHaveLength(1);
});

it('a tenant whose look breaks off keeps no other from its turn, and gets its own again', async () => {
  await desk.hear('olga', 'admin tenant add fabrikam --id fab41ca0-2222-4222-8222-222222222222');
  const slow = await desk.account(account);
  const other = breakGlassId(tenantId('fabrikam'), 'emergency1');
  await desk.stores.breakGlass.insert({ ...slow, id: other, tenant: tenantId('fabrikam'), upn: 'emergency1@fabrikam' });
  const looked: string[] = [];
  const broken = desk.another({
    breakGlassDirectory: {
      ...desk.parts.breakGlassDirectory,
      uses: async ({ id }) => {
        looked.push(id);
        if (id === 'contoso') throw new Error('broken');
        return ok([]);
      },
    },
  });
  await look(10 * MINUTE, broken);
  expect(looked.filter((id) => id === 'fabrikam').length).toBeGreaterThanOrEqual(2);
  expect(looked.filter((id) => id === 'contoso').length).toBeGreaterThanOrEqual(2);
});
