import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { groupId, personId, requestId } from '../../../src/engine/ids.js';
import { ALL_ADMINS } from '../../../src/engine/group.js';
import type { AllowRule, Demands, Quorum } from '../../../src/engine/rule.js';
import { HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { expectCardsInLine, lentUsers, startOver } from '../../fakes/aftermath.js';
import { textOf } from '../../fakes/chat-room.js';
import { answerText, openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';
import type { Counter, ServiceDesk, Who } from '../../fakes/service-desk.js';

/** Several quorums and denials, reminders, escalations, and rules that change while people decide. */

let desk: ServiceDesk;
let other: Counter;
let rule: AllowRule;
let leads: Quorum;

beforeAll(async () => {
  desk = await openServiceDesk();
  other = desk.another();
  await setUpContoso(desk);
  await desk.say('olga', 'admin group add "Customer Contoso" --member slack:U0OLGA');
  const [found] = await desk.stores.config.rules.named('Leads approve helpdesk');
  if (found?.effect !== 'allow' || found.demands.quorums[0] === undefined) throw new Error('no rule');
  rule = found;
  leads = found.demands.quorums[0];
});
beforeEach(async () => {
  await startOver(desk);
  await demand({});
  await desk.say('olga', 'admin group add "Service desk leads" --member slack:U0DANA');
});
afterAll(() => desk.close());

/** The rule as it was, but for these demands. */
const demand = async (demands: Partial<Demands>): Promise<void> => {
  const [current] = await desk.stores.config.rules.named(rule.name);
  const next = { ...rule, demands: { ...rule.demands, ...demands } };
  const { rules } = desk.stores.config;
  expect(await (current === undefined ? rules.add(next) : rules.replace(next, current))).toBe(true);
};

const customer = async (): Promise<Quorum> => {
  const [group] = await desk.stores.config.groups.named('Customer Contoso');
  if (group === undefined) throw new Error('no group');
  return { group: group.id, groupName: group.name, count: 1 };
};

const settle = async (): Promise<void> => {
  await Promise.all([desk.settle(), other.settle()]);
  await desk.settle();
};

const ask = async (): Promise<string> => {
  await desk.pass(SECOND);
  await desk.say('tess', 'request contoso --role "Helpdesk Administrator" --for 2h --reason "Reset a mailbox"');
  await settle();
  return desk.newest();
};

const press = async (who: Who, verb: string, id: string, note?: string): Promise<string> => {
  const answer = answerText(await desk.click(who, verb, id, note));
  await settle();
  return answer;
};

const state = async (id: string): Promise<string> => (await desk.request(id)).state;

const lastCard = (conversation: string): string => textOf(desk.room.cardsIn(conversation).at(-1)!);

const cardOf = (conversation: string, id: string): string =>
  desk.room
    .cardsIn(conversation)
    .map(textOf)
    .find((text) => text.includes(id)) ?? '';

describe('the admins of a tenant that has come to somebody else', () => {
  beforeAll(() => desk.say('olga', 'admin organization add "Old house" --id old --admin slack:U0LUIS'));
  beforeEach(async () => {
    await desk.say('olga', 'admin tenant set contoso --organization old');
    await demand({ quorums: [{ group: ALL_ADMINS.id, groupName: ALL_ADMINS.name, count: 1 }] });
    return async () => void (await desk.say('olga', 'admin tenant set contoso --no-organization'));
  });

  it('decide nothing there any more, and those who administer it now do', async () => {
    const id = await ask();
    await desk.say('olga', 'admin tenant set contoso --no-organization');
    expect(await press('luis', 'approve', id)).not.toBe('');
    expect(await state(id)).toBe('pending');
    await press('olga', 'approve', id);
    expect(await state(id)).toBe('active');
  });

  it('have not decided what has not started yet', async () => {
    await desk.say(
      'tess',
      'request contoso --role "Helpdesk Administrator" --for 2h --from "in 2h" --reason "Reset a mailbox"',
    );
    await settle();
    const id = await desk.newest();
    await press('luis', 'approve', id);
    expect(await state(id)).toBe('approved');
    await desk.say('olga', 'admin tenant set contoso --no-organization');
    await desk.pass(2 * HOUR);
    expect(await state(id)).toBe('cancelled');
  });
});

describe('several quorums', () => {
  it('must all be met, and every card says which are', async () => {
    await demand({ quorums: [{ ...leads, count: 2 }, await customer()] });
    const id = await ask();
    expect(await press('dana', 'approve', id, 'Known to me')).toBe('');
    for (const chat of ['DU0TESS', 'DU0LUIS', 'U0OLGA']) {
      const text = cardOf(chat === 'U0OLGA' ? PEOPLE.olga.address!.conversation : chat, id);
      expect(text).toContain('1 of 2 from Service desk leads; 0 of 1 from Customer Contoso');
      expect(text).toContain('Approved by Dana Whitlock: Known to me');
    }
    expect(await press('olga', 'approve', id)).toBe('');
    expect(await state(id)).toBe('pending');
    expect(await press('luis', 'approve', id)).toBe('');
    expect(await state(id)).toBe('active');
    await expectCardsInLine(desk, id);
  });

  it('are met by two at the same moment in two processes, once', async () => {
    await demand({ quorums: [{ ...leads, count: 2 }] });
    for (let round = 0; round < 4; round += 1) {
      const id = await ask();
      const answers = await Promise.all([
        desk.click('dana', 'approve', id),
        other.click('luis', 'approve', id),
        other.click('dana', 'approve', id),
        desk.click('luis', 'approve', id),
      ]);
      await settle();
      expect(answers.map(answerText)).toEqual(['', '', '', '']);
      const request = await desk.request(id);
      expect(request).toMatchObject({ state: 'active', tally: [2] });
      expect(request.approvals.map(({ name }) => name).toSorted()).toEqual(['Dana Whitlock', 'Luis Marin']);
      await desk.say('tess', `end ${id}`);
      await settle();
    }
  });

  it('count nobody who has left since', async () => {
    await demand({ quorums: [{ ...leads, count: 2 }] });
    const id = await ask();
    await press('dana', 'approve', id);
    await desk.say('olga', 'admin group remove "Service desk leads" --member slack:U0DANA');
    await press('luis', 'approve', id);
    expect(await desk.request(id)).toMatchObject({ state: 'pending', tally: [1] });
    await desk.say('olga', 'admin group add "Service desk leads" --member slack:U0DANA');
  });
});

describe('an approver who turns out to be the requester', () => {
  it('no longer counts, though they spoke before anybody knew', async () => {
    await demand({ quorums: [{ ...leads, count: 2 }] });
    const id = await ask();
    await press('dana', 'approve', id);
    const someone = personId('somebody');
    const { email } = PEOPLE.tess;
    await desk.stores.people.appear({ ...PEOPLE.dana, ...(email === undefined ? {} : { email }) }, someone);
    expect(await press('luis', 'approve', id)).toBe('');
    expect(await desk.request(id)).toMatchObject({ state: 'pending', tally: [1] });
    await desk.stores.people.appear(PEOPLE.dana, someone);
  });
});

describe('denials', () => {
  it('end it only when there are as many as the rule says, each human once', async () => {
    await demand({ denials: 2, quorums: [{ ...leads, count: 2 }] });
    const id = await ask();
    expect(await press('dana', 'deny', id, 'Why now?')).toBe('');
    expect(await press('dana', 'deny', id, 'Really?')).toBe('');
    expect(await state(id)).toBe('pending');
    expect(cardOf('DU0TESS', id)).toContain('Denied by Dana Whitlock: Why now?');
    expect(await press('luis', 'deny', id, 'Not on a Friday')).toBe('');
    expect(await state(id)).toBe('denied');
    expect(cardOf('DU0DANA', id)).toContain('Denied by Luis Marin');
  });

  it('are taken back by a later word of the same person', async () => {
    await demand({ denials: 2 });
    const id = await ask();
    await press('dana', 'deny', id, 'Why now?');
    await press('dana', 'approve', id);
    expect(await desk.request(id)).toMatchObject({ state: 'active', denials: [] });
  });

  it('and approvals in the same moment have one outcome, of which both learn', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await ask();
      const answers = await Promise.all([
        desk.click('dana', 'approve', id),
        other.click('luis', 'deny', id, 'Not on a Friday'),
      ]);
      await settle();
      const { state: now, denials, approvals } = await desk.request(id);
      expect([now, approvals.length, denials.length]).toEqual(now === 'active' ? ['active', 1, 0] : ['denied', 0, 1]);
      const told = answers.map(answerText).filter((text) => text !== '');
      expect(told).toEqual([expect.stringMatching(/^(Dana Whitlock approved|Luis Marin denied) /u)]);
      await expectCardsInLine(desk, id);
      await desk.say('tess', `end ${id}`);
      await settle();
    }
  });
});

