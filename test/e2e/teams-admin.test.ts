import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../demo/eventually.js';
import { CONTOSO } from '../../src/sandbox/seed.js';
import { aTeamsPerson, startTeamsConnector } from '../fakes/teams-connector.js';
import type { Posted, TeamsConnector, TeamsMessage, TeamsPerson } from '../fakes/teams-connector.js';
import { buttonsOf, elementsOf, inputsOf, textOf } from '../fakes/teams/cards.js';
import { openRig } from './rig.js';
import type { Rig } from './rig.js';

// Setting up, reading and taking away in Teams: what is pasted there keeps its lines, what is long is turned by button,
// what destroys asks first, and what a technician is told is what then holds.

const DANA = aTeamsPerson('Dana Whitlock');
const LUIS = aTeamsPerson('Luis Ferreira');
const TESS = aTeamsPerson('Tess Okafor');
const HELPDESK = 'Helpdesk Administrator';

let rig: Rig;
let teams: TeamsConnector;
beforeAll(async () => {
  [rig, teams] = await Promise.all([openRig(), startTeamsConnector()]);
  const bot = await rig.startBot({
    TEAMS_AUTH: 'none',
    TEAMS_TENANTS: DANA.tenant,
    BOOTSTRAP_ADMINS: `teams:${DANA.aadObjectId}`,
  });
  teams.connect(bot.url);
  for (const person of [LUIS, TESS]) await say(person, 'jit help');
}, 60_000);
afterAll(async () => {
  await teams.close();
  await rig.close();
});

/** Types in the 1:1 chat with the bot; the next message there. */
const say = async (person: TeamsPerson, text: string): Promise<TeamsMessage> => {
  const chat = teams.chatOf(person);
  const before = new Set(teams.messages(chat).map(({ id }) => id));
  await teams.say(person, text);
  return eventually('an answer in Teams', () => teams.messages(chat).find(({ id }) => !before.has(id)), 20_000);
};

const hear = async (person: TeamsPerson, text: string): Promise<string> => textOf((await say(person, text)).card);

/** The newest message there whose card says all of this. */
const cardSaying = (person: TeamsPerson, ...words: readonly string[]): Promise<TeamsMessage> =>
  eventually(
    words.join(' + '),
    () =>
      teams
        .messages(teams.chatOf(person))
        .findLast(({ card, summary }) => words.every((word) => `${summary}\n${textOf(card)}`.includes(word))),
    20_000,
  );

/** What a click is answered with: a card that takes the place of the clicked one. */
const cardIn = ({ body }: Posted): unknown => (body as { readonly value: unknown }).value;

const GROUPS = Array.from({ length: 20 }, (_, index) => `Group ${String(index + 1).padStart(2, '0')}`);

const YAML = ['version: 1', 'groups:', ...GROUPS.flatMap((name) => [`  - name: "${name}"`, '    members: []'])];

// What Teams' clients make of line breaks and of the blanks at the beginning of a line.
test.each([
  ['as they are', YAML.join('\n')],
  ['with blanks that do not break', YAML.map((line) => line.replaceAll('  ', '\u00A0\u00A0')).join('\r\n')],
  ['as entities, each line a paragraph', YAML.map((line) => line.replaceAll('  ', '&nbsp; ')).join('\n\n')],
  ['quoted as code', `\`\`\`yaml\n${YAML.join('\n')}\n\`\`\``],
])('pasted lines survive %s: the preview tells what would change', async (_how, yaml) => {
  const preview = await hear(DANA, `jit admin import\n${yaml}`);
  expect(preview).toContain('What importing this would change');
  expect(preview).toContain('Group 20');
});

test('an import does what its preview said, and again nothing; its list is turned by button', async () => {
  expect(await hear(DANA, `jit admin import --yes\r\n${YAML.join('\r\n')}`)).toContain('Imported');
  const again = await hear(DANA, `jit admin import\n${YAML.join('\n')}`);
  expect(again).not.toContain('--yes');

  const list = await say(DANA, 'jit admin group list');
  expect(textOf(list.card)).toContain('Page 1 of 2');
  expect(textOf(list.card)).not.toContain('Group 20');
  const turned = cardIn(await teams.click(DANA, list, 'page'));
  expect(textOf(turned)).toContain('Page 2 of 2');
  expect(textOf(turned)).toContain('Group 20');
  expect(textOf(cardIn(await teams.clickOn(DANA, turned, list, 'page')))).toContain('Group 01');
});

