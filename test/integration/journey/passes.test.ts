import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { requestId, tenantId } from '../../../src/engine/ids.js';
import { NO_POWERS } from '../../../src/engine/powers.js';
import type { Powers } from '../../../src/engine/powers.js';
import { applyEvent } from '../../../src/engine/transitions.js';
import { LATCHKEY } from '../../../src/flows/effects.js';
import { transition } from '../../../src/flows/transition.js';
import { HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { textOf } from '../../fakes/chat-room.js';
import { openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk } from '../../fakes/service-desk.js';

let desk: ServiceDesk;

const tenant = (action: string, body: object): unknown =>
  changeTenant(desk.entra.sandbox.world, CONTOSO.id, action, body);

/** What the app may do in Contoso, in truth and as the last look at the tenant has found it. */
const empower = async (powers: Powers): Promise<void> => {
  const role = powers.changesHolders ? 'Privileged Authentication Administrator' : 'User Administrator';
  tenant('service-principal-roles', { roles: [role] });
  tenant('licences', { plans: powers.schedules ? ['P1', 'P2'] : [] });
  await desk.stores.checkups.save({ tenant: tenantId('contoso'), at: desk.entra.clock.now(), findings: [], powers });
};

const expectAllClosed = async (): Promise<void> => {
  const requests = await desk.stores.requests.list({}, 100);
  expect(requests.filter(({ state }) => state !== 'closed')).toEqual([]);
};

const opens = (upn: string, accessPass: string): boolean => desk.canSignIn({ upn, accessPass }).ok;

/** What Graph was asked to write meanwhile, batch items by themselves. */
const writesOf = async (act: () => Promise<unknown>): Promise<readonly string[]> => {
  const before = desk.entra.sandbox.world.requests.since(0).at(-1)?.number ?? 0;
  await act();
  return desk.entra.sandbox.world.requests
    .since(before)
    .flatMap(({ method, path, items = [] }) => [
      { method, path },
      ...items.map(({ method, url }) => ({ method, path: url })),
    ])
    .filter(({ method, path }) => method !== 'GET' && !path.endsWith('/$batch'))
    .map(({ method, path }) => `${method} ${path}`);
};

beforeAll(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  await desk.hear('olga', 'admin tenant set contoso --tap on');
  await desk.hear('olga', 'admin rule set "Leads approve helpdesk" --tap yes');
});
afterAll(() => desk.close());
afterEach(async () => {
  await desk.pass(9 * HOUR);
  await expectAllClosed();
  tenant('access-pass-policy', { state: 'enabled', minimumLifetimeInMinutes: 60, defaultLifetimeInMinutes: 60 });
  await empower(NO_POWERS);
});

describe('an access whose credential is an access pass', () => {
  it('is opened by the pass alone, and by nothing once it is over', async () => {
    const id = await desk.lend('--for 2h --tap');
    const { upn, label, secret } = await desk.reveal(id);
    expect(label).toBe('Access pass');
    expect(opens(upn, secret.reveal())).toBe(true);
    expect(desk.canSignIn({ upn, password: secret.reveal() }).ok).toBe(false);
    await desk.pass(2 * HOUR + MINUTE);
    expect((await desk.request(id)).state).toBe('closed');
    expect(opens(upn, secret.reveal())).toBe(false);
  });

  it('is shown once; another takes the place of one that was lost', async () => {
    const id = await desk.lend('--for 2h --tap');
    const first = await desk.reveal(id);
    await expect(desk.reveal(id)).rejects.toThrow('shown only once');
    await desk.hear('tess', `reveal ${id} --again`);
    await desk.settle();
    const second = await desk.reveal(id);
    expect(opens(first.upn, first.secret.reveal())).toBe(false);
    expect(opens(second.upn, second.secret.reveal())).toBe(true);
  });

  it('has a pass that lasts no shorter than the policy wants, and is taken away before it ends', async () => {
    tenant('access-pass-policy', { minimumLifetimeInMinutes: 120, defaultLifetimeInMinutes: 120 });
    const id = await desk.lend('--for 1h --tap');
    // What was remembered of the policy no longer holds: the first attempt is refused, the next one knows better.
    await desk.pass(10 * SECOND);
    const { upn, secret } = await desk.reveal(id);
    const { passEndsAt, endsAt } = await desk.request(id);
    expect(passEndsAt!.getTime() - endsAt!.getTime()).toBeGreaterThan(HOUR - MINUTE);
    await desk.pass(HOUR + MINUTE);
    expect((await desk.request(id)).state).toBe('closed');
    expect(opens(upn, secret.reveal())).toBe(false);
  });

  it('falls back on a password where the policy has none for anybody', async () => {
    tenant('access-pass-policy', { state: 'disabled' });
    const id = await desk.lend('--for 2h --tap');
    const { upn, label, secret } = await desk.reveal(id);
    expect(label).toBe('Password');
    expect(desk.canSignIn({ upn, password: secret.reveal() })).toMatchObject({ ok: true });
  });

  it('keeps its pass when it is extended by an app that would have to take roles away for another', async () => {
    const id = await desk.lend('--for 1h --tap');
    const { upn, secret } = await desk.reveal(id);
    const writes = await writesOf(() => extend(id));
    expect(writes).toEqual([]);
    expect(opens(upn, secret.reveal())).toBe(true);
  });

  it('gets a longer pass when it is extended, without a moment without its roles', async () => {
    await empower({ changesHolders: true, schedules: false });
    const id = await desk.lend('--for 1h --tap');
    const first = await desk.reveal(id);
    const writes = await writesOf(() => extend(id));
    expect(writes.map((write) => write.replace(/[0-9a-f-]{36}/gu, '…'))).toEqual([
      'POST /users/…/authentication/temporaryAccessPassMethods',
    ]);
    const second = await desk.reveal(id);
    expect(opens(first.upn, first.secret.reveal())).toBe(false);
    expect(desk.canSignIn({ upn: second.upn, accessPass: second.secret.reveal() })).toMatchObject({
      ok: true,
      roles: ['Helpdesk Administrator'],
    });
    const { passEndsAt, endsAt } = await desk.request(id);
    expect(passEndsAt!.getTime() - endsAt!.getTime()).toBeGreaterThanOrEqual(0);
  });
});

