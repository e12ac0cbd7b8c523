import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { ask, cardSaying, linkIn, press } from './conversation.js';
import { addRules, setUp } from './once.js';
import { ANY, startWorld, TECHNICIAN } from './world.js';

/**
 * Takes the README's pictures from a running demo in headless Chromium: `tsx demo/picture.ts [folder]`. Chromium's path
 * comes from CHROMIUM.
 */

const [folder = 'docs'] = process.argv.slice(2);
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync', '--no-first-run'];
const REQUEST =
  'jit request contoso --role "Exchange Administrator" --for 2h --reason "Mailbox migration for the Leeds office" --ticket INC-4711';

const PHONE = { width: 390, height: 720 };

/** What makes a picture of `/jit can` worth looking at. */
const MORE_RULES = [
  'jit admin rule add "Helpdesk on its own" --subject "Service desk" --tenant contoso --role "Helpdesk Administrator" --max 1h --ticket --auto',
  'jit admin rule add "Nights" --subject "Service desk" --tenant contoso --role "Teams*" --max 2h --when "daily 18:00-08:00 Europe/Berlin" --approvers "Service desk leads"',
];

/** What an owner might paste: something new, and a change to what there is. */
const CONFIGURATION = `version: 1
groups:
  - name: On call
    members:
      - teams:${TECHNICIAN.aadObjectId}
  - name: Service desk
    members: []
settings:
  remindEvery: 30m
`;

/** The newest card of a window that shows these words, once the window shows it. */
const pictureOf = async (page: Page, words: string, name: string): Promise<void> => {
  const card = page.locator('.ac-adaptiveCard', { hasText: words }).last();
  await card.waitFor({ timeout: 20_000 });
  await card.screenshot({ path: join(folder, `${name}.png`) });
};

const state = await mkdtemp(join(tmpdir(), 'latchkey-picture-'));
const world = await startWorld(state, ANY);
const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
try {
  await setUp(world);
  await addRules(world);
  for (const rule of MORE_RULES) await ask(world.lead, rule);
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 }, deviceScaleFactor: 2 });
  const open = async (url: string): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(url);
    await page.locator('[role=textbox][contenteditable=true]').first().waitFor({ timeout: 30_000 });
    return page;
  };
  const lead = await open(world.lead.url);
  const technician = await open(world.technician.url);
  await world.technician.say('jit can contoso');
  await pictureOf(technician, 'In Contoso you may ask for', 'can-card');
  await world.technician.say(REQUEST);
  await pictureOf(lead, `${TECHNICIAN.name} wants`, 'approval-card');
  await press(world.lead, await cardSaying(world.lead, '[Approve]'), 'approve');
  await pictureOf(technician, 'role assigned', 'live-card');

  await world.lead.say('jit admin import');
  const offer = await cardSaying(world.lead, 'Import a configuration');
  const phone = await (await browser.newContext({ viewport: PHONE, deviceScaleFactor: 2 })).newPage();
  await phone.goto(linkIn(offer.card));
  await phone.locator('#text').fill(CONFIGURATION);
  await phone.getByRole('button', { name: 'Show what would change' }).click();
  await phone.getByRole('button', { name: 'Import', exact: true }).waitFor({ timeout: 20_000 });
  await phone.screenshot({ path: join(folder, 'import-page.png'), fullPage: true });
} finally {
  await browser.close();
  await world.stop();
  await rm(state, { recursive: true, force: true });
}