describe('rules that change while people decide', () => {
  it('have the request ask whom they now name, before anything else counts', async () => {
    const id = await ask();
    await demand({ quorums: [await customer()] });
    expect(await press('dana', 'approve', id)).toContain('not yours to decide');
    const request = await desk.request(id);
    expect(request).toMatchObject({ state: 'pending', quorums: [{ groupName: 'Customer Contoso' }], approvals: [] });
    expect(request.asked.map(({ name }) => name)).toContain('Olga Reyes');
    expect(cardOf(PEOPLE.olga.address!.conversation, id)).toContain('0 of 1 from Customer Contoso');
    expect(await press('olga', 'approve', id)).toBe('');
    expect(await state(id)).toBe('active');
  });

  it('call it off where they no longer allow it, and whoever clicked is told', async () => {
    const id = await ask();
    await desk.stores.config.rules.remove(rule.id);
    expect(await press('dana', 'approve', id)).toContain(`${id} is called off`);
    expect(await desk.request(id)).toMatchObject({ state: 'cancelled', calledOff: 'The rules no longer allow it.' });
    expect(lentUsers(desk)).toEqual([]);
  });

  it('call it off where nobody whom they now name can be asked', async () => {
    const id = await ask();
    await demand({ quorums: [{ group: groupId('nobody'), groupName: 'Nobody', count: 1 }] });
    expect(await press('dana', 'approve', id)).toContain('The rules now ask Nobody');
    expect(await state(id)).toBe('cancelled');
  });

  it('still want somebody who was asked where they would now want nobody', async () => {
    const id = await ask();
    await demand({ quorums: [] });
    expect(await press('dana', 'approve', id)).toBe('');
    expect(await state(id)).toBe('active');
  });

  it('stop a start once the group has changed between approval and start', async () => {
    const text = 'request contoso --role "Helpdesk Administrator" --from "tomorrow 9:00" --for 2h --reason "Later"';
    await desk.say('tess', text);
    await settle();
    const id = await desk.newest();
    await press('dana', 'approve', id);
    await demand({ quorums: [await customer()] });
    await desk.pass(48 * HOUR);
    expect((await desk.request(id)).state).toBe('cancelled');
  });
});

