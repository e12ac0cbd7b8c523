import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SETTLE_MS } from '../../../src/engine/account.js';
import { HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import type { FaultInput } from '../../../src/sandbox/faults.js';
import { deletedUsers, expectCardsInLine, expectNothingLeft, lentUsers, startOver } from '../../fakes/aftermath.js';
import { textOf } from '../../fakes/chat-room.js';
import { answerText, openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk } from '../../fakes/service-desk.js';

/** Groups of the directory are lent as roles are, and at the end the account becomes what was asked for. */

let desk: ServiceDesk;

beforeAll(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  const answer = await desk.say(
    'olga',
    'admin rule add "Leads approve groups" --subject "Service desk" --tenant contoso --role "Helpdesk Administrator" ' +
      '--role "Global Reader" --group "SharePoint owners" --group "Tier 1 admins" --at-end keep --at-end disable ' +
      '--at-end delete --max 4h --approvals 1 --approvers "Service desk leads"',
  );
  if (answer.kind !== 'show' || answer.tone === 'refusal') throw new Error(answerText(answer));
});
beforeEach(() => startOver(desk));
afterAll(() => desk.close());

const HELPDESK = '--role "Helpdesk Administrator"';
const OWNERS = '--group "SharePoint owners"';
const TIER_1 = '--group "Tier 1 admins"';

const arm = (fault: FaultInput): void => void desk.entra.sandbox.world.faults.add(fault);
const clear = (): void => desk.entra.sandbox.world.faults.clear();
const readsLag = (): void => arm({ kind: 'replication-delay', ms: 30 * SECOND });

const state = async (id: string): Promise<string> => (await desk.request(id)).state;

const untilState = async (id: string, wanted: string, mostMs = 5 * MINUTE): Promise<void> => {
  for (let ms = 0; ms < mostMs && (await state(id)) !== wanted; ms += 5 * SECOND) await desk.pass(5 * SECOND);
  expect(await state(id)).toBe(wanted);
};

const ask = async (options: string): Promise<string> => {
  await desk.pass(SECOND);
  const answer = await desk.hear('tess', `request contoso ${options} --for 2h --reason "Mailbox migration"`);
  expect(answer).toBe('');
  await desk.settle();
  return desk.newest();
};

const approve = async (id: string): Promise<void> => {
  await desk.click('dana', 'approve', id);
  await desk.settle();
};

const lend = async (options: string): Promise<string> => {
  const id = await ask(options);
  await approve(id);
  expect(await state(id)).toBe('active');
  return id;
};

const end = async (id: string): Promise<void> => {
  await desk.say('tess', `end ${id}`);
  await desk.settle();
};

const credentialOf = async (id: string): Promise<{ upn: string; password: string }> => {
  const { upn, secret: password } = await desk.reveal(id);
  return { upn, password: password.reveal() };
};

const left = async (id: string): Promise<string | undefined> => (await desk.request(id)).accountLeft;

const paths = (trips: readonly { readonly method: string; readonly path: string }[]): readonly string[] =>
  trips.map(({ method, path }) => `${method} ${path}`);

const BATCH = 'POST /v1.0/$batch';

const cardsOf = (chat: string): string => desk.room.cardsIn(chat).map(textOf).join('\n');

describe('a role and a group, and the account deleted at the end', () => {
  it('are asked for, approved, given, taken and proven gone, in as few round trips as a role alone', async () => {
    const id = await ask(`${HELPDESK} ${OWNERS} --at-end delete`);
    expect(cardsOf('DU0DANA')).toContain('Helpdesk Administrator and group SharePoint owners in Contoso for 2 h');
    expect(cardsOf('DU0DANA')).toContain('account deleted at the end');
    expect(paths(await desk.entra.roundTrips(() => approve(id)))).toEqual(['POST /v1.0/users', BATCH]);
    expect(await desk.request(id)).toMatchObject({
      state: 'active',
      progress: ['account created', '1 role assigned', '1 group joined'],
    });
    const credential = await credentialOf(id);
    expect(desk.canSignIn(credential)).toEqual({
      ok: true,
      roles: ['Helpdesk Administrator'],
      groups: ['SharePoint owners'],
    });

    expect(paths(await desk.entra.roundTrips(() => desk.pass(2 * HOUR)))).toEqual([BATCH, BATCH, BATCH]);
    expect(await desk.request(id)).toMatchObject({ state: 'closed', outcome: 'expired', accountLeft: 'deleted' });
    expect(lentUsers(desk)).toEqual([]);
    expect(deletedUsers(desk)).toEqual([{ upn: credential.upn, enabled: false, roles: [], groups: [] }]);
    expect(desk.canSignIn(credential)).toMatchObject({ ok: false });
    for (const chat of ['DU0TESS', 'DU0DANA']) {
      expect(cardsOf(chat)).toContain('Roles and groups removed, account deleted, restorable for 30 days');
    }
    await expectCardsInLine(desk, id);
    expect(desk.complaints).toEqual([]);
  });

  it('are given again the next time by an account made anew, under the same name and another password', async () => {
    const first = await lend(`${OWNERS} --at-end delete`);
    const before = await credentialOf(first);
    await end(first);
    expect(await left(first)).toBe('deleted');
    const second = await ask(OWNERS);
    expect(paths(await desk.entra.roundTrips(() => approve(second)))).toEqual(['POST /v1.0/users', BATCH]);
    const after = await credentialOf(second);
    expect(after.upn).toBe(before.upn);
    expect(desk.canSignIn(after)).toMatchObject({ ok: true, groups: ['SharePoint owners'] });
    expect(desk.canSignIn(before)).toMatchObject({ ok: false });
    await end(second);
    expect(await left(second)).toBe('disabled');
    expect(lentUsers(desk)).toMatchObject([{ enabled: false, groups: [] }]);
  });

  it('is taken over by the account that an admin has restored meanwhile', async () => {
    const first = await lend(`${OWNERS} --at-end delete`);
    await end(first);
    const tenant = desk.entra.sandbox.world.tenants.get('c0470500-1111-4111-8111-111111111111')!;
    const { user } = tenant.deletedUsers.all()[0]!;
    tenant.deletedUsers.delete(user.id);
    tenant.users.set(user.id, user);
    const second = await ask(OWNERS);
    await approve(second);
    await untilState(second, 'active');
    expect(lentUsers(desk)).toMatchObject([{ enabled: true, groups: ['SharePoint owners'] }]);
  });
});