const extend = async (id: string): Promise<void> => {
  await desk.hear('tess', `extend ${id} 1h`);
  await desk.settle();
  await desk.click('dana', 'approve', `${id}-1`);
  await desk.settle();
  expect((await desk.request(id)).extensions).toEqual([`${id}-1`]);
};

describe('roles that Entra itself ends', () => {
  it('end on time while no process is awake, and the next look confirms it', async () => {
    await empower({ changesHolders: true, schedules: true });
    const id = await desk.lend('--for 1h');
    const { upn, secret } = await desk.reveal(id);
    expect(desk.canSignIn({ upn, password: secret.reveal() })).toMatchObject({ roles: ['Helpdesk Administrator'] });
    desk.entra.pass(HOUR + MINUTE);
    expect(desk.canSignIn({ upn, password: secret.reveal() })).toMatchObject({ ok: true, roles: [] });
    await desk.pass(MINUTE);
    expect((await desk.request(id)).state).toBe('closed');
    expect(desk.canSignIn({ upn, password: secret.reveal() }).ok).toBe(false);
  });

  it('end later when the access is extended, at no moment without them', async () => {
    await empower({ changesHolders: true, schedules: true });
    const id = await desk.lend('--for 1h');
    const { upn, secret } = await desk.reveal(id);
    const writes = await writesOf(() => extend(id));
    expect(writes).toEqual(['POST /roleManagement/directory/roleAssignmentScheduleRequests']);
    desk.entra.pass(HOUR + 30 * MINUTE);
    expect(desk.canSignIn({ upn, password: secret.reveal() })).toMatchObject({ roles: ['Helpdesk Administrator'] });
  });

  it('end later when the access is extended, and are looked at no more, also where the answer to that was lost', async () => {
    await empower({ changesHolders: true, schedules: true });
    const id = await desk.lend('--for 1h');
    const { upn, secret } = await desk.reveal(id);
    const later = { service: 'graph', method: 'POST', path: String.raw`/\$batch$` } as const;
    // The read comes first, and the write is the second.
    desk.entra.sandbox.world.faults.add({
      kind: 'server-error',
      status: 504,
      afterWrite: true,
      match: later,
      skip: 1,
      times: 1,
    });
    await extend(id);
    await desk.pass(3 * MINUTE);
    expect(await desk.request(id)).toMatchObject({ state: 'active', endsAt: expect.any(Date) });
    expect((await desk.request(id)).retryAt).toBeUndefined();
    desk.entra.pass(HOUR);
    expect(desk.canSignIn({ upn, password: secret.reveal() })).toMatchObject({ roles: ['Helpdesk Administrator'] });
  });

  it('end later when the access is extended, also where new ones are no longer given so', async () => {
    await empower({ changesHolders: true, schedules: true });
    const id = await desk.lend('--for 1h');
    const { upn, secret } = await desk.reveal(id);
    // What the app may still do by itself is what it did before; it stands above all admins no more.
    const powers = { changesHolders: false, schedules: false };
    await desk.stores.checkups.save({ tenant: tenantId('contoso'), at: desk.entra.clock.now(), findings: [], powers });
    const writes = await writesOf(() => extend(id));
    expect(writes).toEqual(['POST /roleManagement/directory/roleAssignmentScheduleRequests']);
    await desk.pass(HOUR + MINUTE);
    const way = { upn, password: secret.reveal() };
    expect(desk.canSignIn(way)).toMatchObject({ ok: true, roles: ['Helpdesk Administrator'] });
    await desk.pass(HOUR);
    expect((await desk.request(id)).state).toBe('closed');
    expect(desk.canSignIn(way).ok).toBe(false);
  });

  it.each([true, false])(
    'are given anew as soon as Entra has ended them where the access goes on and the licence has gone (known: %s)',
    async (isKnown) => {
      await empower({ changesHolders: true, schedules: true });
      const id = await desk.lend('--for 1h');
      const { upn, secret } = await desk.reveal(id);
      const endedByEntraAt = (await desk.request(id)).endsAt!;
      tenant('licences', { plans: [] });
      if (isKnown) await empower({ changesHolders: true, schedules: false });
      await extend(id);
      // Nothing but the clock of that role wakes anybody, and then at the second.
      expect((await desk.request(id)).retryAt).toEqual(endedByEntraAt);
      desk.entra.pass(endedByEntraAt.getTime() - desk.entra.clock.now().getTime());
      await desk.settle();
      const way = { upn, password: secret.reveal() };
      expect(desk.canSignIn(way)).toMatchObject({ ok: true, roles: ['Helpdesk Administrator'] });
      expect((await desk.request(id)).state).toBe('active');
      await desk.pass(HOUR + MINUTE);
      expect((await desk.request(id)).state).toBe('closed');
      expect(desk.canSignIn(way).ok).toBe(false);
    },
  );

  it('cannot be taken within five minutes; sign-in is, and everybody is told what is so', async () => {
    await empower({ changesHolders: true, schedules: true });
    const id = await desk.lend('--for 1h');
    const { upn, secret } = await desk.reveal(id);
    await desk.hear('tess', `end ${id}`);
    await desk.settle();
    expect(desk.canSignIn({ upn, password: secret.reveal() }).ok).toBe(false);
    expect((await desk.request(id)).state).toBe('closing');
    expect(desk.room.cardsIn('DU0TESS').map(textOf).join('\n')).toContain('Entra keeps');
    await desk.pass(5 * MINUTE + 1000);
    expect(await desk.request(id)).toMatchObject({ state: 'closed', outcome: 'ended' });
    expect((await desk.request(id)).alarmedAt).toBeUndefined();
  });

  it('are taken, and their end is confirmed, also in a tenant that has lost its licence meanwhile', async () => {
    await empower({ changesHolders: true, schedules: true });
    const id = await desk.lend('--for 1h');
    tenant('licences', { plans: [] });
    await desk.pass(30 * MINUTE);
    await desk.hear('tess', `end ${id}`);
    await desk.settle();
    expect((await desk.request(id)).remains).toMatchObject({ signIn: false });
    await desk.pass(HOUR);
    expect((await desk.request(id)).state).toBe('closed');
  });

  it('are given as in any other tenant where the licence for them has gone', async () => {
    await empower({ changesHolders: true, schedules: true });
    tenant('licences', { plans: [] });
    const id = await desk.lend('--for 1h');
    const { upn, secret } = await desk.reveal(id);
    expect(desk.canSignIn({ upn, password: secret.reveal() })).toMatchObject({ roles: ['Helpdesk Administrator'] });
    await desk.hear('tess', `end ${id}`);
    await desk.settle();
    expect((await desk.request(id)).state).toBe('closed');
  });

  it('are let go five minutes after they were given, also where they hold in a unit', async () => {
    await empower({ changesHolders: true, schedules: true });
    const id = await desk.lend('--role "Helpdesk Administrator@Branch offices" --for 1h');
    await desk.pass(4 * MINUTE);
    await desk.hear('tess', `end ${id}`);
    await desk.settle();
    const { readyAt, hold } = await desk.request(id);
    expect(hold!.until.getTime() - readyAt!.getTime()).toBeLessThanOrEqual(5 * MINUTE);
  });
});

describe('a live access whose user somebody changes', () => {
  it('is offered a new password when the one that was shown no longer works', async () => {
    const id = await desk.lend('--for 2h');
    const { upn, secret } = await desk.reveal(id);
    await desk.pass(3 * MINUTE);
    const { objectId } = (await desk.stores.accounts.load((await desk.request(id)).account))!;
    const { users } = desk.entra.sandbox.world.tenants.get(CONTOSO.id)!;
    const user = users.get(objectId!)!;
    const tag = Object.keys(user.properties).find((name) => name.startsWith('extension_'))!;
    users.set(user.id, { ...user, properties: { ...user.properties, [tag]: null } });
    await transition({ ...desk.parts, nudge: () => undefined }, requestId(id), LATCHKEY, (request) =>
      applyEvent(request, { type: 'revisit' }, desk.entra.clock.now()),
    );
    await desk.settle();
    expect(textOf(desk.room.cardsIn('DU0TESS').at(-1)!)).toContain('a new credential waits for you');
    const renewed = await desk.reveal(id);
    expect(desk.canSignIn({ upn, password: secret.reveal() }).ok).toBe(false);
    expect(desk.canSignIn({ upn, password: renewed.secret.reveal() }).ok).toBe(true);
  });
});