describe('approvers who do not answer', () => {
  const remindersIn = (conversation: string): number =>
    desk.room.cardsIn(conversation).filter(({ title }) => title.includes('still waits')).length;

  it('are reminded after each interval, three times at most, and only those who have not spoken', async () => {
    await demand({ quorums: [{ ...leads, count: 2 }] });
    const before = [remindersIn('DU0DANA'), remindersIn('DU0LUIS')] as const;
    const id = await ask();
    await press('dana', 'approve', id);
    for (let hour = 0; hour < 6; hour += 1) await desk.pass(HOUR);
    expect(remindersIn('DU0LUIS') - before[1]).toBe(3);
    expect(remindersIn('DU0DANA') - before[0]).toBe(0);
    expect(lastCard('DU0LUIS')).toContain(`/jit approve ${id}`);
    expect(await desk.request(id)).toMatchObject({ reminded: { times: 3 } });
  });

  it('are joined by the group that the rule names, once, and its people count', async () => {
    const escalation = { afterMs: 30 * MINUTE, group: ALL_ADMINS.id, groupName: ALL_ADMINS.name };
    await demand({ quorums: [{ ...leads, escalation }] });
    const id = await ask();
    expect(await press('olga', 'approve', id)).toContain('not yours to decide');
    desk.entra.pass(31 * MINUTE);
    await Promise.all([desk, other, desk].map(({ bot }) => bot.tend(requestId(id))));
    await settle();
    const request = await desk.request(id);
    expect(request.asked.filter(({ name }) => name === 'Olga Reyes')).toHaveLength(1);
    const chat = PEOPLE.olga.address!.conversation;
    expect(desk.room.cardsIn(chat).filter((card) => textOf(card).includes(id))).toHaveLength(1);
    expect(cardOf(chat, id)).toContain('0 of 1 from Service desk leads or All admins');
    expect(await press('olga', 'approve', id)).toBe('');
    expect(await state(id)).toBe('active');
  });

  it('may approve in the very moment of an escalation: one outcome', async () => {
    const escalation = { afterMs: 30 * MINUTE, group: ALL_ADMINS.id, groupName: ALL_ADMINS.name };
    await demand({ quorums: [{ ...leads, escalation }] });
    for (let round = 0; round < 3; round += 1) {
      const id = await ask();
      desk.entra.pass(31 * MINUTE);
      const [clicked] = await Promise.all([desk.click('dana', 'approve', id), other.bot.tend(requestId(id))]);
      await settle();
      expect(answerText(clicked)).toBe('');
      expect(await desk.request(id)).toMatchObject({ state: 'active', approvals: [{ name: 'Dana Whitlock' }] });
      await expectCardsInLine(desk, id);
      await desk.say('tess', `end ${id}`);
      await settle();
    }
  });
});

