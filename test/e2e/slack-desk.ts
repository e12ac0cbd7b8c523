import { eventually } from '../../demo/eventually.js';
import { CONTOSO } from '../../src/sandbox/seed.js';
import { startSlack } from '../fakes/slack.js';
import type { FakeSlack, SlackMessage } from '../fakes/slack.js';
import type { PersonName, SlackPerson } from '../fakes/slack/workspace.js';
import type { Window } from '../fakes/slack/windows.js';
import type { Credential, Environment, RunningBot } from './rig.js';

/** An MSP in Slack: Dana owns Latchkey and leads, Luis leads too, Tess asks, Mallory may nothing. */
export interface SlackDesk {
  readonly slack: FakeSlack;
  /** For the bot. */
  readonly env: Environment;
  /** From now on people speak to this one. */
  connect(bot: Pick<RunningBot, 'url'>): void;
  /** Types `/jit …` and hears the answer, which is for their eyes alone. */
  say(who: PersonName, text: string): Promise<string>;
  /** Types `/jit …` whose only answer are cards. */
  send(who: PersonName, text: string): Promise<void>;
  /** Dana connects Contoso, and lets Tess ask there when one lead agrees. */
  setUp(): Promise<void>;
  /** Tess asks for Helpdesk Administrator; the request's id, once the leads have their cards. */
  ask(options?: string): Promise<string>;
  /** The newest message there that says all of this. */
  message(where: PersonName | 'channel', ...words: readonly string[]): Promise<SlackMessage>;
  press(who: PersonName, message: SlackMessage, verb: string): Promise<void>;
  /** Presses, and hears what the click is answered with, for the clicker's eyes alone. */
  pressAndHear(who: PersonName, message: SlackMessage, verb: string): Promise<string>;
  /** Types, or presses, what is answered with a link; where it leads. */
  sayForLink(who: PersonName, text: string): Promise<string>;
  pressForLink(who: PersonName, message: SlackMessage, verb: string): Promise<string>;
  approve(id: string): Promise<void>;
  /** When Tess's access ends, as her card says: minutes since midnight. */
  endOf(id: string): Promise<number>;
  /** The window that opens last, once it says all of this. */
  window(...words: readonly string[]): Promise<Window>;
  /** Waits for the offer of a credential and takes it. */
  reveal(id: string): Promise<Credential>;
  close(): Promise<void>;
}

const PATIENCE_MS = 20_000;

export const openSlackDesk = async (): Promise<SlackDesk> => {
  const slack = await startSlack();
  let bot = 'nowhere';
  const person = (who: PersonName): SlackPerson => slack.people[who];

  const hear = async (count: number): Promise<unknown> =>
    (await eventually('an answer in Slack', () => slack.whispers()[count], PATIENCE_MS)).blocks;
  const answerTo = async (who: PersonName, text: string): Promise<unknown> => {
    const heard = slack.whispers().length;
    const { status, text: said } = await slack.command(bot, person(who), text);
    if (status !== 200) throw new Error(`the bot answers ${status} to ${text}`);
    return said === '' ? hear(heard) : (JSON.parse(said) as { readonly blocks: unknown }).blocks;
  };
  const say: SlackDesk['say'] = async (who, text) => wordsOf(await answerTo(who, text));
  const send: SlackDesk['send'] = async (who, text) => {
    const { text: said } = await slack.command(bot, person(who), text);
    if (said !== '') throw new Error(`refused: ${said}`);
  };
  const message: SlackDesk['message'] = (where, ...words) =>
    eventually(
      `${words.join(' + ')} for ${where}`,
      async () => (await slack.messages(where === 'channel' ? slack.channel : person(where))).find(saying(words)),
      PATIENCE_MS,
    ).catch(async (thrown: unknown) => {
      const seen = (await slack.messages(where === 'channel' ? slack.channel : person(where))).map(({ blocks }) =>
        wordsOf(blocks),
      );
      throw new Error(`seen instead: ${seen.join(' | ')}`, { cause: thrown });
    });
  const press: SlackDesk['press'] = async (who, pressed, verb) => {
    await slack.click(bot, person(who), pressed, verb);
  };
  const answerToPress = async (who: PersonName, pressed: SlackMessage, verb: string): Promise<unknown> => {
    const heard = slack.whispers().length;
    await press(who, pressed, verb);
    return hear(heard);
  };
  const window: SlackDesk['window'] = (...words) =>
    eventually(
      `a window saying ${words.join(' + ')}`,
      () => {
        const last = slack.lastWindow();
        return last !== undefined && words.every((word) => wordsOf(last.view).includes(word)) ? last : undefined;
      },
      PATIENCE_MS,
    );

  return {
    slack,
    env: {
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_SIGNING_SECRET: slack.signingSecret,
      SLACK_API_URL: slack.apiUrl,
      BOOTSTRAP_ADMINS: `slack:${slack.people.dana.id}`,
    },
    connect: ({ url }) => {
      bot = url;
    },
    say,
    send,
    message,
    press,
    window,
    pressAndHear: async (who, pressed, verb) => wordsOf(await answerToPress(who, pressed, verb)),
    sayForLink: async (who, text) => linkIn(await answerTo(who, text)),
    pressForLink: async (who, pressed, verb) => linkIn(await answerToPress(who, pressed, verb)),
    setUp: async () => {
      for (const who of ['tess', 'luis', 'mallory'] as const) await say(who, 'help');
      for (const [command, expected] of SET_UP) {
        const answer = await say('dana', command);
        if (!answer.includes(expected)) throw new Error(`${command}: ${answer}`);
      }
    },
    ask: async (options = '--for 20s') => {
      const before = new Set((await slack.messages(person('tess'))).flatMap((sent) => idIn(sent) ?? []));
      await send('tess', `request contoso --role "Helpdesk Administrator" --reason "Reset a mailbox" ${options}`);
      const id = await eventually(
        'the card of the request',
        async () =>
          (await slack.messages(person('tess'))).map(idIn).find((found) => found !== undefined && !before.has(found)),
        PATIENCE_MS,
      );
      await Promise.all((['dana', 'luis'] as const).map((lead) => message(lead, id, 'Approve')));
      return id;
    },
    approve: async (id) => press('dana', await message('dana', id, 'Approve'), 'approve'),
    endOf: async (id) => {
      const { blocks } = await message('tess', id, 'live until');
      const [, hours, minutes] = /live until \D*(\d\d):(\d\d)/u.exec(wordsOf(blocks)) ?? [];
      return Number(hours) * 60 + Number(minutes);
    },
    reveal: async (id) => {
      await press('tess', await message('tess', id, 'Reveal credential'), 'reveal');
      return credentialIn(await window('Password'));
    },
    close: () => slack.close(),
  };
};

