import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../demo/processes.js';
import { createAuthenticator } from '../fakes/authenticator.js';
import type { Authenticator, CreationOptions, ProofOptions } from '../fakes/authenticator.js';
import { openRig } from './rig.js';
import type { Rig, RunningBot } from './rig.js';
import { openSlackDesk } from './slack-desk.js';
import type { SlackDesk } from './slack-desk.js';

// Where a rule asks for a passkey, a click alone approves nothing: what counts is the proof on a page of the bot's own,
// reached by a link that is good for one person and once.

let rig: Rig;
let desk: SlackDesk;
let bot: RunningBot;
let origin: string;
let phone: Authenticator;
beforeAll(async () => {
  rig = await openRig();
  desk = await openSlackDesk();
  const port = await freePort(0);
  origin = `http://localhost:${port}`;
  phone = createAuthenticator(origin);
  bot = await rig.startBot({ ...desk.env, PORT: String(port), PUBLIC_URL: origin });
  desk.connect(bot);
  await desk.setUp();
  const changed = await desk.say('dana', 'admin rule set "Leads approve helpdesk" --passkey yes');
  if (!changed.includes('passkey')) throw new Error(changed);
}, 60_000);
afterAll(async () => {
  await desk.close();
  await rig.close();
});

interface Heard {
  readonly status: number;
  readonly body: {
    readonly problem?: string;
    readonly options?: CreationOptions & ProofOptions;
    readonly done?: { readonly title: string };
  };
}

/** What the script of a page sends. */
const post = async (link: string, action: string, body: object): Promise<Heard> => {
  const response = await fetch(`${link}/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin, 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Heard['body'] };
};

const optionsAt = async (link: string): Promise<CreationOptions & ProofOptions> => {
  const { body } = await post(link, 'begin', {});
  if (body.options === undefined) throw new Error(`the page refuses: ${body.problem}`);
  return body.options;
};

test('without a passkey Approve says how to make one, and approves nothing', async () => {
  const id = await desk.ask('--for 2h');
  const card = await desk.message('dana', id, 'with passkey', 'Approve');
  expect(await desk.pressAndHear('dana', card, 'approve')).toContain('/jit link passkey');
  expect(await desk.say('tess', `status ${id}`)).toContain('waiting');
  await desk.say('tess', `cancel ${id}`);
});

test('a passkey is made on a page, and a proof on another brings the access to life; neither link works twice', async () => {
  const toEnrol = await desk.sayForLink('dana', 'link passkey');
  expect(toEnrol.startsWith(`${origin}/page/`)).toBe(true);
  expect((await fetch(toEnrol)).status).toBe(200);
  const made = { answer: phone.create(await optionsAt(toEnrol)), name: 'My phone' };
  expect((await post(toEnrol, 'finish', made)).body.done?.title).toBe('Passkey created');
  expect(await desk.say('dana', 'link passkeys')).toContain('My phone');

  const id = await desk.ask('--for 2h');
  const card = await desk.message('dana', id, 'Approve');
  const toConfirm = await desk.pressForLink('dana', card, 'approve');
  expect(await desk.say('tess', `status ${id}`)).toContain('waiting');
  expect(await (await fetch(toConfirm)).text()).toContain('Tess Okafor wants Helpdesk Administrator');
  const proof = { answer: phone.prove(await optionsAt(toConfirm)) };
  expect((await post(toConfirm, 'finish', proof)).body.done?.title).toBe(`Approved: Tess Okafor gets in (${id})`);
  await desk.message('dana', id, 'Approved by Dana Whitlock (with passkey)');
  const credential = await desk.reveal(id);
  expect(rig.signIn(credential)).toMatchObject({ ok: true });

  for (const link of [toEnrol, toConfirm]) {
    expect((await fetch(link)).status).toBe(404);
    expect((await post(link, 'finish', proof)).status).toBe(404);
    // A link is as good as a key while it lasts.
    expect(bot.output()).not.toContain(link.split('/').at(-1));
  }
  await desk.press('tess', await desk.message('tess', id, 'live until', 'End now'), 'end');
  await desk.message('tess', id, 'Ended and confirmed');
}, 60_000);

test('with another passkey than hers, her link approves nothing', async () => {
  const id = await desk.ask('--for 2h');
  const link = await desk.pressForLink('dana', await desk.message('dana', id, 'Approve'), 'approve');
  const stranger = createAuthenticator(origin);
  const { challenge } = await optionsAt(link);
  stranger.create({ challenge, rp: { id: 'localhost' } });
  const refused = await post(link, 'finish', { answer: stranger.prove(await optionsAt(link)) });
  expect(refused).toMatchObject({ status: 409, body: { problem: expect.stringContaining('not one of yours') } });
  expect(await desk.say('tess', `status ${id}`)).toContain('waiting');
  await desk.say('tess', `cancel ${id}`);
});
