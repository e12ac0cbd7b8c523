import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, cardSaying, credentialIn, press, textOf } from '../../demo/conversation.js';
import { addRules, setUp } from '../../demo/once.js';
import { GROUP_CHAT } from '../../demo/playground.js';
import type { Playground, PlaygroundMessage } from '../../demo/playground.js';
import { freePort } from '../../demo/processes.js';
import { LEAD, MSP_TENANT, openWindows, TECHNICIAN } from '../../demo/world.js';
import { buttonOf } from '../fakes/teams/cards.js';
import { openRig } from './rig.js';
import type { Rig, RunningBot } from './rig.js';

// The whole journey in Teams, through two windows of Microsoft's own Agents Playground and the group chat they share.

let rig: Rig;
let bot: RunningBot;
let technician: Playground;
let lead: Playground;
beforeAll(async () => {
  rig = await openRig();
  bot = await rig.startBot({
    TEAMS_AUTH: 'none',
    TEAMS_TENANTS: MSP_TENANT,
    BOOTSTRAP_ADMINS: `teams:${LEAD.aadObjectId}`,
    APPROVALS_CHANNEL: `teams:${GROUP_CHAT}`,
  });
  const ports = { technician: await freePort(0), lead: await freePort(0) };
  [technician, lead] = await openWindows(`${bot.url}/api/messages`, ports);
  await setUp({ lead });
  await addRules({ lead });
  // Whoever adds the bot to a chat makes it known there; the Playground does so with the first word.
  await lead.say('jit help', GROUP_CHAT);
  await inGroup(lead, 'jit');
}, 120_000);
afterAll(async () => {
  await Promise.all([technician.stop(), lead.stop()]);
  await rig.close();
});

const ROLE = 'Exchange Administrator';

const inGroup = (window: Playground, ...words: readonly string[]): Promise<PlaygroundMessage> =>
  window.message(
    ({ card, conversation }) => conversation === GROUP_CHAT && words.every((word) => textOf(card).includes(word)),
    20_000,
  );

const idIn = (card: unknown): string => /R-[0-9A-Z]{4,}/u.exec(textOf(card))?.[0] ?? '';

/** Tess fills in the form; the message of the form, which is then the card of the request. */
const askByForm = async (reason: string): Promise<PlaygroundMessage> => {
  const before = new Set(technician.messages().map(({ id }) => id));
  await technician.say('jit request contoso --for 15s');
  const form = await technician.message(({ id, card }) => !before.has(id) && textOf(card).includes('[Request]'));
  const [role] = new RegExp(`"title":"${ROLE}[^"]*","value":"([^"]+)"|"value":"([^"]+)","title":"${ROLE}`, 'u')
    .exec(JSON.stringify(form.card))
    ?.slice(1)
    .filter((value) => value !== undefined) ?? [''];
  const typed = { roles: role ?? '', duration: '15s', reason, ticket: 'INC-4711' };
  const data = { ...buttonOf(form.card, 'form-submit').data, ...typed };
  const answer = await technician.click(form, { verb: 'form-submit', data });
  expect(answer.type).toBe('application/vnd.microsoft.card.adaptive');
  expect(textOf(answer.value)).toContain('waiting');
  return form;
};

test('the form becomes the card of the request; one approves in the group chat; every card tells', async () => {
  const form = await askByForm('Mailbox migration [now](http://evil.example)');
  const shared = await inGroup(lead, `${TECHNICIAN.name} wants ${ROLE}`, '[Approve]');
  const own = await cardSaying(lead, `${TECHNICIAN.name} wants ${ROLE}`, '[Approve]');
  const id = idIn(shared.card);
  expect(idIn(own.card)).toBe(id);

  const selfish = await lead.click(shared, { verb: 'approve', data: { id } }, TECHNICIAN);
  expect(String(selfish.value)).toContain('someone else has to approve');
  expect(textOf((await inGroup(lead, id)).card)).toContain('[Approve]');

  await press(lead, shared, 'approve');
  await inGroup(lead, id, `Approved by ${LEAD.name}`);
  await lead.message(
    ({ id: message, card }) => message === own.id && textOf(card).includes(`Approved by ${LEAD.name}`),
  );
  const late = await lead.click(own, { verb: 'approve', data: { id } }, TECHNICIAN);
  expect(JSON.stringify(late)).not.toContain('[Approve]');

  const offer = await cardSaying(technician, 'Your access to Contoso is live', id, '[Reveal credential]');
  const request = await technician.message(({ id: message }) => message === form.id);
  expect(textOf(request.card)).toContain('live until');
  expect(technician.messages().filter(({ card }) => textOf(card).includes(`${id} `))).toHaveLength(2);

  const credential = credentialIn((await press(technician, offer, 'reveal')).value);
  expect(rig.signIn(credential)).toMatchObject({ ok: true, roles: [ROLE] });
  const second = await technician.click(offer, { verb: 'reveal', data: { id } });
  expect(String(second.value)).toContain('shown only once');

  await cardSaying(technician, id, 'Ended and confirmed');
  await inGroup(lead, id, 'Ended and confirmed');
  expect(rig.signIn(credential)).toMatchObject({ ok: false });
  const shown = JSON.stringify([technician.messages(), lead.messages()]);
  expect(shown).not.toContain(credential.password);
}, 90_000);

test('a denial takes its reason along from the field inside the card, and a click that comes later is told', async () => {
  await askByForm('Another migration');
  const shared = await inGroup(lead, 'Another migration', '[Approve]');
  const id = idIn(shared.card);
  const empty = await lead.click(shared, { verb: 'deny', data: { id } });
  expect(JSON.stringify(empty)).toContain('Say why');
  await lead.click(shared, { verb: 'deny', data: { id, note: 'Not during the freeze' } });
  await inGroup(lead, id, `Denied by ${LEAD.name}`, 'Not during the freeze');
  await cardSaying(technician, id, `Denied by ${LEAD.name}`, 'Not during the freeze');
  const late = await lead.click(shared, { verb: 'approve', data: { id } });
  expect(String(late.value)).toContain(`${LEAD.name} denied ${id}`);
}, 60_000);

test('a form that cannot be sent as it is stays, with what was typed and what is wrong', async () => {
  await technician.say('jit request contoso');
  const form = await technician.message(({ card }) => textOf(card).includes('[Request]'));
  const typed = { roles: '', duration: '1h', reason: 'Kept', ticket: '' };
  const data = { ...buttonOf(form.card, 'form-submit').data, ...typed };
  const answer = await technician.click(form, { verb: 'form-submit', data });
  expect(answer.type).toBe('application/vnd.microsoft.card.adaptive');
  expect(JSON.stringify(answer.value)).toContain('Kept');
  expect(textOf(answer.value)).toMatch(/role/iu);
}, 60_000);

test('a form asked for where others read along is refused', async () => {
  await lead.say('jit request contoso', GROUP_CHAT);
  expect(textOf((await inGroup(lead, 'our own chat')).card)).not.toContain('[Request]');
}, 60_000);

test('typed answers arrive', async () => {
  expect(await ask(technician, 'jit list')).toContain('Mailbox migration');
});
