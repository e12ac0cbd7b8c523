import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from '../../demo/processes.js';
import { CONTOSO } from '../../src/sandbox/seed.js';
import { openRig } from './rig.js';
import type { Rig, RunningBot } from './rig.js';
import { openSlackDesk, optionsOf, wordsOf } from './slack-desk.js';
import type { SlackDesk } from './slack-desk.js';

// A customer set up by typed commands alone, run by its own admin, and out of sight of the admin of another one. What is
// asked there from a template needs the MSP's word and the customer's, for the first hours as for more of them.

let rig: Rig;
let desk: SlackDesk;
let bot: RunningBot;
beforeAll(async () => {
  rig = await openRig();
  desk = await openSlackDesk();
  bot = await rig.startBot(desk.env);
  desk.connect(bot);
  for (const who of ['tess', 'luis', 'mallory'] as const) await desk.say(who, 'help');
}, 60_000);
afterAll(async () => {
  await desk.close();
  await rig.close();
});

const HELPDESK = 'Helpdesk Administrator';

const saying = (command: string, words: string): object => ({ command, answer: expect.stringContaining(words) });
let id = '';

test('the owner makes two organizations; the admin of one sets up groups, a template and a rule of two quorums', async () => {
  for (const [who, command, expected] of [
    [
      'dana',
      'admin organization add "Contoso Ltd." --id contoso-ltd --admin luis@northwind.test',
      'people type contoso-ltd',
    ],
    ['dana', 'admin organization add Fabrikam --admin mallory@northwind.test', 'Admins: Mallory Quint'],
    ['dana', `admin tenant add contoso --id ${CONTOSO.id} --organization contoso-ltd`, 'is connected'],
    ['luis', 'admin group add "Service desk" --member tess@northwind.test', 'has Tess Okafor'],
    ['luis', 'admin group add Leads --member me', 'has Luis Ferreira'],
    ['luis', 'admin group add "Customer Contoso" --member dana@northwind.test', 'has Dana Whitlock'],
    [
      'luis',
      `admin template add "Mailbox repair" --tenant contoso --role "${HELPDESK}" --for 2h --description "One mailbox"`,
      'Mailbox repair',
    ],
    [
      'luis',
      'admin rule add "Both agree" --subject "Service desk" --tenant contoso --template "Mailbox repair" --max 4h ' +
        '--approvers "1 of Leads" --approvers "1 of Customer Contoso"',
      'Service desk may ask for',
    ],
  ] as const) {
    expect({ command, answer: await desk.say(who, command) }).toEqual(saying(command, expected));
  }
});

test('choosing the template fills the form, and both quorums are asked at once', async () => {
  const { slack } = desk;
  const { tess } = slack.people;
  await slack.command(bot.url, tess, 'request contoso');
  const form = await desk.window('Mailbox repair', 'One mailbox');
  const template = optionsOf(form.view, 'template').find(({ text }) => text.startsWith('Mailbox repair'));
  await slack.choose(bot.url, tess, form, { template: template?.value ?? '' });
  const filled = await desk.window('Needs approval: 1 of Leads and 1 of Customer Contoso');
  expect(filled.id).toBe(form.id);
  expect(await slack.submit(bot.url, tess, filled, { reason: 'Reset a mailbox' })).toEqual({ status: 200, text: '' });
  const card = await desk.message(
    'luis',
    `Tess Okafor wants ${HELPDESK}`,
    '0 of 1 from Leads; 0 of 1 from Customer Contoso',
  );
  id = /R-[0-9A-Z]{4,}/u.exec(wordsOf(card.blocks))?.[0] ?? '';
  expect(wordsOf(card.blocks)).toContain('for 2 h');
  await desk.message('dana', id, 'Approve');
});

/** Luis agrees by button, then Dana by command; in between every card tells how far it is. */
const bothAgree = async (asked: string): Promise<void> => {
  await desk.press('luis', await desk.message('luis', asked, 'Approve'), 'approve');
  for (const who of ['luis', 'dana', 'tess'] as const) {
    await desk.message(who, asked, '1 of 1 from Leads; 0 of 1 from Customer Contoso', 'Approved by', 'Luis Ferreira');
  }
  expect(await desk.say('dana', `approve ${asked} "Known to me"`)).toContain('Approved');
  await desk.message('dana', asked, 'Approved by', 'Luis Ferreira', 'Dana Whitlock', 'Known to me');
};

test('one word of each group brings the access to life, and more time the same way, under the same credential', async () => {
  await bothAgree(id);
  const credential = await desk.reveal(id);
  expect(rig.signIn(credential)).toMatchObject({ ok: true, roles: [HELPDESK] });
  const before = await desk.endOf(id);

  const { slack } = desk;
  await desk.press('tess', await desk.message('tess', id, 'live until', 'Extend…'), 'extend-form');
  const form = await desk.window(`Extend ${id}`);
  await slack.submit(bot.url, slack.people.tess, form, { more: '1h', reason: 'Still copying' });
  await desk.message('dana', `${id}-1`, '1 h more', 'Still copying', 'Approve');
  expect(await desk.endOf(id)).toBe(before);
  await bothAgree(`${id}-1`);
  await desk.message('tess', `${id}-1`, 'Extended until', `${id} goes on with the same credential`);
  await desk.message('tess', id, 'live until', 'End now');
  expect(((await desk.endOf(id)) - before + 1440) % 1440).toBe(60);
  expect(rig.signIn(credential)).toMatchObject({ ok: true });

  await desk.press('tess', await desk.message('tess', id, 'live until', 'End now'), 'end');
  await desk.message('tess', id, 'Ended and confirmed');
  expect(rig.signIn(credential)).toMatchObject({ ok: false });
}, 60_000);

test('its admin reads what happened; the admin of another organization finds nothing of it', async () => {
  const log = await desk.say('luis', `admin audit --request ${id}`);
  for (const word of ['Tess Okafor', 'Luis Ferreira', 'Dana Whitlock']) expect(log).toContain(word);
  expect(await desk.say('mallory', `admin audit --request ${id}`)).toContain('Nothing on record that fits');
  for (const [command, expected] of [
    [`status ${id}`, 'that you may see'],
    [`revoke ${id}`, 'that you may see'],
    ['admin tenant show contoso', 'No tenant'],
    ['admin rule show "Both agree"', 'No rule'],
    ['admin rule remove "Both agree" --yes', 'No rule'],
    ['admin group show Leads', 'No group'],
    ['admin template show "Mailbox repair"', 'No template'],
    ['admin organization show contoso-ltd', 'No organization'],
    ['admin rule list', 'None yet'],
    ['admin audit', 'Audit log'],
  ] as const) {
    const answer = await desk.say('mallory', command);
    expect({ command, answer }).toEqual(saying(command, expected));
    expect(answer).not.toMatch(/Contoso Ltd|Customer|Okafor/u);
  }
});

test('beside the running bot, the chain of everything that was done and refused is intact', async () => {
  const audit = await runProgram('audit-main.js', ['verify'], { DATA_DIR: join(rig.folder, 'bot') });
  expect(audit).toMatchObject({ code: 0, output: expect.stringMatching(/^intact: \d\d+ lines/u) });
}, 60_000);
