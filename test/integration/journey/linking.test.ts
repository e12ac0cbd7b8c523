import { beforeEach, describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { textOf } from '../../fakes/chat-room.js';
import { answerText, openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk, Who } from '../../fakes/service-desk.js';

/** One human in two chats: joined only when both sides say so, and then the same person everywhere. */

let desk: ServiceDesk;

beforeEach(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  return () => desk.close();
});

const chatOf = (who: Who): string => PEOPLE[who].address!.conversation;

const offer = async (who: Who): Promise<string> => {
  const code = /\/jit link ([0-9A-Z]{8})/u.exec(await desk.hear(who, 'link'))?.[1];
  if (code === undefined) throw new Error('no code');
  return code;
};

const press = async (who: Who, verb: string, id: string, note?: string): Promise<string> => {
  const answer = answerText(await desk.click(who, verb, id, note));
  await desk.settle();
  return answer;
};

const join = async (from: Who, to: Who): Promise<void> => {
  const code = await bothSaidYes(from, to);
  expect(await press(from, 'link-confirm', code)).toContain('are one person now');
};

/** All but the first side's last click. */
const bothSaidYes = async (from: Who, to: Who): Promise<string> => {
  const code = await offer(from);
  await desk.say(to, `link ${code}`);
  await press(to, 'link-confirm', code);
  return code;
};

const isJoined = async (one: Who, other: Who): Promise<boolean> => {
  const [first, second] = await Promise.all([one, other].map((who) => desk.stores.people.byIdentity(PEOPLE[who].key)));
  return first !== undefined && first.id === second?.id;
};

const ask = async (who: Who): Promise<string> => {
  await desk.pass(SECOND);
  const answer = await desk.hear(who, 'request contoso --role "Helpdesk Administrator" --for 1h --reason "Mailbox"');
  if (answer !== '') throw new Error(answer);
  await desk.settle();
  return desk.newest();
};

describe('a link', () => {
  it('needs a yes on both sides', async () => {
    const code = await offer('dana');
    const question = await desk.hear('danaInTeams', `link ${code.toLowerCase()}`);
    expect(question).toContain('Are you Dana Whitlock in Slack?');
    expect(await press('danaInTeams', 'link-confirm', code)).toContain('Confirmed here');
    expect(await isJoined('dana', 'danaInTeams')).toBe(false);
    const asked = desk.room.cardsIn(chatOf('dana')).find(({ title }) => title.includes('Are you Dana W. in Teams?'));
    expect(asked?.buttons.map(({ verb }) => verb)).toEqual(['link-confirm', 'link-refuse']);
    expect(await press('dana', 'link-confirm', code)).toContain('are one person now');
    expect(await isJoined('dana', 'danaInTeams')).toBe(true);
    expect(desk.room.cardsIn(chatOf('danaInTeams')).some(({ title }) => title.startsWith('Joined'))).toBe(true);
  });

  it('is joined once, however many say yes at the same moment', async () => {
    const code = await offer('dana');
    await desk.say('danaInTeams', `link ${code}`);
    await Promise.all(
      (['dana', 'danaInTeams', 'dana', 'danaInTeams'] as const).map((who) => desk.click(who, 'link-confirm', code)),
    );
    expect(await isJoined('dana', 'danaInTeams')).toBe(true);
  });

  it('is nothing for a wrong, an expired or a used code, for the same chat, or for a third person', async () => {
    expect(await desk.hear('danaInTeams', 'link 00000000')).toContain('unknown or has expired');
    const code = await offer('dana');
    expect(await desk.hear('luis', `link ${code}`)).toContain('Both are Slack identities');
    expect(await desk.hear('dana', `link ${code}`)).toContain('already joined');
    await desk.say('danaInTeams', `link ${code}`);
    expect(await desk.hear('tessInTeams', `link ${code}`)).toContain('unknown or has expired');
    for (const verb of ['link-confirm', 'link-refuse']) expect(await press('luis', verb, code)).toContain('not yours');
    await press('danaInTeams', 'link-confirm', code);
    await desk.pass(11 * MINUTE);
    expect(await press('dana', 'link-confirm', code)).toContain('unknown or has expired');
    expect(await isJoined('dana', 'danaInTeams')).toBe(false);
    await join('dana', 'danaInTeams');
    expect(await press('dana', 'link-confirm', code)).toContain('unknown or has expired');
  });

  it('is not made by one side’s two yeses, and is over after a no', async () => {
    const code = await offer('dana');
    await desk.say('danaInTeams', `link ${code}`);
    await press('dana', 'link-confirm', code);
    await press('dana', 'link-confirm', code);
    expect(await isJoined('dana', 'danaInTeams')).toBe(false);
    expect(await press('danaInTeams', 'link-refuse', code)).toContain('nothing was joined');
    expect(await press('dana', 'link-confirm', code)).toContain('unknown or has expired');
    expect(await isJoined('dana', 'danaInTeams')).toBe(false);
  });
});

