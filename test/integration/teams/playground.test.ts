import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../../src/chat/answer.js';
import type { Intent, Speaker } from '../../../src/chat/speaker.js';
import type { Card } from '../../../src/chat/view.js';
import { systemClock } from '../../../src/lib/clock.js';
import { silentLog } from '../../../src/lib/log.js';
import { redacted } from '../../../src/lib/redacted.js';
import { requestId } from '../../../src/engine/ids.js';
import { createTeams, type Teams } from '../../../src/teams/teams.js';
import {
  aPlaygroundPerson,
  CHANNEL,
  GROUP_CHAT,
  startPlayground,
  type Playground,
  type PlaygroundMessage,
} from '../../../demo/playground.js';
import { buttonOf, textOf } from '../../fakes/teams/cards.js';
import { listen, type Listening } from '../../fakes/teams/listen.js';

// Guards against our own reading of the protocol: the other side is Microsoft's client, the bot real but for its replies.

const TESS = aPlaygroundPerson('Tess', 1);
const DANA = aPlaygroundPerson('Dana', 2);

const card = (title: string, overrides: Partial<Card> = {}): Card => ({
  kind: 'card',
  title,
  lines: [],
  buttons: [],
  ...overrides,
});

const APPROVAL = card('Tess wants Exchange Administrator', {
  buttons: [
    { verb: 'approve', id: 'R-7K2M', label: 'Approve', style: 'primary' },
    { verb: 'deny-form', id: 'R-7K2M', label: 'Deny…', style: 'danger' },
    { verb: 'reveal', id: 'R-7K2M', label: 'Reveal', style: 'default' },
  ],
  denyReason: { id: 'R-7K2M' },
});

const heard: { readonly speaker: Speaker; readonly intent: Intent }[] = [];

const dispatch = async (speaker: Speaker, intent: Intent): Promise<Answer> => {
  heard.push({ speaker, intent });
  if (intent.kind === 'command') return { kind: 'show', tone: 'answer', view: card(`You said: ${intent.text}`) };
  if (intent.kind === 'form') return { kind: 'nothing' };
  switch (intent.verb) {
    case 'approve':
      return { kind: 'replace', view: card('Approved by Dana') };
    case 'reveal':
      return {
        kind: 'show',
        tone: 'answer',
        view: {
          kind: 'credential',
          id: requestId('R-7K2M'),
          title: 'Contoso',
          portal: 'https://portal.example/',
          upn: 'jit-tess@contoso.example',
          label: 'Password',
          secret: redacted('correct-horse'),
          note: 'Shown once.',
        },
      };
    default:
      return { kind: 'show', tone: 'refusal', view: card('Dana approved this at 14:12. Nothing more to do.') };
  }
};

let teams: Teams;
let bot: Listening;
let playground: Playground;

beforeAll(async () => {
  teams = createTeams({ config: { tenants: [], auth: 'none' }, dispatch, clock: systemClock, log: silentLog });
  bot = await listen(teams.listener);
  playground = await startPlayground({ bot: `${bot.url}/api/messages`, person: TESS, others: [DANA] });
});

afterAll(async () => {
  await playground.stop();
  await bot.close();
  await teams.stop();
});

const lastHeard = (): { readonly speaker: Speaker; readonly intent: Intent } => {
  const last = heard.at(-1);
  if (last === undefined) throw new Error('nothing was heard');
  return last;
};

describe('Agents Playground', () => {
  it('is greeted at the installation, and the person is reachable from then on', async () => {
    await playground.install();
    const greeting = await playground.message(({ card: shown }) => textOf(shown) === 'You said: help');
    const { identity, direct } = lastHeard().speaker;
    expect(direct).toBe(true);
    expect(identity).toMatchObject({ key: `teams:${TESS.aadObjectId}`, name: 'Tess', email: TESS.email });
    const delivery = await teams.notifier.post(identity.address!, card('Ready'));
    expect(delivery).toMatchObject({ kind: 'sent' });
    expect((await playground.message(({ card: shown }) => textOf(shown) === 'Ready')).conversation).toBe(
      greeting.conversation,
    );
  });

  it('hears a command, and the answer stands in the same chat', async () => {
    await playground.say('/jit list');
    await playground.message(({ card: shown }) => textOf(shown) === 'You said: list');
    expect(lastHeard().speaker.identity.zone).toBeDefined();
  });

  it('hears a command in a channel, and answers in its thread', async () => {
    await playground.say('jit list', CHANNEL);
    const answer = await playground.message(({ conversation }) => conversation.startsWith(`${CHANNEL};messageid=`));
    expect(textOf(answer.card)).toBe('You said: list');
    expect(lastHeard().speaker.direct).toBe(false);
  });

  const posted = async (conversation = GROUP_CHAT): Promise<PlaygroundMessage> => {
    const delivery = await teams.notifier.post({ ...lastHeard().speaker.conversation, conversation }, APPROVAL);
    if (delivery.kind !== 'sent') throw new Error(`not sent: ${delivery.detail}`);
    return playground.message(({ id }) => id === delivery.ref.message);
  };

  it('shows the new card to whom clicks, and the click says who and which message', async () => {
    const message = await posted();
    const { verb, data } = buttonOf(message.card, 'approve');
    const answer = await playground.click(message, { verb, data }, DANA);
    expect(answer.type).toBe('application/vnd.microsoft.card.adaptive');
    expect(textOf(answer.value)).toBe('Approved by Dana');
    const { speaker, intent } = lastHeard();
    expect(speaker.identity.key).toBe(`teams:${DANA.aadObjectId}`);
    expect(intent).toMatchObject({ verb: 'approve', id: 'R-7K2M', source: { message: message.id } });
  });

  it('takes a reason along with a denial, and tells a refusal without touching the card', async () => {
    const message = await posted();
    const { verb, data } = buttonOf(message.card, 'deny');
    const answer = await playground.click(message, { verb, data: { ...data, note: 'Not today' } }, DANA);
    expect(answer).toEqual({
      type: 'application/vnd.microsoft.activity.message',
      value: 'Dana approved this at 14:12. Nothing more to do.',
    });
    expect(lastHeard().intent).toMatchObject({ verb: 'deny', id: 'R-7K2M', note: 'Not today' });
    expect(playground.messages().find(({ id }) => id === message.id)?.card).toEqual(message.card);
  });

  it('gets a credential as the answer to the click, and no message ever holds it', async () => {
    const message = await posted('personal-chat');
    const { verb, data } = buttonOf(message.card, 'reveal');
    const answer = await playground.click(message, { verb, data });
    expect(textOf(answer.value)).toContain('correct-horse');
    expect(JSON.stringify(playground.messages())).not.toContain('correct-horse');
  });

  it('is not asked for a credential where others read along', async () => {
    const message = await posted();
    const before = heard.length;
    const { verb, data } = buttonOf(message.card, 'reveal');
    const answer = await playground.click(message, { verb, data }, DANA);
    expect(answer.type).toBe('application/vnd.microsoft.activity.message');
    expect(heard).toHaveLength(before);
  });

  it('sees a posted card change in place', async () => {
    const message = await posted();
    const ref = { address: lastHeard().speaker.conversation, message: message.id };
    const address = { ...ref.address, conversation: GROUP_CHAT };
    expect(await teams.notifier.update({ ...ref, address }, card('Approved by Dana'))).toMatchObject({ kind: 'sent' });
    const updated = await playground.message(({ id, updates }) => id === message.id && updates === 1);
    expect(textOf(updated.card)).toBe('Approved by Dana');
  });
});
