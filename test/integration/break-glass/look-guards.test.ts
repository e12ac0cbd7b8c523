import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../../src/lib/clock.js';
import { answerText } from '../../fakes/service-desk.js';
import type { Who } from '../../fakes/service-desk.js';
import { openLookRig } from './look-rig.js';
import type { LookRig } from './look-rig.js';
import { askedAt, enrolPasskey } from './passkey-holder.js';

/** Who agrees to a look, by what proof, after how long; and what becomes of those who were let go meanwhile. */

let rig: LookRig;

beforeEach(async () => {
  rig = await openLookRig();
});

afterEach(() => rig.close());

const order = async (command: string): Promise<void> => {
  const answer = await rig.desk.say('olga', command);
  if (answer.kind !== 'show' || answer.tone === 'refusal') throw new Error(answerText(answer));
};

const approved = async (): Promise<string> => {
  const view = await rig.ask();
  await rig.desk.click('dana', 'approve', view.id);
  await rig.desk.bot.idle();
  return rig.link('tess');
};

const doLooks = async (): Promise<void> => {
  await rig.desk.bot.chores.find(({ name }) => name === 'looks')?.run();
  await rig.desk.bot.idle();
};

describe('a look whose approval takes a passkey', () => {
  beforeEach(() => order('admin rule set Emergencies --passkey yes'));

  const confirmLink = async (who: Who, id: string): Promise<string> => {
    const answer = await rig.desk.click(who, 'approve', id);
    const buttons = answer.kind === 'show' && answer.view.kind === 'card' ? answer.view.buttons : [];
    const link = buttons.flatMap((button) => ('href' in button ? [button.href] : []))[0];
    if (link === undefined) throw new Error(answerText(answer));
    expect(answerText(answer)).toContain(`Approving ${id} needs your passkey`);
    return link;
  };

  const expectPending = async (): Promise<void> => {
    expect(await rig.newest()).toMatchObject({ state: 'pending', approvals: [] });
    expect(() => rig.link('tess')).toThrow('has no link');
  };

  it('is not approved by a click, which says what to do, and is by the passkey of whoever was asked', async () => {
    const { id } = await rig.ask();
    expect(answerText(await rig.desk.click('dana', 'approve', id))).toContain('/jit link passkey');
    await expectPending();
    const phone = await enrolPasskey(rig, 'dana');
    const link = await confirmLink('dana', id);
    expect(await rig.desk.hear('dana', `approve ${id}`)).toContain('needs your passkey');
    expect(await (await fetch(link)).text()).toContain('Approve with passkey');
    await expectPending();
    expect((await rig.post(link, 'finish')).status).toBe(409);
    const stranger = await enrolPasskey(rig, 'olga');
    expect((await rig.post(link, 'finish', { answer: stranger.prove(await askedAt(rig, link)) })).status).toBe(409);
    await expectPending();

    const answer = phone.prove(await askedAt(rig, link));
    expect((await rig.post(link, 'finish', { answer })).status).toBe(200);
    await rig.desk.bot.idle();
    expect(await rig.newest()).toMatchObject({
      state: 'approved',
      approvals: [{ name: 'Dana Whitlock', factor: 'passkey' }],
    });
    expect((await rig.post(link, 'finish', { answer })).status).toBe(404);
    expect((await rig.post(rig.link('tess'), 'take')).status).toBe(200);
  });

  it('is not approved by the passkey of whoever asked', async () => {
    const { id } = await rig.ask();
    await enrolPasskey(rig, 'tess');
    expect(await rig.desk.hear('tess', `approve ${id}`)).toContain('somebody else has to agree');
    await expectPending();
  });

  it('is denied by a click all the same', async () => {
    const { id } = await rig.ask();
    await rig.desk.click('dana', 'deny', id, 'Not now');
    expect((await rig.newest()).state).toBe('denied');
  });
});

it('a click that was enough opens nothing once the rule demands a passkey', async () => {
  const link = await approved();
  await order('admin rule set Emergencies --passkey yes');
  const taken = await rig.post(link, 'take');
  expect(taken.status).toBe(409);
  expect(taken.body).toEqual({ problem: expect.stringMatching(/no longer suffices. Ask anew/u) });
  expect((await rig.newest()).state).toBe('approved');
});

