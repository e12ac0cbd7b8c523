import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { cardSaying, press } from './conversation.js';
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
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 }, deviceScaleFactor: 2 });
  const open = async (url: string): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(url);
    await page.locator('[role=textbox][contenteditable=true]').first().waitFor({ timeout: 30_000 });
    return page;
  };
  const lead = await open(world.lead.url);
  const technician = await open(world.technician.url);
  await world.technician.say(REQUEST);
  await pictureOf(lead, `${TECHNICIAN.name} wants`, 'approval-card');
  await press(world.lead, await cardSaying(world.lead, '[Approve]'), 'approve');
  await pictureOf(technician, 'role assigned', 'live-card');
} finally {
  await browser.close();
  await world.stop();
  await rm(state, { recursive: true, force: true });
}
