import { beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { expectNothingLeft, expectNoTrace, lentUsers } from '../../fakes/aftermath.js';
import { textOf } from '../../fakes/chat-room.js';
import { mortal } from '../../fakes/mortal.js';
import { openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk } from '../../fakes/service-desk.js';

/** What clocks, lost answers and the customer's own administrators can do to an access while it lives. */

let desk: ServiceDesk;
let passwords: string[];

beforeEach(async () => {
  passwords = [];
  desk = await openServiceDesk();
  await setUpContoso(desk);
  return () => desk.close();
});

interface Login {
  readonly upn: string;
  readonly password: string;
}

const reveal = async (id: string): Promise<Login> => {
  const { upn, secret: password } = await desk.reveal(id);
  passwords.push(password.reveal());
  return { upn, password: password.reveal() };
};

const end = async (id: string): Promise<void> => {
  await desk.say('tess', `end ${id}`);
  await desk.settle();
  for (let tries = 0; tries < 5 && (await desk.request(id)).state !== 'closed'; tries += 1) await desk.pass(MINUTE);
};

const expectClosed = async (id: string): Promise<void> => {
  expect(await desk.request(id)).toMatchObject({ state: 'closed', accountLeft: 'disabled' });
  expectNothingLeft(desk, passwords);
  expect(desk.complaints).toEqual([]);
  if (passwords.length > 0) await expectNoTrace(desk, passwords);
};

const behindItsBack = (action: string, body: object): void =>
  void changeTenant(desk.entra.sandbox.world, CONTOSO.id, action, body);

describe('time', () => {
  it('that nobody was awake for ends an access all the same, at the first look', async () => {
    const id = await desk.lend();
    const login = await reveal(id);
    await desk.pass(3 * DAY);
    expect(await desk.request(id)).toMatchObject({ outcome: 'expired' });
    expect(desk.canSignIn(login)).toMatchObject({ ok: false });
    await expectClosed(id);
  });

  it('that goes back a minute at any stage does no harm', async () => {
    const back = (): void => desk.entra.pass(-MINUTE);
    await desk.say('tess', 'request contoso --role "Helpdesk Administrator" --for 1h --reason "Reset a mailbox"');
    back();
    await desk.settle();
    const id = await desk.newest();
    await desk.click('dana', 'approve', id);
    back();
    await desk.settle();
    await desk.pass(2 * MINUTE);
    expect((await desk.request(id)).state).toBe('active');
    const login = await reveal(id);
    back();
    await desk.settle();
    expect(desk.canSignIn(login)).toMatchObject({ ok: true });
    await desk.say('tess', `end ${id}`);
    back();
    await desk.settle();
    for (let tries = 0; tries < 6; tries += 1) await desk.pass(MINUTE);
    await expectClosed(id);
  });
});

describe('a credential asked for again', () => {
  it('replaces the old one, with the roles taken and given again, and nothing else changed', async () => {
    const id = await desk.lend();
    const old = await reveal(id);
    const before = await desk.request(id);
    const trips = await desk.entra.roundTrips(async () => {
      await desk.say('tess', `reveal ${id} --again`);
      await desk.settle();
    });
    const did = trips.flatMap(({ items = [] }) => items.map(({ method, url }) => `${method} ${url.split('/')[1]}`));
    expect(did.filter((step) => !step.startsWith('GET'))).toEqual([
      'DELETE roleManagement',
      'PATCH users',
      'POST users',
      'POST roleManagement',
    ]);
    const fresh = await reveal(id);
    expect(desk.canSignIn(old)).toMatchObject({ ok: false, reason: 'wrong_password' });
    expect(desk.canSignIn(fresh)).toMatchObject({ ok: true, roles: ['Helpdesk Administrator'] });
    const after = await desk.request(id);
    expect([after.readyAt, after.endsAt, after.state]).toEqual([before.readyAt, before.endsAt, before.state]);
    await end(id);
    await expectClosed(id);
  });

  it('is the only way to one that was lost between the taking and the showing', async () => {
    const id = await desk.lend();
    const calls = mortal(desk.parts);
    await desk.another(calls.parts).reveal(id);
    passwords.length = 0;
    await desk.say('tess', `reveal ${id} --again`);
    await desk.settle();
    const death = { atCall: calls.deeds.indexOf('accounts.takeSealed') + 1, when: 'after' } as const;
    const dying = mortal(desk.parts, death);
    await desk.another(dying.parts).click('tess', 'reveal', id);
    expect(dying.deeds.at(-1)).toBe('accounts.takeSealed');
    await expect(desk.reveal(id)).rejects.toThrow('Was it not shown to you?');
    await desk.say('tess', `reveal ${id} --again`);
    await desk.settle();
    expect(desk.canSignIn(await reveal(id))).toMatchObject({ ok: true });
  });
});

describe('somebody else at work in the directory', () => {
  it('cannot make what they add outlive the access', async () => {
    const id = await desk.lend();
    const { upn } = await reveal(id);
    behindItsBack('role-assignments', { user: upn, role: 'Global Administrator' });
    behindItsBack('memberships', { user: upn, group: 'Tier 1 admins' });
    expect(lentUsers(desk)[0]!.roles).toContain('Global Administrator');
    await desk.pass(2 * HOUR);
    await desk.pass(5 * MINUTE);
    await expectClosed(id);
  });

  it('may delete the user, and its end is confirmed and the next one gets a new user', async () => {
    const id = await desk.lend();
    const { upn } = await reveal(id);
    const { users } = desk.entra.sandbox.world.tenants.get(CONTOSO.id)!;
    users.delete(users.withKey(upn)[0]!.id);
    await end(id);
    await expectClosed(id);
    await desk.pass(SECOND);
    const next = await desk.lend();
    expect(desk.canSignIn(await reveal(next))).toMatchObject({ ok: true, roles: ['Helpdesk Administrator'] });
    await end(next);
    await expectClosed(next);
  });

  it('may disable the user, and the end is confirmed', async () => {
    const id = await desk.lend();
    const { upn } = await reveal(id);
    behindItsBack('users', { userPrincipalName: upn, accountEnabled: false });
    await desk.pass(HOUR);
    await end(id);
    await expectClosed(id);
  });

  it('may delete the user while a second request joins: that one is offered the new credential', async () => {
    const first = await desk.lend();
    const { upn } = await reveal(first);
    const { users } = desk.entra.sandbox.world.tenants.get(CONTOSO.id)!;
    users.delete(users.withKey(upn)[0]!.id);
    await desk.pass(10 * MINUTE);
    const second = await desk.lend('--for 1h');
    expect(desk.canSignIn(await reveal(second))).toMatchObject({ ok: true });
    await end(first);
    await end(second);
    await expectClosed(second);
  });

  it('keeps a user of theirs that has our name: it is never touched, and the request says why it failed', async () => {
    const upn = 'jit-tess.okafor@contoso.com';
    behindItsBack('users', { userPrincipalName: upn, password: 'Their-Own-Word-1', roles: ['Global Reader'] });
    const id = await desk.lend();
    await desk.pass(MINUTE);
    expect(await desk.request(id)).toMatchObject({ state: 'closed', outcome: 'failed' });
    const told = desk.room
      .cardsIn('DU0TESS')
      .filter((card) => textOf(card).includes('another user already has that name'));
    expect(told.length).toBeGreaterThan(0);
    expect(desk.canSignIn({ upn, password: 'Their-Own-Word-1' })).toMatchObject({ ok: true, roles: ['Global Reader'] });
    const writes = desk.entra.sandbox.world.requests.since(0).flatMap(({ items = [] }) => items);
    expect(writes.filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});