describe('a second factor', () => {
  it('is asked of whoever may approve, and of nobody else; denying needs none', async () => {
    await demand({ secondFactor: true });
    const id = await ask();
    expect(await press('dana', 'approve', id)).toContain('needs your passkey, and you have none yet');
    expect(await press('olga', 'approve', id)).toContain('not yours to decide');
    expect(await state(id)).toBe('pending');
    expect(await press('luis', 'deny', id, 'No')).toBe('');
    expect(await state(id)).toBe('denied');
  });

  it('given on its page counts, and the card says so', async () => {
    await demand({ secondFactor: true });
    const id = await ask();
    const dana = await desk.stores.people.byIdentity(PEOPLE.dana.key);
    const approval = { person: dana!, on: 'slack', request: requestId(id), factor: 'passkey' } as const;
    expect((await desk.bot.approve(approval)).ok).toBe(true);
    await settle();
    expect(await state(id)).toBe('active');
    expect(cardOf('DU0LUIS', id)).toContain('Dana Whitlock (with passkey)');
  });
});

describe('whoever has nothing to do with a request', () => {
  it('reads the same as of one that does not exist', async () => {
    const id = await ask();
    await desk.say('danaInTeams', 'help');
    for (const verb of ['approve', 'deny', 'end', 'cancel', 'revoke', 'extend', 'status', 'reveal']) {
      const rest = verb === 'deny' ? ' no' : verb === 'extend' ? ' 1h' : '';
      const told = await desk.hear('danaInTeams', `${verb} ${id}${rest}`);
      const ofNone = await desk.hear('danaInTeams', `${verb} R-ZZZZ${rest}`);
      expect(told).toBe(ofNone.replaceAll('R-ZZZZ', id));
      expect(told).toContain('No request');
    }
    expect(answerText(await desk.click('danaInTeams', 'approve', id))).toContain('No request');
    expect(await state(id)).toBe('pending');
  });

  it('is told whose it is where they click a card that they can read', async () => {
    const id = await ask();
    const { ledger } = (await desk.stores.requests.load(requestId(id)))!;
    const source = ledger.find(({ key }) => key.startsWith('approval/'))!.ref;
    const speaker = { identity: PEOPLE.danaInTeams, direct: false, conversation: source.address };
    const click = (ref: typeof source) =>
      desk.bot.dispatch(speaker, { kind: 'button', verb: 'approve', id, source: ref });
    expect(answerText(await click(source))).toContain('not yours to decide');
    expect(answerText(await click({ ...source, message: 'm0' }))).toContain('No request');
  });

  it('who audits may look, and change nothing', async () => {
    const { offices } = desk.stores.config;
    const before = await offices.read();
    await desk.say('danaInTeams', 'help');
    const auditor = await desk.stores.people.byIdentity(PEOPLE.danaInTeams.key);
    await offices.replace({ ...before, auditors: [auditor?.id ?? personId('nobody')] }, before);
    const id = await ask();
    expect(await desk.hear('danaInTeams', `status ${id}`)).toContain('Tess Okafor wants');
    expect(await desk.hear('danaInTeams', 'list --all')).toContain(id);
    expect(await desk.hear('danaInTeams', `revoke ${id}`)).toContain('not yours');
    expect(await desk.hear('danaInTeams', `approve ${id}`)).toContain('not yours');
    expect(await state(id)).toBe('pending');
    await offices.replace(before, await offices.read());
  });
});

describe('the list', () => {
  it('shows what waits for me, found by whom it was asked of, until I have spoken', async () => {
    await demand({ quorums: [{ ...leads, count: 2 }] });
    const id = await ask();
    expect(await desk.hear('dana', 'list')).toContain(`Waiting for you\n${id}`);
    await press('dana', 'approve', id);
    expect(await desk.hear('dana', 'list')).not.toContain(id);
    expect(await desk.hear('luis', 'list')).toContain(`${id} Tess Okafor, Contoso`);
  });

  it('goes on at the next page', async () => {
    for (let count = 0; count < 16; count += 1) {
      desk.entra.pass(SECOND);
      await desk.say('tess', `request contoso --role "Global Reader" --for 1h --reason "Number ${count}"`);
    }
    await settle();
    const first = await desk.hear('tess', 'list');
    expect(first).toContain('Number 15');
    expect(first).not.toContain('Number 0');
    expect(first).toContain('/jit list --page 2');
    const second = await desk.hear('tess', 'list --page 2');
    expect(second).toContain('Number 0');
    expect(second).not.toContain('More:');
  });
});

it('complains about nothing', () => {
  expect(desk.complaints).toEqual([]);
});
