import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SETTLE_MS } from '../../../src/engine/account.js';
import { MINUTE, SECOND } from '../../../src/lib/clock.js';
import type { FaultInput } from '../../../src/sandbox/faults.js';
import { expectCardsInLine, expectNothingLeft, lentUsers, startOver } from '../../fakes/aftermath.js';
import { openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk } from '../../fakes/service-desk.js';

/** Reads that lag behind writes, and writes whose answer never came: an end is confirmed by nothing less than proof. */

let desk: ServiceDesk;

beforeAll(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
});
beforeEach(() => startOver(desk));
afterAll(() => desk.close());

const LAG_MS = 30 * SECOND;

const arm = (fault: FaultInput): void => void desk.entra.sandbox.world.faults.add(fault);
const clear = (): void => desk.entra.sandbox.world.faults.clear();
const readsLag = (): void => arm({ kind: 'replication-delay', ms: LAG_MS });

const state = async (id: string): Promise<string> => (await desk.request(id)).state;

const untilState = async (id: string, wanted: string, mostMs = 5 * MINUTE): Promise<void> => {
  for (let ms = 0; ms < mostMs && (await state(id)) !== wanted; ms += 5 * SECOND) await desk.pass(5 * SECOND);
  expect(await state(id)).toBe(wanted);
};

const ask = async (role = 'Helpdesk Administrator'): Promise<string> => {
  await desk.pass(SECOND);
  await desk.say('tess', `request contoso --role "${role}" --for 2h --reason "Reset a mailbox"`);
  await desk.settle();
  return desk.newest();
};

const approve = async (id: string): Promise<void> => {
  await desk.click('dana', 'approve', id);
  await desk.settle();
};

const end = async (id: string): Promise<void> => {
  await desk.say('tess', `end ${id}`);
  await desk.settle();
};

const passwordOf = async (id: string): Promise<{ upn: string; password: string }> => {
  const { upn, secret: password } = await desk.reveal(id);
  return { upn, password: password.reveal() };
};

describe('while reads lag behind writes', () => {
  it('finds its own account again after the answer to the creation was lost', async () => {
    const id = await ask();
    readsLag();
    arm({ kind: 'drop-after-write', match: { path: '^/v1.0/users$' }, times: 1 });
    await approve(id);
    await untilState(id, 'active');
    expect(lentUsers(desk)).toMatchObject([{ enabled: true, roles: ['Helpdesk Administrator'] }]);
    expect(desk.canSignIn(await passwordOf(id))).toMatchObject({ ok: true });
    clear();
  });

  it.each(['a new account', 'a known account'])(
    'lets a second request join what the first has just got: %s',
    async (kind) => {
      if (kind === 'a known account') {
        const earlier = await desk.lend();
        await end(earlier);
        await untilState(earlier, 'closed');
        await desk.pass(MINUTE);
      }
      const [first, second] = [await ask(), await ask('Global Reader')];
      readsLag();
      await approve(first);
      await untilState(first, 'active');
      const credential = await passwordOf(first);
      await approve(second);
      await untilState(second, 'active');
      expect((await desk.request(second)).reveal).toBe('shared');
      expect(desk.canSignIn(credential)).toMatchObject({
        ok: true,
        roles: ['Global Reader', 'Helpdesk Administrator'],
      });
      clear();
    },
  );

  it.each(['a new account', 'a known account'])('removes at once what no read shows yet: %s', async (kind) => {
    if (kind === 'a known account') {
      const earlier = await desk.lend();
      await end(earlier);
      await untilState(earlier, 'closed');
      await desk.pass(MINUTE);
    }
    const id = await ask();
    readsLag();
    await approve(id);
    expect(await state(id)).toBe('active');
    const credential = await passwordOf(id);
    await end(id);
    expectNothingLeft(desk, [credential.password]);
    await untilState(id, 'closed', MINUTE);
    const { confirmedAt, closingSince } = await desk.request(id);
    expect(confirmedAt!.getTime() - closingSince!.getTime()).toBeGreaterThanOrEqual(LAG_MS);
    expectNothingLeft(desk, [credential.password]);
    clear();
  });
});

describe('a write whose answer never came, and an end right after it', () => {
  it.each([
    ['the creation', '^/v1.0/users$'],
    ['the first grant', '\\$batch$'],
  ])('is not confirmed before the write must have shown: %s', async (_, path) => {
    const id = await ask();
    arm({ kind: 'drop-after-write', match: { path, method: 'POST' }, times: 1 });
    await approve(id);
    const writtenAt = desk.entra.clock.now();
    expect(await state(id)).toBe('provisioning');
    await end(id);
    await untilState(id, 'closed');
    const { confirmedAt, alarmedAt } = await desk.request(id);
    expect(confirmedAt!.getTime() - writtenAt.getTime()).toBeGreaterThanOrEqual(SETTLE_MS);
    expect(alarmedAt).toBeUndefined();
    expectNothingLeft(desk, []);
  });

  it('is not confirmed early where a later try was refused and reads do not show the first one', async () => {
    const earlier = await desk.lend();
    await end(earlier);
    await untilState(earlier, 'closed');
    await desk.pass(MINUTE);
    const id = await ask();
    readsLag();
    arm({
      kind: 'server-error',
      status: 504,
      afterWrite: true,
      match: { path: '\\$batch$', method: 'POST' },
      times: 8,
    });
    await approve(id);
    arm({ kind: 'throttle', retryAfterSeconds: 60, match: { path: 'roleAssignments$', method: 'POST' }, times: 1 });
    await desk.pass(2 * SECOND);
    await end(id);
    await untilState(id, 'closed');
    expectNothingLeft(desk, []);
    clear();
  });
});

describe('a role that cannot be removed', () => {
  it('never keeps the account from being shut', async () => {
    const id = await desk.lend();
    const credential = await passwordOf(id);
    arm({ kind: 'server-error', match: { path: 'roleAssignments/', method: 'DELETE' } });
    await end(id);
    expect(desk.canSignIn(credential)).toMatchObject({ ok: false, reason: 'wrong_password' });
    expect(lentUsers(desk)).toMatchObject([{ enabled: false, roles: ['Helpdesk Administrator'] }]);
    for (let minutes = 0; minutes < 6; minutes += 1) await desk.pass(MINUTE);
    expect(await desk.request(id)).toMatchObject({ state: 'closing', alarmedAt: expect.any(Date) as Date });
    expect(desk.room.cardsIn('DU0OLGA').some(({ title }) => title.includes('has not ended'))).toBe(true);
    clear();
    await untilState(id, 'closed');
    expectNothingLeft(desk, [credential.password]);
    await expectCardsInLine(desk, id);
    expect(desk.room.cardsIn('DU0OLGA').some(({ title }) => title.includes('overdue access'))).toBe(true);
  });
});