describe('across the chats', () => {
  it('nobody approves their own request, unlinked with the same e-mail, or linked', async () => {
    await desk.say('tessInTeams', 'help');
    await desk.say('olga', 'admin group add "Service desk leads" --member "Tess O."');
    const sameMail = { ...PEOPLE.tessInTeams, email: 'TESS@msp.example' };
    const id = await ask('tess');
    const speaker = { identity: sameMail, direct: true, conversation: sameMail.address! };
    const answer = await desk.bot.dispatch(speaker, { kind: 'button', verb: 'approve', id });
    expect(answerText(answer)).toContain('made by you');
    const code = await bothSaidYes('tess', 'tessInTeams');
    await press('tess', 'link-confirm', code);
    expect(await press('olga', 'link-allow', code)).toContain('are one person now');
    expect(await press('tessInTeams', 'approve', id)).toContain('made by you');
    expect((await desk.request(id)).state).toBe('pending');
  });

  it('one asks in Slack and another, once linked, approves in Teams', async () => {
    await desk.say('danaInTeams', 'help');
    const id = await ask('tess');
    expect(await press('danaInTeams', 'approve', id)).not.toBe('');
    await join('dana', 'danaInTeams');
    expect(await press('danaInTeams', 'approve', id)).toBe('');
    expect(await desk.request(id)).toMatchObject({ state: 'active', approvals: [{ on: 'teams' }] });
    const card = desk.room.cardsIn('DU0DANA').find((shown) => textOf(shown).includes(id));
    expect(card?.buttons).toEqual([]);
    expect(textOf(card!)).toContain('Approved by Dana');
  });

  it('a linked technician goes on in either chat, with one account', async () => {
    const first = await desk.lend();
    const { upn } = await desk.reveal(first);
    await join('tess', 'tessInTeams');
    // Nobody who leads is known in Teams yet.
    await expect(ask('tessInTeams')).rejects.toThrow('Nobody can be asked');
    await join('dana', 'danaInTeams');
    const second = await ask('tessInTeams');
    expect(await press('dana', 'approve', second)).toBe('');
    expect(await desk.request(second)).toMatchObject({ state: 'active', upn, reveal: 'shared', askedOn: 'teams' });
    for (const id of [first, second]) await desk.say('tessInTeams', `end ${id}`);
    await desk.settle();
    expect((await desk.request(first)).state).toBe('closed');
    expect((await desk.request(second)).state).toBe('closed');
  });
});

describe('a link by which somebody could do more than before', () => {
  const confirmOnBothSides = async (): Promise<string> => {
    // Dana leads in Slack, and works at the desk in Teams: together they could ask and approve.
    await desk.say('danaInTeams', 'help');
    await desk.say('olga', `admin group add "Service desk" --member ${PEOPLE.danaInTeams.key}`);
    const code = await offer('dana');
    await desk.say('danaInTeams', `link ${code}`);
    await press('danaInTeams', 'link-confirm', code);
    expect(await press('dana', 'link-confirm', code)).toContain('an owner has to agree');
    return code;
  };

  it('waits for an owner, who is told what it would add up to', async () => {
    const code = await confirmOnBothSides();
    expect(await isJoined('dana', 'danaInTeams')).toBe(false);
    const asked = desk.room.cardsIn(chatOf('olga')).at(-1);
    expect(asked === undefined ? '' : textOf(asked)).toMatch(/is in Service desk leads[^]*is in Service desk/u);
    expect(asked?.buttons.map(({ verb }) => verb)).toEqual(['link-allow', 'link-forbid']);
    expect(await press('tess', 'link-allow', code)).toContain('Only admins');
    expect(await press('dana', 'link-allow', code)).toContain('Only admins');
    expect(await press('olga', 'link-allow', code)).toContain('are one person now');
    expect(await isJoined('dana', 'danaInTeams')).toBe(true);
    expect(desk.room.cardsIn(chatOf('dana')).at(-1)?.title).toContain('Joined');
    expect(await press('olga', 'link-allow', code)).toContain('decided already');
  });

  it('is not joined where an owner forbids it, nor a day later, nor for more than the owner was shown', async () => {
    const forbidden = await confirmOnBothSides();
    await press('olga', 'link-forbid', forbidden);
    expect(await press('olga', 'link-allow', forbidden)).toContain('decided already');
    const stale = await confirmOnBothSides();
    await desk.pass(25 * HOUR);
    expect(await press('olga', 'link-allow', stale)).toContain('decided already');
    const grown = await confirmOnBothSides();
    await desk.say('olga', `admin group add Extra --member ${PEOPLE.danaInTeams.key}`);
    expect(await press('olga', 'link-allow', grown)).toContain('more by now');
    expect(await isJoined('dana', 'danaInTeams')).toBe(false);
  });

  it('is never agreed to by an owner who is one of the two', async () => {
    await desk.say('olga', 'admin person set "Dana Whitlock" --owner');
    await desk.say('olga', 'admin person set "Olga Reyes" --no-owner');
    await desk.say('danaInTeams', 'help');
    await desk.say('dana', `admin group add "Service desk" --member ${PEOPLE.danaInTeams.key}`);
    const code = await offer('dana');
    await desk.say('danaInTeams', `link ${code}`);
    await press('danaInTeams', 'link-confirm', code);
    expect(await press('dana', 'link-confirm', code)).toContain('an owner who is neither');
    expect(await isJoined('dana', 'danaInTeams')).toBe(false);
  });
});