describe('a group that can carry roles', () => {
  it('is marked where it is decided, and left and joined again with each new password', async () => {
    const id = await ask(TIER_1);
    expect(cardsOf('DU0DANA')).toContain('High privilege: group Tier 1 admins');
    await approve(id);
    const first = await credentialOf(id);
    const trips = await desk.entra.roundTrips(async () => {
      await desk.say('tess', `reveal ${id} --again`);
      await desk.settle();
    });
    expect(paths(trips)).toEqual([BATCH, BATCH]);
    expect(desk.canSignIn(first)).toMatchObject({ ok: false });
    const second = await credentialOf(id);
    expect(desk.canSignIn(second)).toMatchObject({ ok: true, groups: ['Tier 1 admins'] });
    await end(id);
    expect(await desk.request(id)).toMatchObject({ state: 'closed', accountLeft: 'disabled' });
    expectNothingLeft(desk, [first.password, second.password]);
  });

  it('is given to a known account in two round trips', async () => {
    await end(await lend(HELPDESK));
    const id = await ask(`${HELPDESK} ${TIER_1} ${OWNERS}`);
    expect(paths(await desk.entra.roundTrips(() => approve(id)))).toEqual([BATCH, BATCH]);
    expect(lentUsers(desk)).toMatchObject([{ enabled: true, groups: ['Tier 1 admins', 'SharePoint owners'] }]);
  });
});

describe('an account that is kept', () => {
  it('loses all access and every session, and opens with the same password to nothing', async () => {
    const id = await ask(`${HELPDESK} ${TIER_1} --at-end keep`);
    expect(cardsOf('DU0DANA')).toContain('account stays enabled');
    await approve(id);
    const credential = await credentialOf(id);
    expect(paths(await desk.entra.roundTrips(() => end(id)))).toEqual([BATCH, BATCH, BATCH]);
    expect(await desk.request(id)).toMatchObject({ state: 'closed', accountLeft: 'enabled' });
    expect(desk.canSignIn(credential)).toEqual({ ok: true, roles: [], groups: [] });
    expect(cardsOf('DU0TESS')).toContain('the account stays enabled, without access');

    const next = await lend(OWNERS);
    expect(desk.canSignIn(credential)).toMatchObject({ ok: false });
    const renewed = await credentialOf(next);
    expect(desk.canSignIn(renewed)).toMatchObject({ ok: true, groups: ['SharePoint owners'] });
    await end(next);
    expect(await left(next)).toBe('disabled');
    expectNothingLeft(desk, [credential.password, renewed.password]);
  });
});

describe('two requests on one account', () => {
  it('leave it as the stricter one asked, once both are over', async () => {
    const first = await lend(`${OWNERS} --at-end delete`);
    const second = await lend(`${HELPDESK} ${TIER_1} --at-end keep`);
    await end(first);
    expect(await desk.request(first)).toMatchObject({ state: 'closed', accountLeft: 'in-use' });
    expect(lentUsers(desk)).toMatchObject([
      { enabled: true, roles: ['Helpdesk Administrator'], groups: ['Tier 1 admins'] },
    ]);
    await end(second);
    expect(await desk.request(second)).toMatchObject({ state: 'closed', accountLeft: 'deleted' });
    expect(lentUsers(desk)).toEqual([]);
  });

  it('share a group until the last of them ends', async () => {
    const first = await lend(OWNERS);
    const second = await lend(`${OWNERS} ${HELPDESK}`);
    await end(first);
    expect(await state(first)).toBe('closed');
    expect(lentUsers(desk)).toMatchObject([{ groups: ['SharePoint owners'] }]);
    await end(second);
    expectNothingLeft(desk, []);
  });
});

