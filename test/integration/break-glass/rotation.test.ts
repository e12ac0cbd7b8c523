import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tenantId } from '../../../src/engine/ids.js';
import type { BreakGlassId } from '../../../src/engine/ids.js';
import { rotate } from '../../../src/flows/break-glass/rotate.js';
import type { BreakGlassDirectory } from '../../../src/flows/ports/break-glass.js';
import { addMs, DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { silentLog } from '../../../src/lib/log.js';
import { addKey, newTestKey, openBreakGlassDesk } from '../../fakes/break-glass-desk.js';
import type { BreakGlassDesk } from '../../fakes/break-glass-desk.js';

/** One rotation after another: what it costs, who can read it, and what it never does. */

let desk: BreakGlassDesk;
let id: BreakGlassId;

beforeAll(async () => {
  desk = await openBreakGlassDesk();
});
afterAll(() => desk.close());

beforeEach(async () => {
  await desk.startOver();
  id = await desk.addAccount();
});

const expectOpen = async (): Promise<void> => expect(await desk.whyShut(id)).toBeUndefined();

/** A process whose directory does something besides setting a password. */
const meanwhile = (around: (set: () => Promise<void>) => Promise<void>) => {
  const { breakGlassDirectory } = desk.parts;
  const setPassword: BreakGlassDirectory['setPassword'] = async (...call) => {
    let outcome: Awaited<ReturnType<BreakGlassDirectory['setPassword']>> | undefined;
    await around(async () => {
      outcome = await breakGlassDirectory.setPassword(...call);
    });
    return outcome!;
  };
  return { ...desk.parts, breakGlassDirectory: { ...breakGlassDirectory, setPassword } };
};

describe('a rotation', () => {
  it('makes the account, gives it Global Administrator for good, and seals to everybody who has a key', async () => {
    expect(await rotate(desk.parts, id)).toEqual({ kind: 'done' });
    await expectOpen();
    const [password] = await desk.passwordsFor(id);
    expect(password).toHaveLength(32);
    expect(await desk.passwordsFor(id, desk.keys.dana)).toEqual([password]);
    expect(await desk.passwordsFor(id, desk.keys.recovery)).toEqual([password]);
    expect(await desk.passwordsFor(id, await newTestKey())).toEqual([]);
    const { upn } = await desk.account(id);
    const signedIn = desk.canSignIn({ upn, password: password! });
    expect(signedIn).toMatchObject({ ok: true, roles: ['Global Administrator'] });
    expect(signedIn.mustChangePassword).toBeUndefined();
  });

  it('takes one call to Graph, sooner than a day after the last and at no moment that could be told beforehand', async () => {
    await rotate(desk.parts, id);
    const gaps = new Set<number>();
    for (let day = 0; day < 5; day += 1) {
      const { rotateAt } = await desk.account(id);
      const gap = rotateAt!.getTime() - desk.parts.clock.now().getTime();
      gaps.add(gap);
      expect(gap).toBeGreaterThan(DAY * 0.74);
      expect(gap).toBeLessThanOrEqual(DAY);
      expect(await rotate(desk.parts, id)).toEqual({ kind: 'waits' });
      desk.entra.pass(gap);
      expect(await desk.entra.roundTrips(() => rotate(desk.parts, id))).toHaveLength(1);
      await expectOpen();
    }
    expect(gaps.size).toBe(5);
  });

  it('is by one of two processes that begin it at once', async () => {
    await rotate(desk.parts, id);
    desk.entra.pass(DAY);
    const before = (await desk.account(id)).candidates[0]!.number;
    const done = await Promise.all([rotate(desk.parts, id), rotate({ ...desk.parts }, id), rotate(desk.parts, id)]);
    expect(done.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    const { candidates } = await desk.account(id);
    expect(candidates.filter(({ number }) => number > before)).toHaveLength(1);
    await expectOpen();
  });

  it('that another process has taken over changes nothing on record, and what it sets late still opens the account', async () => {
    await rotate(desk.parts, id);
    await desk.pass(DAY);
    desk.entra.pass(DAY);
    const slow = meanwhile(async (set) => {
      desk.entra.pass(2 * MINUTE);
      expect(await rotate(desk.parts, id)).toEqual({ kind: 'done' });
      const taken = await desk.account(id);
      await set();
      expect(await desk.account(id)).toEqual(taken);
    });
    expect(await rotate(slow, id)).toEqual({ kind: 'elsewhere' });
    await expectOpen();
    // For as long as the late one is what the directory holds.
    desk.entra.pass(DAY - HOUR);
    await expectOpen();
    for (let day = 0; day < 4; day += 1) {
      await desk.pass(DAY);
      await expectOpen();
    }
    expect((await desk.account(id)).candidates.length).toBeLessThanOrEqual(3);
  });

  it('that is asked for while one is under way comes after it, sealed to whoever has a key by then', async () => {
    await rotate(desk.parts, id);
    await desk.pass(DAY);
    desk.entra.pass(DAY);
    const late = await newTestKey();
    const key = await meanwhileKey(late);
    expect(await desk.passwordsFor(id, late)).toEqual([]);
    await desk.settle();
    expect(await desk.passwordsFor(id, late)).toHaveLength(1);
    await expectOpen();
    // And one that went opens nothing that comes later.
    await desk.stores.vaults.removeKey(key);
    await desk.stores.breakGlass.rotateBy(id, desk.parts.clock.now(), 'recipients');
    const before = await desk.passwordsFor(id, late);
    await desk.settle();
    expect(await desk.passwordsFor(id, late)).toEqual(before);
    const { upn } = await desk.account(id);
    expect(before.map((password) => desk.canSignIn({ upn, password }).ok)).toEqual([false]);
  });

  const meanwhileKey = async (late: Awaited<ReturnType<typeof newTestKey>>): Promise<string> => {
    let key = '';
    await rotate(
      meanwhile(async (set) => {
        key = await addKey(desk, desk.vault, desk.vault.members[0]!, late);
        await desk.stores.breakGlass.rotateBy(id, desk.parts.clock.now(), 'recipients');
        await set();
      }),
      id,
    );
    return key;
  };

  it('is never sealed to nobody: without keys nothing is sent, and it goes on once there is one', async () => {
    const { vaults } = desk.stores;
    const { recovery: _none, ...without } = desk.vault;
    await vaults.save({ ...without, members: [] }, await vaults.of(desk.vault.id));
    try {
      const calls = await desk.entra.roundTrips(async () => {
        expect(await rotate(desk.parts, id)).toMatchObject({
          kind: 'troubled',
          trouble: { code: 'vault.no-recipients', attempts: 1 },
        });
      });
      expect(calls).toEqual([]);
      expect((await desk.account(id)).candidates).toEqual([]);
    } finally {
      await vaults.save(desk.vault, await vaults.of(desk.vault.id));
    }
    await desk.pass(HOUR);
    expect((await desk.account(id)).trouble).toBeUndefined();
    await expectOpen();
  });

  it('sends nothing that could not be sealed or copied first, and goes on once it can be', async () => {
    await rotate(desk.parts, id);
    await desk.pass(DAY);
    desk.entra.pass(DAY);
    const { candidates } = await desk.account(id);
    const full = async (): Promise<never> => Promise.reject(new RangeError('no space left on the device'));
    for (const [broken, code] of [
      [{ copies: { ...desk.parts.copies, write: full } }, 'break-glass.no-copy'],
      [{ sealer: { ...desk.parts.sealer, seal: full } }, 'break-glass.unsealed'],
      [{ audit: { ...desk.parts.audit, append: full } }, 'directory.internal'],
    ] as const) {
      const calls = await desk.entra.roundTrips(async () => {
        expect(await rotate({ ...desk.parts, ...broken, log: silentLog }, id)).toMatchObject({ trouble: { code } });
      });
      expect(calls).toEqual([]);
      expect((await desk.account(id)).candidates).toEqual(candidates);
      desk.entra.pass(HOUR);
    }
    await expectOpen();
    await desk.settle();
    expect((await desk.account(id)).candidates[0]!.number).toBeGreaterThan(candidates[0]!.number);
    await expectOpen();
  });

  it('waits while the tenant is leaving, and an outage leaves no password in doubt', async () => {
    await rotate(desk.parts, id);
    await desk.pass(DAY);
    const { candidates } = await desk.account(id);
    desk.entra.sandbox.world.faults.add({ kind: 'server-error', match: { service: 'login' } });
    for (let hours = 0; hours < 12; hours += 1) await desk.pass(HOUR);
    await desk.pass(DAY);
    const troubled = await desk.account(id);
    expect(troubled.candidates).toEqual(candidates);
    expect(troubled.trouble).toMatchObject({ code: 'directory.unavailable' });
    expect(troubled.rotateAt!.getTime() - desk.parts.clock.now().getTime()).toBeLessThanOrEqual(HOUR);
    desk.entra.sandbox.world.faults.clear();
    const tenant = await desk.tenant();
    const leaving = { ...tenant, leaving: { by: 'Olga', at: desk.parts.clock.now() } };
    await desk.stores.config.tenants.replace(leaving, tenant);
    await desk.pass(2 * HOUR);
    expect((await desk.account(id)).candidates).toEqual(candidates);
    await desk.stores.config.tenants.replace(tenant, leaving);
    await desk.pass(2 * HOUR);
    expect(await desk.account(id)).not.toHaveProperty('trouble');
    await expectOpen();
  });

  it('neither loses the way in nor stops where the clock jumps', async () => {
    await rotate(desk.parts, id);
    const jump = meanwhile(async (set) => {
      desk.entra.pass(30 * DAY);
      await set();
    });
    await desk.pass(DAY);
    desk.entra.pass(DAY);
    await rotate(jump, id);
    await expectOpen();
    desk.entra.pass(-30 * DAY);
    await expectOpen();
    const chore = desk.bot.chores.find(({ name }) => name === 'overdue-rotations')!;
    await chore.run();
    const { rotateAt } = await desk.account(id);
    expect(rotateAt!.getTime()).toBeLessThanOrEqual(addMs(desk.parts.clock.now(), DAY).getTime());
    for (let day = 0; day < 3; day += 1) {
      await desk.pass(DAY);
      await expectOpen();
    }
  });

  it('does not touch a user of that name who is not ours, and says so', async () => {
    const theirs = await desk.addAccount('megan', { upn: 'megan@contoso.com' });
    const calls = await desk.entra.roundTrips(async () => {
      expect(await rotate(desk.parts, theirs)).toMatchObject({ trouble: { code: 'break-glass.foreign' } });
    });
    expect(calls.map(({ method }) => method)).not.toContain('PATCH');
    expect(await desk.account(theirs)).not.toHaveProperty('objectId');
  });
});

describe('what is overdue', () => {
  it('is told to the admins after two hours, once for all processes, and again at growing intervals', async () => {
    await rotate(desk.parts, id);
    const since = desk.parts.clock.now();
    const tenant = tenantId('contoso');
    await desk.stores.checkups.pause({ tenant, since, code: 'directory.consent', clause: 'no consent', told: 0 });
    const chores = [desk, desk.another()].map(({ bot }) =>
      bot.chores.find(({ name }) => name === 'overdue-rotations')!,
    );
    const told = async (): Promise<number> => {
      const before = desk.room.postsIn('DU0OLGA');
      await Promise.all(chores.map(({ run }) => run()));
      return desk.room.postsIn('DU0OLGA') - before;
    };
    const { rotateAt } = await desk.account(id);
    await desk.pass(rotateAt!.getTime() - desk.parts.clock.now().getTime() + SECOND);
    const times: number[] = [];
    for (let hour = 0; hour < 18; hour += 1) {
      const count = await told();
      expect(count).toBeLessThanOrEqual(1);
      if (count === 1) times.push(hour);
      await desk.pass(HOUR);
    }
    expect(times).toEqual([2, 4, 8, 16]);
    await desk.stores.checkups.endPause(tenant);
    await desk.pass(HOUR);
    expect(await told()).toBe(0);
    await expectOpen();
  });
});
