import { describe, expect, it } from 'vitest';
import type { IncomingActivity } from '../../../src/teams/activity.js';
import { commandOf, typedText } from '../../../src/teams/typed-text.js';

const BOT = { id: '28:bot', name: 'Latchkey' };

const activity = (text: string, mentions: readonly { text: string; id: string; name: string }[] = []) =>
  ({
    type: 'message',
    channelId: 'msteams',
    serviceUrl: 'https://smba.example/',
    from: { id: '29:tess' },
    recipient: BOT,
    conversation: { id: 'c' },
    text,
    entities: mentions.map(({ text: shown, id, name }) => ({ type: 'mention', text: shown, mentioned: { id, name } })),
  }) satisfies IncomingActivity;

const nobody = async (): Promise<undefined> => undefined;
const dana = async (user: string): Promise<string | undefined> =>
  user === '29:dana' ? 'AAAAAAAA-0000-4000-8000-00000000000D' : undefined;

const AT_BOT = { text: '<at>Latchkey</at>', ...BOT };
const AT_DANA = { text: '<at>Dana W</at>', id: '29:dana', name: 'Dana W' };

describe('typed text', () => {
  it('loses the mention of the bot', async () => {
    expect(await typedText(activity('<at>Latchkey</at> jit list', [AT_BOT]), nobody)).toBe('jit list');
  });

  it('turns a mention of a person into the identity it stands for, or into the name', async () => {
    const said = activity('<at>Latchkey</at> add <at>Dana W</at>', [AT_BOT, AT_DANA]);
    expect(await typedText(said, dana)).toBe('add teams:aaaaaaaa-0000-4000-8000-00000000000d');
    expect(await typedText(said, nobody)).toBe('add Dana W');
  });

  it('has entities and hard spaces undone, once', async () => {
    expect(await typedText(activity('a&nbsp;b\u00A0c &amp;lt; &quot;x&quot; &#39;y&#x27; &unknown;'), nobody)).toBe(
      'a b c &lt; "x" \'y\' &unknown;',
    );
  });

  it('survives entities that are no character', async () => {
    expect(await typedText(activity('&#0; &#9999999; &#xffffff;'), nobody)).toBe('&#0; &#9999999; &#xffffff;');
  });

  it('takes a name that looks like a replacement pattern as a name', async () => {
    const said = activity('hello <at>x</at>', [{ text: '<at>x</at>', id: '29:x', name: "$& $' $1" }]);
    expect(await typedText(said, nobody)).toBe("hello $& $' $1");
  });
});

describe('a command', () => {
  it.each([
    ['jit list', 'list'],
    ['/jit list', 'list'],
    ['JIT   request contoso', 'request contoso'],
    ['list', 'list'],
    ['jit', ''],
    ['/jit', ''],
    ['jitter', 'jitter'],
  ])('%j is %j', (typed, command) => {
    expect(commandOf(typed)).toBe(command);
  });
});