test('a removal asks first, and is done by its button', async () => {
  const question = await say(DANA, 'jit admin group remove "Group 20"');
  expect(textOf(question.card)).toContain('Remove group Group 20?');
  expect(await hear(DANA, 'jit admin group show "Group 20"')).not.toContain('No group');
  expect(textOf(cardIn(await teams.click(TESS, question, 'admin-remove')))).not.toContain('is gone');
  expect(await hear(DANA, 'jit admin group show "Group 20"')).not.toContain('No group');
  await teams.click(DANA, question, 'admin-remove');
  expect(await hear(DANA, 'jit admin group show "Group 20"')).toContain('No group');
});

test('what can and rule test foretell holds for the form filled by a template; two denials end it', async () => {
  for (const [command, expected] of [
    [`jit admin tenant add contoso --id ${CONTOSO.id}`, 'is connected'],
    [`jit admin group add "Service desk" --member teams:${TESS.aadObjectId}`, 'has Tess Okafor'],
    [`jit admin group add Leads --member me --member teams:${LUIS.aadObjectId}`, 'Luis Ferreira'],
    [`jit admin template add "Mailbox repair" --tenant contoso --role "${HELPDESK}" --for 30m`, 'Mailbox repair'],
    [
      'jit admin rule add "Leads agree" --subject "Service desk" --tenant contoso --template "Mailbox repair" ' +
        '--max 4h --approvers Leads --denials 2',
      'Service desk may ask for',
    ],
  ] as const) {
    const answer = await hear(DANA, command);
    expect({ command, answer }).toEqual({ command, answer: expect.stringContaining(expected) });
  }
  expect(await hear(TESS, 'jit can contoso')).toContain('Mailbox repair');
  const asked = `contoso --template "Mailbox repair" --as teams:${TESS.aadObjectId}`;
  expect(await hear(DANA, `jit admin rule test ${asked}`)).toContain('Needs approval');
  expect(await hear(DANA, `jit admin rule test ${asked} --for 5h`)).toContain('Refused');

  const form = await say(TESS, 'jit request contoso');
  const template = choiceIn(form.card, 'template', 'Mailbox repair');
  const filled = cardIn(await teams.click(TESS, form, 'form-refresh', { template }));
  expect(inputsOf(filled)).toContainEqual(expect.objectContaining({ id: 'duration', value: '30m' }));
  const values = { ...valuesIn(filled), template, reason: 'Reset a mailbox' };
  const sent = cardIn(await teams.clickOn(TESS, filled, form, 'form-submit', values));
  expect(textOf(sent)).toContain('waiting');

  const first = await cardSaying(DANA, 'Tess Okafor wants', '0 of 2 denials end it');
  const id = /R-[0-9A-Z]{4,}/u.exec(textOf(first.card))?.[0] ?? '';
  await teams.click(DANA, first, 'deny', { note: 'Not before the backup' });
  const second = await cardSaying(LUIS, id, '1 of 2 denials end it', 'Not before the backup');
  expect(buttonsOf(second.card).map(({ verb }) => verb)).toContain('approve');
  await teams.click(LUIS, second, 'deny', { note: 'Nor after it' });
  for (const person of [TESS, DANA, LUIS]) await cardSaying(person, id, 'Denied by Luis Ferreira', 'Nor after it');
}, 60_000);

test('an export, pasted back as it is shown, changes nothing', async () => {
  const shown = await say(DANA, 'jit admin export');
  const text = String(elementsOf(shown.card).find(({ type }) => type === 'CodeBlock')?.['codeSnippet']);
  expect(text).toContain('Mailbox repair');
  const preview = await hear(DANA, `jit admin import\n${text}`);
  expect(preview).toContain('What importing this would change');
  expect(preview).not.toContain('--yes');
});

const choiceIn = (card: unknown, name: string, title: string): string => {
  const field = inputsOf(card).find(({ id }) => id === name);
  const choices = (field?.['choices'] ?? []) as readonly { readonly title: string; readonly value: string }[];
  const choice = choices.find((candidate) => candidate.title.startsWith(title));
  if (choice === undefined) throw new Error(`${name} offers ${choices.map((one) => one.title).join(', ')}`);
  return choice.value;
};

const valuesIn = (card: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(inputsOf(card).map(({ id, value }) => [String(id), typeof value === 'string' ? value : '']));