describe('a look that is escalated', () => {
  beforeEach(async () => {
    await order('admin group add Managers --member olga@msp.example');
    await order(
      'admin rule set Emergencies --approvers "1 of Service desk leads" --escalate "30m to Managers" --pending 2h',
    );
  });

  it('asks whoever the rule names after a while, and not before; then their word is enough', async () => {
    const { id } = await rig.ask();
    await rig.desk.pass(29 * MINUTE);
    await doLooks();
    expect(await rig.desk.hear('olga', `approve ${id}`)).toContain('This look is not yours to decide');
    expect(rig.buttons('olga')).not.toContain('approve');
    await rig.desk.pass(MINUTE);
    await doLooks();
    expect(rig.chat('olga').join('\n')).toContain('Nobody else can sign in');
    expect(rig.buttons('olga')).toContain('approve');
    expect((await rig.newest()).asked.map(({ name }) => name)).toEqual(['Dana Whitlock', 'Luis Marin', 'Olga Reyes']);
    await rig.desk.click('olga', 'approve', id);
    await rig.desk.bot.idle();
    expect((await rig.post(rig.link('tess'), 'take')).status).toBe(200);
  });

  it('still takes the word of whoever was asked first, and lapses where nobody says one', async () => {
    const { id } = await rig.ask();
    await rig.desk.pass(31 * MINUTE);
    await doLooks();
    await rig.desk.click('luis', 'approve', id);
    expect((await rig.view(id))?.state).toBe('approved');
    const other = await rig.ask('tess');
    await rig.desk.pass(2 * HOUR + MINUTE);
    await doLooks();
    expect((await rig.view(other.id))?.state).toBe('lapsed');
    expect(rig.buttons('olga')).not.toContain('approve');
  });
});

describe('whoever is let go between approval and page', () => {
  const refused = async (): Promise<readonly unknown[]> =>
    (await rig.desk.stores.audit.read({}, 200))
      .filter(({ event }) => event.what === 'refused')
      .map(({ event: { by, facts } }) => [by, facts['attempted'], facts['code'], facts['look']]);

  it.each([
    [
      'removed from the vault',
      'vault.not-member',
      /You are not a member of the vault/u,
      () => order('admin vault remove owners tess@msp.example --yes'),
    ],
    ['gone from the chat', 'page.gone', /not good any more/u, () => rig.deactivate('tess')],
  ])('%s gets nothing, is told so, and is on record by name', async (_, code, words, letGo) => {
    const link = await approved();
    await letGo();
    expect(await (await fetch(link)).text()).toMatch(words);
    for (const action of ['begin', 'take']) {
      const heard = await rig.post(link, action);
      expect(heard.status).toBeGreaterThanOrEqual(400);
      expect(heard.body).toEqual({ problem: expect.stringMatching(words) });
    }
    const line = [await rig.idOf('tess'), 'break-glass open', code, (await rig.newest()).id];
    expect(await refused()).toEqual([line, line, line]);
    expect(await rig.newest()).not.toHaveProperty('shownAt');
  });

  it('removed from the vault while the page is open sees no more of it, which is on record', async () => {
    const link = await approved();
    const { next } = (await rig.post(link, 'take')).body;
    const open = link.replace(/[^/]+\/[^/]+$/u, `break-glass-open/${next}`);
    await order('admin vault remove owners tess@msp.example --yes');
    for (const action of ['begin', 'current', 'pass']) {
      const heard = await rig.post(open, action, { upn: 'emergency1@contoso.onmicrosoft.com' });
      expect(heard.status).toBe(409);
      expect(heard.body).toEqual({ problem: expect.stringContaining('You are not a member of the vault') });
    }
    expect(await refused()).toHaveLength(3);
    expect((await rig.account())?.rotateAt?.getTime()).toBeLessThanOrEqual(rig.desk.parts.clock.now().getTime());
  });
});
