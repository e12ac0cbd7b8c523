import { beforeEach, describe, expect, it } from 'vitest';
import { requestId, tenantId } from '../../../src/engine/ids.js';
import { HOUR, SECOND } from '../../../src/lib/clock.js';
import { expectCardsInLine, lentUsers } from '../../fakes/aftermath.js';
import { textOf } from '../../fakes/chat-room.js';
import { answerText, openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk, Who } from '../../fakes/service-desk.js';

/** Who may do what is decided at the click, from what is on record at the click; every refusal says what to do next. */

let desk: ServiceDesk;

beforeEach(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  return () => desk.close();
});

const ASK = 'request contoso --role "Helpdesk Administrator" --reason "Reset a mailbox"';

const ask = async (options = '--for 2h', who: Who = 'tess'): Promise<string> => {
  await desk.pass(SECOND);
  const answer = await desk.hear(who, `${ASK} ${options}`);
  if (answer !== '') throw new Error(answer);
  await desk.settle();
  return desk.newest();
};

const press = async (who: Who, verb: string, id: string, note?: string): Promise<string> => {
  const answer = answerText(await desk.click(who, verb, id, note));
  await desk.settle();
  return answer;
};

/** Lets the time come at which a request is to start, or one so much later. */
const passStart = async (id: string, lateMs = 0): Promise<void> => {
  const { startsAt } = await desk.request(id);
  if (startsAt === undefined) throw new Error(`${id} is to start at once`);
  await desk.pass(startsAt.getTime() - desk.parts.clock.now().getTime() + lateMs);
};

const state = async (id: string): Promise<string> => (await desk.request(id)).state;

describe('a decision', () => {
  it('is never the requester’s own, in the chat of the request', async () => {
    await desk.say('olga', 'admin group add "Service desk leads" --member slack:U0TESS');
    const id = await ask();
    expect(await press('tess', 'approve', id)).toContain('made by you');
    expect(await desk.hear('tess', `approve ${id}`)).toContain('made by you');
    expect(await state(id)).toBe('pending');
  });

  it('is not for strangers, nor for people of the other chat whom nobody knows here', async () => {
    const id = await ask();
    expect(await press('olga', 'approve', id)).toContain('not yours to decide');
    await desk.say('danaInTeams', 'help');
    await desk.say('olga', 'admin group add "Service desk leads" --member "Dana W."');
    expect(await press('danaInTeams', 'approve', id)).toContain('It was asked in Slack, where I do not know you');
    expect(await press('danaInTeams', 'deny', id, 'No')).toContain('It was asked in Slack');
    expect(await state(id)).toBe('pending');
  });

  it('is not for who has left the group since, and its earlier word no longer counts', async () => {
    const id = await ask();
    await desk.say('olga', 'admin group remove "Service desk leads" --member dana@msp.example');
    expect(await press('dana', 'approve', id)).toContain('No request');
    // On the card that she still has, she reads why.
    const { ledger } = (await desk.stores.requests.load(requestId(id)))!;
    const source = ledger.find(({ ref }) => ref.address.conversation === 'DU0DANA')!.ref;
    const speaker = { identity: PEOPLE.dana, direct: true, conversation: source.address };
    const click = await desk.bot.dispatch(speaker, { kind: 'button', verb: 'approve', id, source });
    expect(answerText(click)).toContain('not yours to decide');
    const later = await ask('--from "tomorrow 9:00" --for 2h');
    expect(await press('luis', 'approve', later)).toBe('');
    expect(await state(later)).toBe('approved');
    await desk.say('olga', 'admin group remove "Service desk leads" --member luis@msp.example');
    await passStart(later);
    expect(await desk.request(later)).toMatchObject({
      state: 'cancelled',
      calledOff: expect.stringContaining('approval'),
    });
    expect(lentUsers(desk)).toEqual([]);
  });

  it('comes too late once somebody else has decided, and the click says who and when', async () => {
    const id = await ask();
    expect(await press('dana', 'deny', id, 'Ask the customer first')).toBe('');
    expect(await press('luis', 'approve', id)).toMatch(
      /^Dana Whitlock denied R-\w+ at .*\d\d:\d\d.* Nothing more to do\.$/u,
    );
    expect(desk.room.cardsIn('DU0TESS').some((card) => textOf(card).includes('Ask the customer first'))).toBe(true);
    await expectCardsInLine(desk, id);
  });

  it('needs a reason to deny, of bounded length', async () => {
    const id = await ask();
    const answer = await desk.click('dana', 'deny', id);
    expect(answer).toMatchObject({ kind: 'show', view: { kind: 'form', form: 'deny' }, tone: 'refusal' });
    expect(await press('dana', 'deny', id, 'x'.repeat(10_000))).toContain('10000 characters');
    expect(await state(id)).toBe('pending');
  });

  it('comes too late once its time has lapsed, even when no process was awake to say so', async () => {
    const id = await ask();
    desk.entra.pass(72 * HOUR);
    expect(answerText(await desk.click('dana', 'approve', id))).toContain('lapsed');
    await desk.settle();
    expect(await state(id)).toBe('lapsed');
    expect(lentUsers(desk)).toEqual([]);
  });

  it('says what is known of an unknown id, and of one that is not yours to end or see', async () => {
    expect(await press('dana', 'approve', 'R-ZZZZ')).toContain('No request R-ZZZZ');
    expect(await desk.hear('tess', 'end R-ZZZZ')).toContain('No request R-ZZZZ');
    const id = await desk.lend();
    expect(await press('luis', 'end', id)).toContain('only they can do that');
    expect(await press('dana', 'reveal', id)).toContain('only they can do that');
    expect(await desk.hear('dana', `reveal ${id} --again`)).toContain('only they can do that');
  });
});