const SET_UP: readonly (readonly [command: string, answer: string])[] = [
  [`admin tenant add contoso --id ${CONTOSO.id}`, 'is connected'],
  ['admin group add "Service desk" --member tess@northwind.test', 'has Tess'],
  ['admin group add "Service desk leads" --member me --member luis@northwind.test', 'has Dana'],
  [
    'admin rule add "Leads approve helpdesk" --subject "Service desk" --tenant contoso ' +
      '--role "Helpdesk Administrator" --max 4h --approvals 1 --approvers "Service desk leads"',
    'may ask for Helpdesk Administrator',
  ],
];

/** Everything that can be read in blocks or a window, buttons included, in reading order. */
export const wordsOf = (node: unknown): string => {
  if (Array.isArray(node)) return node.map(wordsOf).join(' ');
  if (typeof node !== 'object' || node === null) return '';
  return Object.entries(node)
    .map(([key, value]) => (key === 'text' && typeof value === 'string' ? value : wordsOf(value)))
    .filter((words) => words !== '')
    .join(' ');
};

const linkIn = (blocks: unknown): string => {
  const link = /"url":"([^"]+)"/u.exec(JSON.stringify(blocks))?.[1];
  if (link === undefined) throw new Error(`no link in: ${wordsOf(blocks)}`);
  return link;
};

/** What an input offers to choose from, wherever in a window it stands. */
export const optionsOf = (
  node: unknown,
  action: string,
): readonly { readonly text: string; readonly value: string }[] => {
  if (typeof node !== 'object' || node === null) return [];
  const { action_id: id, options } = node as { readonly action_id?: string; readonly options?: readonly Option[] };
  if (id === action) return (options ?? []).map(({ text, value }) => ({ text: text.text, value }));
  return Object.values(node).flatMap((child) => optionsOf(child, action));
};

interface Option {
  readonly text: { readonly text: string };
  readonly value: string;
}

const saying =
  (words: readonly string[]) =>
  ({ blocks }: SlackMessage): boolean =>
    words.every((word) => wordsOf(blocks).includes(word));

const idIn = ({ blocks }: SlackMessage): string | undefined => /R-[0-9A-Z]{4,}/u.exec(wordsOf(blocks))?.[0];

/** The preformatted texts of a window: user name and password. */
const credentialIn = ({ view }: Window): Credential => {
  const texts: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ((node as { readonly type?: unknown }).type === 'rich_text_preformatted') texts.push(wordsOf(node));
    else Object.values(node).forEach(walk);
  };
  walk(view);
  const [upn, password] = texts;
  if (upn === undefined || password === undefined) throw new Error('the window shows no credential');
  return { upn, password };
};
