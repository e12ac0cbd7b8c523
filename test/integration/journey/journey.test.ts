import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../../src/lib/clock.js';
import { textOf } from '../../fakes/chat-room.js';
import { openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk } from '../../fakes/service-desk.js';

/** Asking looks the roles' names up; what follows the approval does not. */
const ROLE_NAMES = '/v1.0/roleManagement/directory/roleDefinitions';

let desk: ServiceDesk;

beforeAll(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
});
afterAll(() => desk.close());

describe('the main job: ask, approve, sign in, expire', () => {
  let id: string;
  let credential: { upn: string; password: string };

  it('asks the approvers, each by one card with buttons', async () => {
    const answer = await desk.hear(
      'tess',
      'request contoso --role "Helpdesk Administrator" --for 2h --reason "Mailbox migration" --ticket INC-4711',
    );
    // In a chat of their own the card that follows says it all.
    expect(answer).toBe('');
    await desk.settle();
    id = await desk.newest();
    for (const chat of ['DU0DANA', 'DU0LUIS']) {
      const [card, ...more] = desk.room.cardsIn(chat);
      expect(more).toEqual([]);
      expect(textOf(card!)).toContain('Tess Okafor wants Helpdesk Administrator in Contoso for 2 h');
      expect(textOf(card!)).toContain('Mailbox migration');
      expect(card!.buttons.map(({ verb, id: on }) => `${verb} ${on}`)).toEqual([`approve ${id}`, `deny-form ${id}`]);
    }
    expect(textOf(desk.room.cardsIn('DU0TESS')[0]!)).toContain('waiting');
  });

  it('makes the account in two round trips once somebody approves, and changes every card', async () => {
    const trips = await desk.entra.roundTrips(async () => {
      await desk.click('dana', 'approve', id);
      await desk.settle();
    });
    expect(trips.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /v1.0/users', 'POST /v1.0/$batch']);
    for (const chat of ['DU0DANA', 'DU0LUIS']) {
      const [card] = desk.room.cardsIn(chat);
      expect(textOf(card!)).toContain('Approved by Dana Whitlock at');
      expect(card!.buttons).toEqual([]);
      expect(desk.room.postsIn(chat)).toBe(1);
    }
    expect((await desk.request(id)).state).toBe('active');
  });

  it('counts the granted time from the moment the credential is ready', async () => {
    const { readyAt, endsAt } = await desk.request(id);
    expect(endsAt!.getTime() - readyAt!.getTime()).toBe(2 * HOUR);
  });

  it('shows the credential once, to the requester alone, and it signs in with just the role asked for', async () => {
    expect(await desk.click('dana', 'reveal', id)).toMatchObject({ tone: 'refusal' });
    const view = await desk.reveal(id);
    credential = { upn: view.upn, password: view.secret.reveal() };
    expect(desk.canSignIn(credential)).toEqual({ ok: true, roles: ['Helpdesk Administrator'], groups: [] });
    const second = await desk.click('tess', 'reveal', id);
    expect(second).toMatchObject({ kind: 'show', tone: 'refusal' });
    expect(JSON.stringify(second)).not.toContain(credential.password);
  });

  it('reminds fifteen minutes before the end, once', async () => {
    await desk.pass(2 * HOUR - 15 * MINUTE);
    await desk.pass(MINUTE);
    const reminders = desk.room.cardsIn('DU0TESS').filter((card) => card.title.startsWith('Contoso ends at'));
    expect(reminders).toHaveLength(1);
  });

  it('takes everything away at the end in three round trips, the last of which proves it', async () => {
    const trips = await desk.entra.roundTrips(() => desk.pass(14 * MINUTE));
    expect(trips.map(({ method, path }) => `${method} ${path}`)).toEqual(Array(3).fill('POST /v1.0/$batch'));
    expect(await desk.request(id)).toMatchObject({ state: 'closed', outcome: 'expired', accountLeft: 'disabled' });
    expect(desk.canSignIn(credential)).toMatchObject({ ok: false });
    const user = desk.entra.sandbox.world;
    expect(JSON.stringify(user)).not.toContain(credential.password);
    for (const chat of ['DU0TESS', 'DU0DANA']) {
      expect(desk.room.cardsIn(chat).some((card) => textOf(card).includes('and confirmed at'))).toBe(true);
    }
  });

  it('re-enables the same account the next time, with another password, in two round trips', async () => {
    let next = '';
    const trips = await desk.entra.roundTrips(async () => {
      next = await desk.lend();
    });
    expect(trips.map(({ path }) => path)).toEqual([ROLE_NAMES, '/v1.0/$batch', '/v1.0/$batch']);
    const view = await desk.reveal(next);
    expect(view.upn).toBe(credential.upn);
    expect(view.secret.reveal()).not.toBe(credential.password);
    expect(desk.canSignIn(credential)).toMatchObject({ ok: false });
    expect(desk.canSignIn({ upn: view.upn, password: view.secret.reveal() })).toMatchObject({ ok: true });
    await desk.say('tess', `end ${next}`);
    await desk.settle();
    expect(await desk.request(next)).toMatchObject({ state: 'closed', outcome: 'ended' });
    expect(desk.canSignIn({ upn: view.upn, password: view.secret.reveal() })).toMatchObject({ ok: false });
  });

  it('meets nothing on the way that it calls an error', () => {
    expect(desk.complaints).toEqual([]);
  });

  it('never lets a password into a card', () => {
    expect(JSON.stringify(desk.room.history)).not.toContain(credential.password);
  });
});
