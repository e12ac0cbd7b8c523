import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Who } from '../../fakes/service-desk.js';
import { HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk } from '../../fakes/service-desk.js';
import { textOf } from '../../fakes/chat-room.js';
import { allowWishes, arrange, contosoOf, MEGAN, upnOf, usersNow } from '../../fakes/wishes.js';
import type { UserState, Wish } from '../../fakes/wishes.js';

/** Loans that meet each other, Entra's own clock, or nobody who is awake. */

let desk: ServiceDesk;

beforeAll(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  await allowWishes(desk);
  const added = await desk.hear(
    'olga',
    'admin rule add "Luis borrows" --subject slack:U0LUIS --tenant contoso --role "Reports Reader" ' +
      `--account existing --user ${MEGAN.upn} --max 4h --approvals 1 --approvers "Service desk leads"`,
  );
  if (!added.includes('Luis borrows')) throw new Error(added);
});
afterAll(() => desk.close());

const BY_PIM: Wish = { kind: 'dedicated new', atEnd: 'disable', credential: 'password', way: 'by PIM' };
const DIRECTLY: Wish = { ...BY_PIM, way: 'directly' };
const OWN = upnOf(DIRECTLY);
const HELPDESK = 'Helpdesk Administrator';

const user = (upn = OWN): UserState | undefined => usersNow(desk).get(upn);

/** Asked for and approved. */
const lend = async (words: string, who: Who = 'tess'): Promise<string> => {
  await desk.pass(SECOND);
  expect(await desk.hear(who, `request contoso ${words} --reason "INC-4711"`)).toBe('');
  await desk.settle();
  const id = await desk.newest();
  await desk.click('dana', 'approve', id);
  await desk.settle();
  return id;
};

const stateOf = async (id: string): Promise<string> => (await desk.request(id)).state;

const untilClosed = async (id: string, mostMs: number): Promise<void> => {
  for (let ms = 0; ms < mostMs && (await stateOf(id)) !== 'closed'; ms += 15 * SECOND) await desk.pass(15 * SECOND);
  expect(await desk.request(id)).toMatchObject({ state: 'closed', confirmedAt: expect.any(Date) as Date });
};

const SHUT = { enabled: false, roles: [], scheduled: [], groups: [] };

describe('roles that Entra ends by itself', () => {
  it('are revoked now though Entra keeps them for five minutes: sign-in is shut at once, and nobody is alarmed', async () => {
    await arrange(desk, BY_PIM);
    const id = await lend(`--role "${HELPDESK}" --for 2h`);
    const { upn, secret } = await desk.reveal(id);
    await desk.pass(MINUTE);
    await desk.say('olga', `revoke ${id}`);
    await desk.settle();
    expect(desk.canSignIn({ upn, password: secret.reveal() })).toMatchObject({ ok: false });
    expect(user()).toMatchObject({ enabled: false, scheduled: [HELPDESK] });
    expect(await stateOf(id)).toBe('closing');
    await untilClosed(id, 6 * MINUTE);
    expect(user()).toMatchObject(SHUT);
    expect(desk.room.cardsIn('DU0OLGA').filter((card) => textOf(card).includes('has not ended'))).toEqual([]);
  });

  it('end on time while no process is awake, and the next one to start confirms it', async () => {
    await arrange(desk, BY_PIM);
    const id = await lend(`--role "${HELPDESK}" --for 2h`);
    desk.entra.pass(2 * HOUR - MINUTE);
    expect(user()).toMatchObject({ enabled: true, roles: [HELPDESK] });
    desk.entra.pass(2 * MINUTE);
    expect(user()).toMatchObject({ enabled: true, roles: [], scheduled: [] });
    expect(await stateOf(id)).toBe('active');
    await desk.another().pass(SECOND);
    expect(await desk.request(id)).toMatchObject({ state: 'closed', outcome: 'expired', accountLeft: 'disabled' });
    expect(user()).toMatchObject(SHUT);
  });

  it('are not taken for a moment when there is more time, nor is anything else', async () => {
    await arrange(desk, { ...BY_PIM, credential: 'pass' });
    const id = await lend(`--role "${HELPDESK}" --group "Tier 1 admins" --tap --for 1h`);
    const { number } = desk.entra.sandbox.world.requests.since(0).at(-1)!;
    await desk.say('tess', `extend ${id} 1h`);
    await desk.settle();
    await desk.click('dana', 'approve', `${id}-1`);
    await desk.settle();
    const { endsAt, retryAt } = await desk.request(id);
    expect(retryAt).toBeUndefined();
    expect(user()).toMatchObject({ enabled: true, roles: [HELPDESK], groups: ['Tier 1 admins'], passes: 1 });
    expect(Math.abs(user()!.until[0]!.getTime() - endsAt!.getTime())).toBeLessThanOrEqual(MINUTE);
    const items = desk.entra.sandbox.world.requests.since(number).flatMap(({ items: all = [] }) => all);
    const taken = items.filter(({ method, url }) => method === 'DELETE' && !url.includes('temporaryAccessPass'));
    expect(taken).toEqual([]);
    const actions = contosoOf(desk)
      .roleScheduleRequests.all()
      .map(({ row }) => row.action);
    expect(actions).toEqual(['adminAssign', 'adminUpdate']);
  });
});

