// An end that does not come is never quiet: it is retried, alarmed at growing intervals, shown as overdue, and closed
// without proof by nobody but an owner, where nothing can prove it any more.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DirectoryFault } from '../../../src/engine/faults.js';
import { accountId } from '../../../src/engine/ids.js';
import type { Directory, StepOutcome } from '../../../src/flows/ports.js';
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { err } from '../../../src/lib/result.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { expectNothingLeft, lentUsers } from '../../fakes/aftermath.js';
import { textOf } from '../../fakes/chat-room.js';
import { answerText, openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { Counter, ServiceDesk } from '../../fakes/service-desk.js';

let desk: ServiceDesk;
let one: Counter;
let two: Counter;
let trouble: DirectoryFault | undefined;

beforeEach(async () => {
  trouble = undefined;
  desk = await openServiceDesk();
  await setUpContoso(desk);
  const { directory } = desk.parts;
  const troubled: Directory = {
    ...directory,
    observe: async (...call) => (trouble === undefined ? directory.observe(...call) : err(trouble)),
    apply: async (...call) => {
      const fault = trouble;
      if (fault === undefined) return directory.apply(...call);
      return call[2].map((): StepOutcome => ({ kind: 'failed', fault, unclear: false }));
    },
  };
  [one, two] = [desk.another({ directory: troubled }), desk.another({ directory: troubled })];
});
afterEach(() => desk.close());

const FORBIDDEN: DirectoryFault = { code: 'directory.forbidden', detail: 'test' };
const throttledFor = (retryAfterMs: number): DirectoryFault => ({
  code: 'directory.throttled',
  detail: 'test',
  retryAfterMs,
});

/** Time passes for both processes at once. */
const live = async (ms: number, stepMs = MINUTE): Promise<void> => {
  for (let passed = 0; passed < ms; passed += stepMs) {
    desk.entra.pass(stepMs);
    await Promise.all([one.settle(), two.settle()]);
  }
};

const end = async (id: string): Promise<void> => {
  await one.say('tess', `end ${id}`);
  await one.settle();
};

const toldIn = (chat: string, text: string): readonly string[] =>
  desk.room
    .cardsIn(chat)
    .map(textOf)
    .filter((card) => card.includes(text));

const audited = (id: string, what: string): Promise<number> =>
  desk.database.collection('audit').countDocuments({ 'event.request': id, 'event.what': what });

describe('an alarm', () => {
  it('comes at growing intervals over a day, once each however many processes there are, until the end is confirmed', async () => {
    const id = await desk.lend();
    // Told to stay away for hours, so that nothing but the alarm itself is due.
    trouble = throttledFor(6 * HOUR);
    await end(id);
    const times: number[] = [];
    for (let minute = 1; minute <= DAY / MINUTE; minute += 1) {
      await live(MINUTE);
      if (toldIn('DU0OLGA', 'has not ended').length > times.length) times.push(minute);
    }
    expect(times).toEqual([2, 12, 42, 102, 222, 462, 942, 1422]);
    expect(toldIn('DU0OLGA', 'has not ended')).toHaveLength(times.length);
    expect(await audited(id, 'request.overdue')).toBe(times.length);
    // Who can do nothing about it is told once.
    const [theirs, ...more] = toldIn('DU0TESS', 'has not ended');
    expect(more).toEqual([]);
    expect(theirs).not.toMatch(/portal|Do now|consent/u);

    trouble = undefined;
    await one.pass(6 * HOUR + 2 * MINUTE);
    expect(await desk.request(id)).toMatchObject({ state: 'closed', outcome: 'ended' });
    expect(toldIn('DU0OLGA', 'the overdue access')).toHaveLength(1);
    await live(DAY, HOUR);
    expect(await audited(id, 'request.overdue')).toBeLessThanOrEqual(times.length + 1);
  }, 180_000);

  it('says how late it is, what is still there, what Graph says and what to do', async () => {
    const id = await desk.lend();
    trouble = FORBIDDEN;
    await end(id);
    await live(13 * MINUTE);
    const [first = '', second = ''] = toldIn('DU0OLGA', 'has not ended');
    expect(first).toMatch(/^🚨 Contoso: access of jit-tess\.okafor@contoso\.com has not ended \(2 min overdue\)\n/u);
    expect(first).toContain('Helpdesk Administrator may still be assigned: no read has succeeded yet');
    expect(first).toMatch(/Graph answers that Latchkey lacks the right\. \d+ attempts failed; next try at/u);
    expect(first).toContain('Do now: disable jit-tess.okafor@contoso.com in the portal, or give the app back');
    expect(first).not.toContain('--unconfirmed');
    expect(second).toContain('(12 min overdue)');
    await live(30 * MINUTE);
    expect(toldIn('DU0OLGA', 'has not ended').at(-1)).toContain(`/jit revoke ${id} --unconfirmed`);
  });

  it('is not raised within the five minutes in which Entra keeps a role, and the cards say until when', async () => {
    const id = await desk.lend();
    const { directory } = desk.parts;
    let isHeld = true;
    const held = desk.another({
      directory: {
        ...directory,
        apply: async (...call) => {
          const [tenant, user, steps, password] = call;
          const shut = steps.filter((step) => !isHeld || step.do !== 'unassign');
          const outcomes = await directory.apply(tenant, user, shut, password);
          return steps.map(
            (step): StepOutcome =>
              outcomes[shut.indexOf(step)] ?? {
                kind: 'failed',
                fault: { code: 'directory.too-soon', detail: 'ActiveDurationTooShort' },
                unclear: false,
              },
          );
        },
      },
    });
    await held.pass(MINUTE);
    await held.say('tess', `end ${id}`);
    await held.settle();
    const stuck = await desk.request(id);
    expect(stuck).toMatchObject({ state: 'closing', trouble: { attempts: 1, code: 'directory.too-soon' } });
    expect(stuck.retryAt).toEqual(stuck.hold?.until);
    expect(stuck.retryAt!.getTime() - stuck.readyAt!.getTime()).toBeGreaterThanOrEqual(5 * MINUTE - SECOND);
    expect(stuck.retryAt!.getTime() - stuck.closingSince!.getTime()).toBeLessThanOrEqual(5 * MINUTE);
    for (const chat of ['DU0TESS', 'DU0DANA']) {
      expect(toldIn(chat, id).at(0)).toMatch(
        /Sign-in is shut since .*\d\d:\d\d\. Entra keeps the role assigned until .*\d\d:\d\d and lets it go then\./u,
      );
    }
    expect(await held.hear('olga', 'list --all')).toContain('Ending. Sign-in is shut since');
    await held.pass(3 * MINUTE);
    expect((await desk.request(id)).trouble?.attempts).toBe(1);
    isHeld = false;
    await held.pass(MINUTE + SECOND);
    expect(await desk.request(id)).toMatchObject({ state: 'closed', outcome: 'ended' });
    expect(toldIn('DU0OLGA', 'has not ended')).toEqual([]);
    expectNothingLeft(desk, []);
  });
});

it('the list and the status show what is overdue, for how long and why, the longest overdue first', async () => {
  const first = await desk.lend();
  await desk.pass(SECOND);
  const second = await desk.lend();
  trouble = throttledFor(0);
  await end(second);
  await live(10 * MINUTE);
  await end(first);
  await live(3 * MINUTE);
  const list = await one.hear('olga', 'list --all');
  expect(list).toMatch(
    new RegExp(
      `${second} Tess Okafor, Contoso: Helpdesk Administrator · OVERDUE for 13 min\\. Ending: \\d+ attempts failed \\(Graph is throttling\\); next try (in \\d|now)`,
      'u',
    ),
  );
  expect(list.indexOf(second)).toBeLessThan(list.indexOf(first));
  expect(list).toContain('OVERDUE for 3 min');
  expect(await one.hear('tess', 'list')).toContain('OVERDUE for 13 min');
  const status = await one.hear('olga', `status ${second}`);
  expect(status).toContain('OVERDUE for 13 min. Ending:');
  expect(status).toContain('Helpdesk Administrator may still be assigned: no read has succeeded yet.');
  for (const said of [status, await one.hear('tess', `status ${second}`)]) {
    expect(said.match(/attempts failed/gu)).toHaveLength(1);
    expect(said.match(/overdue/giu)).toHaveLength(1);
  }
});

describe('closing as unconfirmed', () => {
  const tenant = (verb: Parameters<typeof changeTenant>[2], body: unknown): unknown =>
    changeTenant(desk.entra.sandbox.world, CONTOSO.id, verb, body);

  /** Tess has revealed her credential, then the tenant takes its consent back, then she ends her access. */
  const losesConsent = async (): Promise<{ id: string; password: string; upn: string }> => {
    const id = await desk.lend();
    const { upn, secret: password } = await desk.reveal(id);
    tenant('consent', { granted: false });
    await one.pass(MINUTE);
    await end(id);
    expect(await desk.request(id)).toMatchObject({ state: 'closing', trouble: { code: 'directory.consent' } });
    return { id, upn, password: password.reveal() };
  };

  it.each(['one.say', 'one.click'])(
    'is an owner’s word, asked once more, told to all, and never silent: %s',
    async (way) => {
      const { id, upn, password } = await losesConsent();
      const question = await one.say('olga', `revoke ${id} --unconfirmed`);
      expect(answerText(question)).toContain('The access may still be there, and nobody has proven its end.');
      expect(question).toMatchObject({ view: { buttons: [{ verb: 'leave-unconfirmed', id }] } });
      expect((await desk.request(id)).state).toBe('closing');

      const answer =
        way === 'one.say'
          ? await one.say('olga', `revoke ${id} --unconfirmed --yes`)
          : await one.click('olga', 'leave-unconfirmed', id);
      await one.settle();
      expect(answerText(answer)).toContain('is closed as unconfirmed');
      const closed = await desk.request(id);
      expect(closed).toMatchObject({ state: 'closed', outcome: 'unconfirmed', unconfirmed: { by: 'Olga Reyes' } });
      expect(closed.confirmedAt).toBeUndefined();

      for (const chat of ['DU0OLGA', 'DU0TESS']) {
        expect(toldIn(chat, 'is closed as unconfirmed')).toHaveLength(1);
        expect(toldIn(chat, 'the overdue access')).toEqual([]);
      }
      expect(toldIn('DU0TESS', '🚨 unconfirmed')).toHaveLength(1);
      expect(toldIn('DU0DANA', 'Closed as unconfirmed by Olga Reyes')).toHaveLength(1);
      expect(await one.hear('olga', 'list --all')).toContain('UNCONFIRMED: closed without proof of its end');
      expect(await one.hear('tess', 'list')).toContain('UNCONFIRMED');
      const lines = await desk.stores.audit.read({ request: closed.id }, 20);
      const olga = await desk.stores.people.byIdentity(desk.parts.settings.owners[0]!);
      expect(lines.filter(({ event }) => event.what === 'request.unconfirmed')).toMatchObject([
        { event: { by: olga!.id, facts: { outcome: 'unconfirmed', trouble: 'directory.consent' } } },
      ]);
      expect(await audited(id, 'request.closed')).toBe(0);
      await live(DAY, 2 * HOUR);
      expect(await audited(id, 'request.overdue')).toBe(0);
      expect(await one.hear('olga', `revoke ${id} --unconfirmed --yes`)).toContain('has ended');

      // Its account is still on record with what it was given: once there is consent again, it is shut.
      expect(desk.canSignIn({ upn, password })).toMatchObject({ ok: true });
      const account = (await desk.stores.accounts.load(accountId(closed.account)))!;
      expect(account.owed).toBe('disable');
      expect(account.grants.map(({ access }) => access.kind).toSorted()).toEqual(['role', 'sign-in']);
      tenant('consent', { granted: true });
      tenant('service-principal-roles', { roles: ['User Administrator'] });
      await one.pass(MINUTE);
      await desk.bot.chores.find(({ name }) => name === 'pauses')?.run();
      expectNothingLeft(desk, [password]);
      expect((await desk.stores.accounts.load(account.id))!.owed).toBeUndefined();
    },
  );

  it('is refused to the requester, to approvers and to the admins of an organization', async () => {
    await desk.say('olga', 'admin organization add Northwind --admin "Luis Marin"');
    await desk.say('olga', 'admin tenant set contoso --organization Northwind');
    const { id } = await losesConsent();
    for (const who of ['tess', 'dana', 'luis'] as const) {
      for (const words of ['--unconfirmed', '--unconfirmed --yes']) {
        expect(await one.hear(who, `revoke ${id} ${words}`)).toMatch(/^Only (owners|admins) of Latchkey may do that/u);
      }
      expect(answerText(await one.click(who, 'leave-unconfirmed', id))).toMatch(/^Only (owners|admins)/u);
    }
    expect((await desk.request(id)).state).toBe('closing');
    expect(lentUsers(desk)).toMatchObject([{ enabled: true }]);
  });

  it('is refused while the trouble may pass by itself, and heard once the directory was out of reach for a day', async () => {
    const id = await desk.lend();
    expect(await one.hear('olga', `revoke ${id} --unconfirmed --yes`)).toContain('is live');
    trouble = { code: 'directory.unavailable', detail: 'test' };
    await end(id);
    const refused = await one.hear('olga', `revoke ${id} --unconfirmed`);
    expect(refused).toMatch(
      /may pass by itself \(Graph does not answer\), so I go on trying\.\sIf no read succeeds until/u,
    );
    expect(await one.hear('olga', `revoke ${id} --unconfirmed --yes`)).toBe(refused);
    await live(23 * HOUR, HOUR);
    expect(await one.hear('olga', `revoke ${id} --unconfirmed --yes`)).toContain('may pass by itself');
    expect((await desk.request(id)).state).toBe('closing');
    await live(HOUR, HOUR);
    await one.say('olga', `revoke ${id} --unconfirmed --yes`);
    expect(await desk.request(id)).toMatchObject({ state: 'closed', outcome: 'unconfirmed' });
  });
});