describe('what is asked', () => {
  it.each([
    [`${ASK} --for 2h --reason "${'x'.repeat(10_000)}"`, '10000 characters'],
    [`${ASK} --until "2020-01-01 10:00"`, 'past'],
    ['request contoso --role "Helpdesk Wizard" --reason x', 'no role called Helpdesk Wizard'],
    ['request contosso --role "Helpdesk Administrator" --reason x', 'Did you mean contoso?'],
    ['request contoso --role "Global Administrator" --reason x', 'You may not ask for Global Administrator'],
    [`${ASK} --for 9h`, 'at most 4 h'],
  ])('is refused with a sentence, and leaves nothing: %#', async (text, sentence) => {
    expect(await desk.hear('tess', text)).toContain(sentence);
    expect(await desk.newest()).toBe('none');
  });

  it('is put before the rules again when it starts', async () => {
    const id = await ask('--from "tomorrow 9:00" --for 2h');
    await press('dana', 'approve', id);
    await desk.say('olga', 'admin rule remove "Leads approve helpdesk" --yes');
    await passStart(id);
    expect(await desk.request(id)).toMatchObject({ state: 'cancelled', calledOff: 'The rules no longer allow it.' });
    expect(lentUsers(desk)).toEqual([]);
    expect(desk.room.cardsIn('DU0TESS').some(({ title }) => title.includes('called off'))).toBe(true);
  });

  it('is called off where the tenant is gone when it starts', async () => {
    const id = await ask('--from "tomorrow 9:00" --for 2h');
    await press('dana', 'approve', id);
    await desk.stores.config.tenants.remove(tenantId('contoso'));
    await passStart(id);
    expect(await desk.request(id)).toMatchObject({ state: 'cancelled', calledOff: 'Contoso is no longer connected.' });
  });
});

describe('an approved request that no process was awake to start', () => {
  const approvedFor = async (options: string): Promise<string> => {
    const id = await ask(options);
    await press('dana', 'approve', id);
    expect(await state(id)).toBe('approved');
    return id;
  };

  it('starts where its time has only just passed', async () => {
    const id = await approvedFor('--from "tomorrow 9:00" --for 2h');
    await passStart(id, 8 * HOUR - SECOND);
    expect(await state(id)).toBe('active');
  });

  it('is called off instead of starting hours after its time', async () => {
    const id = await approvedFor('--from "tomorrow 9:00" --for 2h');
    await passStart(id, 8 * HOUR);
    expect(await desk.request(id)).toMatchObject({ state: 'cancelled', calledOff: 'It could not start in time.' });
    expect(lentUsers(desk)).toEqual([]);
    expect(desk.room.cardsIn('DU0TESS').some(({ title }) => title.includes('called off'))).toBe(true);
  });
});

describe('approvers whom no message reaches', () => {
  const blocked = { kind: 'unreachable', detail: 'cannot_dm_bot' } as const;

  it('are named when the request is refused for lack of any other', async () => {
    await desk.say('olga', 'admin group remove "Service desk leads" --member dana@msp.example');
    await desk.say('olga', 'admin group remove "Service desk leads" --member luis@msp.example');
    await desk.say('danaInTeams', 'help');
    await desk.say('olga', 'admin group add "Service desk leads" --member "Dana W."');
    const answer = await desk.hear('tess', `${ASK} --for 2h`);
    expect(answer).toContain('Dana W.');
    expect(answer).toContain('Olga Reyes');
    expect(await desk.newest()).toBe('none');
  });

  it('are named on the card when they block the bot, and the others may still decide', async () => {
    desk.room.trouble('DU0LUIS', blocked);
    const id = await ask();
    expect(await desk.request(id)).toMatchObject({ state: 'pending', unreachable: ['Luis Marin'] });
    expect(textOf(desk.room.cardsIn('DU0TESS').at(-1)!)).toContain('Luis Marin');
    expect(await press('dana', 'approve', id)).toBe('');
    expect(await state(id)).toBe('active');
  });

  it('call the request off when all of them block the bot', async () => {
    desk.room.trouble('DU0LUIS', blocked);
    desk.room.trouble('DU0DANA', blocked);
    const id = await ask();
    expect(await desk.request(id)).toMatchObject({ state: 'cancelled' });
    expect((await desk.request(id)).calledOff).toContain('Dana Whitlock');
  });

  it('call the request off when too few are left for the rule', async () => {
    await desk.say('olga', 'admin rule remove "Leads approve helpdesk" --yes');
    await desk.say(
      'olga',
      'admin rule add "Both leads" --subject "Service desk" --tenant contoso --role "Helpdesk Administrator" --max 4h --approvals 2 --approvers "Service desk leads"',
    );
    desk.room.trouble('DU0LUIS', blocked);
    const id = await ask();
    expect(await desk.request(id)).toMatchObject({ state: 'cancelled' });
  });
});