describe('loans that overlap', () => {
  it('of one existing user by two people: each end takes what was lent to that one, and the last leaves her as before', async () => {
    await arrange(desk, { ...DIRECTLY, kind: 'existing enabled' });
    const { sessionsValidFrom: _, ...before } = user(MEGAN.upn)!;
    const hers = `--account existing:${MEGAN.upn}`;
    const first = await lend(`--role "${HELPDESK}" ${hers} --for 1h`);
    const second = await lend(`--role "Reports Reader" ${hers} --for 2h`, 'luis');
    expect([await stateOf(first), await stateOf(second)]).toEqual(['active', 'active']);
    expect((await desk.request(first)).account).toBe((await desk.request(second)).account);
    expect(user(MEGAN.upn)!.roles).toEqual(['Directory Readers', HELPDESK, 'Reports Reader']);
    await desk.pass(HOUR + MINUTE);
    await untilClosed(first, 5 * MINUTE);
    expect(user(MEGAN.upn)).toMatchObject({ enabled: true, roles: ['Directory Readers', 'Reports Reader'] });
    expect(await stateOf(second)).toBe('active');
    await desk.pass(HOUR);
    await untilClosed(second, 5 * MINUTE);
    const { sessionsValidFrom: __, ...after } = user(MEGAN.upn)!;
    expect(after).toEqual(before);
  });

  it('of one account with different ends and credentials: the later joins, and the strictest end comes last', async () => {
    await arrange(desk, { ...DIRECTLY, credential: 'pass' });
    const first = await lend(`--role "${HELPDESK}" --for 1h --at-end delete`);
    const { upn, secret } = await desk.reveal(first);
    const second = await lend('--role "Directory Readers" --group Sales --for 2h --tap --at-end disable');
    expect(await desk.request(second)).toMatchObject({ state: 'active', reveal: 'shared' });
    expect(desk.canSignIn({ upn, password: secret.reveal() })).toMatchObject({
      ok: true,
      roles: ['Directory Readers', HELPDESK],
      groups: ['Sales'],
    });
    await desk.pass(HOUR + MINUTE);
    await untilClosed(first, 5 * MINUTE);
    expect(await desk.request(first)).toMatchObject({ accountLeft: 'in-use' });
    expect(user()).toMatchObject({ enabled: true, roles: ['Directory Readers'], groups: ['Sales'] });
    expect(desk.canSignIn({ upn, password: secret.reveal() })).toMatchObject({ ok: true });
    await desk.pass(HOUR);
    await untilClosed(second, 5 * MINUTE);
    expect(user()).toBeUndefined();
    const deleted = contosoOf(desk).deletedUsers.all();
    expect(deleted.map(({ user: gone }) => [gone.userPrincipalName, gone.accountEnabled])).toEqual([[OWN, false]]);
  });
});

describe('a loan that starts later', () => {
  it.each<[string, Wish, string, string]>([
    ['an account to be made', DIRECTLY, '--at-end disable', OWN],
    ['a new user', { ...DIRECTLY, kind: 'fresh' }, '--account fresh --first Ada --last Byron', 'ada.byron@contoso.com'],
    [
      'a disabled user who is there',
      { ...DIRECTLY, kind: 'existing disabled' },
      `--account existing:${MEGAN.upn}`,
      MEGAN.upn,
    ],
  ])('leaves everything as it is before its time: %s', async (_, wish, words, upn) => {
    await arrange(desk, wish);
    const before = usersNow(desk);
    const from = new Date(desk.entra.clock.now().getTime() + 3 * HOUR);
    const id = await lend(`--role "${HELPDESK}" ${words} --from ${from.toISOString().slice(0, 16)} --for 1h`);
    expect(await stateOf(id)).toBe('approved');
    for (let minutes = 0; minutes < 170; minutes += 10) {
      await desk.pass(10 * MINUTE);
      expect(usersNow(desk)).toEqual(before);
    }
    await desk.pass(11 * MINUTE);
    expect(await stateOf(id)).toBe('active');
    expect(user(upn)).toMatchObject({ enabled: true });
    expect(user(upn)!.roles).toContain(HELPDESK);
    await desk.pass(HOUR + MINUTE);
    await untilClosed(id, 5 * MINUTE);
    expect(user(upn)?.enabled ?? false).toBe(false);
    expect(user(upn)?.roles ?? []).not.toContain(HELPDESK);
  });
});

it.each(['disable', 'delete'])(
  'no end is believed because one answer says that the user is not there: %s',
  async (atEnd) => {
    await arrange(desk, DIRECTLY);
    const id = await lend(`--role "${HELPDESK}" --for 2h --at-end ${atEnd}`);
    await desk.pass(HOUR);
    desk.entra.sandbox.world.faults.add({
      kind: 'wrong-shape',
      status: 404,
      body: { error: { code: 'Request_ResourceNotFound', message: 'The resource does not exist.' } },
      afterWrite: false,
      times: 1,
      match: { method: 'GET', path: String.raw`/users/[0-9a-f-]{36}\?` },
    });
    await desk.say('tess', `end ${id}`);
    await desk.settle();
    expect(desk.entra.sandbox.world.faults.list()).toEqual([]);
    await untilClosed(id, 5 * MINUTE);
    expect([user()]).toMatchObject(atEnd === 'delete' ? [undefined] : [SHUT]);
  },
);

it('complains about nothing', () => {
  expect(desk.complaints).toEqual([]);
});