describe('an account that the next request waits for', () => {
  const later = `${OWNERS} --from 18:00 --at-end keep`;

  const lendTwice = async (): Promise<readonly [string, string]> => {
    const first = await lend(`${HELPDESK} --at-end delete`);
    const second = await ask(later);
    await approve(second);
    expect(await state(second)).toBe('approved');
    await end(first);
    expect(await desk.request(first)).toMatchObject({ state: 'closed', accountLeft: 'disabled' });
    expect(lentUsers(desk)).toMatchObject([{ enabled: false, roles: [] }]);
    return [first, second];
  };

  it('is shut meanwhile, and deleted after that one', async () => {
    const [, second] = await lendTwice();
    for (let hours = 0; hours < 24 && (await state(second)) !== 'active'; hours += 1) await desk.pass(HOUR);
    expect(await state(second)).toBe('active');
    await end(second);
    expect(await desk.request(second)).toMatchObject({ state: 'closed', accountLeft: 'deleted' });
    expect(lentUsers(desk)).toEqual([]);
  });

  it('is deleted when that one is called off', async () => {
    const [, second] = await lendTwice();
    await desk.say('tess', `cancel ${second}`);
    await desk.settle();
    expect(lentUsers(desk)).toEqual([]);
    expect(deletedUsers(desk)).toHaveLength(1);
  });
});

describe('while reads lag behind writes', () => {
  it('a group that no read shows yet is left at once, and its end proven later', async () => {
    const id = await ask(TIER_1);
    readsLag();
    await approve(id);
    expect(await state(id)).toBe('active');
    const credential = await credentialOf(id);
    await end(id);
    expectNothingLeft(desk, [credential.password]);
    await untilState(id, 'closed', MINUTE);
    clear();
  });

  it('a deletion is confirmed by no read that still shows the user, and is not sent again', async () => {
    const id = await lend(`${OWNERS} --at-end delete`);
    await desk.pass(MINUTE);
    readsLag();
    await end(id);
    expect(await state(id)).toBe('closing');
    expect(lentUsers(desk)).toEqual([]);
    await untilState(id, 'closed', MINUTE);
    expect(await left(id)).toBe('deleted');
    const { confirmedAt, closingSince } = await desk.request(id);
    expect(confirmedAt!.getTime() - closingSince!.getTime()).toBeGreaterThanOrEqual(25 * SECOND);
    clear();
  });
});

describe('a write whose answer never came', () => {
  const lost: FaultInput = { kind: 'drop-after-write', match: { path: '\\$batch$', method: 'POST' }, times: 1 };

  it('may have joined a group: its end is not confirmed before that must have shown', async () => {
    const id = await ask(OWNERS);
    arm(lost);
    await approve(id);
    const writtenAt = desk.entra.clock.now();
    expect(await state(id)).toBe('provisioning');
    await end(id);
    await untilState(id, 'closed');
    const { confirmedAt } = await desk.request(id);
    expect(confirmedAt!.getTime() - writtenAt.getTime()).toBeGreaterThanOrEqual(SETTLE_MS);
    expectNothingLeft(desk, []);
  });

  it('may have deleted the user: that is not confirmed before it must have shown', async () => {
    const id = await lend(`${OWNERS} --at-end delete`);
    await desk.pass(5 * MINUTE);
    const { directory } = desk.parts;
    const apply: typeof directory.apply = (...call) => {
      arm(lost);
      return directory.apply(...call);
    };
    const unlucky = desk.another({ directory: { ...directory, apply } });
    await unlucky.say('tess', `end ${id}`);
    await unlucky.settle();
    const writtenAt = desk.entra.clock.now();
    expect(await state(id)).toBe('closing');
    expect(deletedUsers(desk)).toHaveLength(1);
    await untilState(id, 'closed');
    expect(await left(id)).toBe('deleted');
    const { confirmedAt, alarmedAt } = await desk.request(id);
    expect(confirmedAt!.getTime() - writtenAt.getTime()).toBeGreaterThanOrEqual(SETTLE_MS);
    expect(alarmedAt).toBeUndefined();
    expect(lentUsers(desk)).toEqual([]);
  });

  it('keeps a group on record that could not be left, and the account shut and not deleted until it was', async () => {
    const id = await lend(`${OWNERS} --at-end delete`);
    const credential = await credentialOf(id);
    arm({ kind: 'server-error', match: { path: 'groups/.*/members/', method: 'DELETE' } });
    await end(id);
    expect(lentUsers(desk)).toMatchObject([{ enabled: false, groups: ['SharePoint owners'] }]);
    expect(desk.canSignIn(credential)).toMatchObject({ ok: false });
    expect(await state(id)).toBe('closing');
    clear();
    await untilState(id, 'closed');
    expect(await left(id)).toBe('deleted');
  });
});
