// A look at break-glass passwords: somebody else agrees, one link opens it once, and no answer carries a password in clear.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { vaultOf } from '../../../src/engine/ids.js';
import { HOUR, MINUTE } from '../../../src/lib/clock.js';
import { openLookRig, OLDER, PASSWORD } from './look-rig.js';
import type { LookRig } from './look-rig.js';

let rig: LookRig;

beforeEach(async () => {
  rig = await openLookRig();
});

afterEach(() => rig.close());

const approved = async (who: 'tess' | 'dana' = 'tess', by: 'tess' | 'dana' | 'olga' = 'dana') => {
  const view = await rig.ask(who);
  await rig.desk.click(by, 'approve', view.id);
  await rig.desk.bot.idle();
  return { view, link: rig.link(who) };
};

describe('the way of a look', () => {
  it('is asked, agreed to, opened once, seen by admins, changed afterwards, and on record at each step', async () => {
    const { view, link } = await approved();
    expect(await rig.newest()).toMatchObject({ state: 'approved', approvals: [{ name: 'Dana Whitlock' }] });
    // Link previews consume nothing.
    for (let times = 0; times < 3; times += 1) expect((await fetch(link)).status).toBe(200);
    const begun = await rig.post(link, 'begin');
    expect(begun.body.keys).toMatchObject([{ sealedBy: 'passphrase' }]);
    const taken = await rig.post(link, 'take');
    expect(taken.status).toBe(200);
    const [first, second] = taken.body.accounts?.[0]?.candidates ?? [];
    expect(JSON.parse(await rig.opened('tess', first?.sealed ?? ''))).toMatchObject({ password: PASSWORD });
    expect(JSON.parse(await rig.opened('tess', second?.sealed ?? ''))).toMatchObject({ password: OLDER });
    for (const { text } of [begun, taken]) expect(text).not.toMatch(new RegExp(`${PASSWORD}|${OLDER}`, 'u'));
    await rig.desk.bot.idle();
    expect(rig.chat('olga').join('\n')).toContain('Tess Okafor has seen the break-glass passwords of Contoso');
    expect(await rig.account()).toMatchObject({ rotateFor: 'revealed' });
    const open = link.replace(/[^/]+\/[^/]+$/u, `break-glass-open/${taken.body.next}`);
    expect((await rig.post(open, 'current')).status).toBe(200);
    expect((await rig.post(open, 'done')).status).toBe(200);
    expect((await rig.view(view.id))?.state).toBe('over');
    expect((await rig.account())?.rotateAt?.getTime()).toBeLessThanOrEqual(rig.desk.parts.clock.now().getTime());
    expect((await rig.post(open, 'current')).status).toBe(404);
    const steps = ['asked', 'approval', 'approved', 'shown', 'shown-again', 'over'].map(
      (step) => `break-glass.${step}`,
    );
    expect((await rig.audited()).filter((what) => steps.includes(what))).toEqual(steps);
  });

  it('is never decided by whoever asked, by a stranger, or without a reason', async () => {
    const view = await rig.ask();
    expect(await rig.desk.hear('tess', `approve ${view.id}`)).toContain('somebody else has to agree');
    expect(await rig.desk.hear('luis', `approve ${view.id}`)).toContain('There is no');
    expect(await rig.desk.hear('dana', `deny ${view.id}`)).toContain('form');
    expect((await rig.newest()).state).toBe('pending');
    await rig.desk.click('dana', 'deny', view.id, 'Ask the client first');
    await rig.desk.bot.idle();
    expect(rig.chat('tess').join('\n')).toContain('Ask the client first');
    expect(await rig.desk.hear('olga', `approve ${view.id}`)).toMatch(/Dana Whitlock denied .* Nothing more to do/u);
    expect(rig.buttons('dana')).toEqual([]);
  });

  it('is decided once: of an approval and a denial at the same moment one counts, and each of a double click is one', async () => {
    const view = await rig.ask();
    await Promise.all([
      rig.desk.click('dana', 'approve', view.id),
      rig.desk.click('dana', 'approve', view.id),
      rig.desk.click('olga', 'deny', view.id, 'No'),
    ]);
    await rig.desk.bot.idle();
    const { state, approvals, denials } = await rig.newest();
    expect([state, approvals.length, denials.length]).toEqual(
      state === 'approved' ? ['approved', 1, 0] : ['denied', 0, 1],
    );
  });

  it('lapses where nobody decides within the hour', async () => {
    const view = await rig.ask();
    await rig.desk.pass(HOUR + MINUTE);
    await rig.desk.bot.chores.find(({ name }) => name === 'looks')?.run();
    expect((await rig.view(view.id))?.state).toBe('lapsed');
    expect(rig.buttons('dana')).toEqual([]);
  });
});

describe('a declared emergency', () => {
  it('needs nobody, tells every admin and owner before the link is given, and needs a rule all the same', async () => {
    await rig.ask('tess', '--emergency');
    expect(rig.chat('olga').join('\n')).toContain('Emergency declared: Tess Okafor');
    expect((await fetch(rig.link('tess'))).status).toBe(200);
    const order = rig.desk.room.history.map(({ title }) => title);
    expect(order.findIndex((title) => title.startsWith('Emergency declared'))).toBeLessThan(
      order.findIndex((title) => title.endsWith('open them here')),
    );
    expect(await rig.desk.hear('olga', 'break-glass contoso --reason "All is lost" --emergency')).toContain(
      'No rule lets you',
    );
  });

  it('gives no link while nobody can be told', async () => {
    rig.desk.room.trouble('DU0OLGA', { kind: 'later', detail: 'the chat is down' });
    await rig.ask('tess', '--emergency');
    expect(() => rig.link('tess')).toThrow('has no link');
    rig.desk.room.trouble('DU0OLGA', undefined);
    await rig.desk.pass(MINUTE);
    await rig.desk.bot.chores.find(({ name }) => name === 'looks')?.run();
    expect(rig.link('tess')).toContain('/page/break-glass/');
  });
});

describe('a link', () => {
  it('that is expired, used, guessed or forged opens nothing, and is on record', async () => {
    const { link } = await approved();
    const guessed = `${link.slice(0, -1)}${link.endsWith('A') ? 'B' : 'A'}`;
    for (const bad of [guessed, link.slice(0, -3), `${link}AAAA`])
      expect((await rig.post(bad, 'take')).status).toBe(404);
    const [one, other] = await Promise.all([rig.post(link, 'take'), rig.post(link, 'take')]);
    expect([one, other].filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await rig.post(link, 'take')).status).not.toBe(200);
    expect(await rig.audited()).toContain('refused');
  });

  it('is good for ten minutes, and another can be had within the hour', async () => {
    const { view, link } = await approved();
    await rig.desk.pass(11 * MINUTE);
    expect((await rig.post(link, 'take')).status).toBe(404);
    await rig.desk.click('tess', 'look-link', view.id);
    expect(rig.link('tess')).not.toBe(link);
    expect((await rig.post(rig.link('tess'), 'take')).status).toBe(200);
    expect(await rig.desk.hear('dana', `reveal ${view.id}`)).toContain('only they can open it');
  });

  it.each<[string, () => Promise<unknown>]>([
    [
      'whose viewer was removed from the vault',
      async () => {
        const vault = await rig.desk.stores.vaults.of(vaultOf(undefined));
        if (vault !== undefined)
          await rig.desk.stores.vaults.save({ ...vault, members: [await rig.idOf('dana')] }, vault);
      },
    ],
    ['whose viewer lost their key', () => rig.desk.stores.vaults.removeKey('K-TESS')],
    ['whose viewer left the company', () => rig.deactivate('tess')],
    ['whose approver left the company', () => rig.deactivate('dana')],
    ['whose rule is gone', () => rig.desk.say('olga', 'admin rule remove Emergencies --yes')],
  ])('%s between approval and view opens nothing, and nothing is lost', async (_, change) => {
    const { link } = await approved();
    await change();
    for (const action of ['begin', 'take']) expect((await rig.post(link, action)).status).not.toBe(200);
    expect((await rig.newest()).shownAt).toBeUndefined();
  });

  it('two viewers at once have two looks, both on record', async () => {
    const tess = await approved('tess', 'dana');
    const dana = await approved('dana', 'olga');
    const [one, other] = await Promise.all([rig.post(tess.link, 'take'), rig.post(dana.link, 'take')]);
    expect([one.status, other.status]).toEqual([200, 200]);
    for (const [who, heard] of [
      ['tess', one],
      ['dana', other],
    ] as const) {
      expect(await rig.opened(who, heard.body.accounts?.[0]?.candidates[0]?.sealed ?? '')).toContain(PASSWORD);
    }
    expect((await rig.audited()).filter((what) => what === 'break-glass.shown')).toHaveLength(2);
  });
});
