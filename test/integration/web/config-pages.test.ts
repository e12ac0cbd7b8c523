import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ServiceDesk, Who } from '../../fakes/service-desk.js';
import { answerText, openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';
import { silentLog } from '../../../src/lib/log.js';
import { configPages } from '../../../src/web/config-pages.js';
import { createPages } from '../../../src/web/pages.js';
import type { PageListener } from '../../../src/web/pages.js';
import { createWeb } from '../../../src/web/server.js';
import type { Web } from '../../../src/web/server.js';

/** The configuration moves through real pages over real HTTP, for those who may and while they may. */

let desk: ServiceDesk;
let web: Web;
let origin: string;

beforeAll(async () => {
  let listener: PageListener | undefined;
  web = createWeb({ pages: async (...visit) => listener?.(...visit), ready: async () => true, log: silentLog });
  origin = `http://localhost:${await web.listen(0, '127.0.0.1')}`;
  desk = await openServiceDesk({ settings: { owners: [PEOPLE.olga.key], approvalChannels: [], publicUrl: origin } });
  listener = createPages({
    pages: configPages(desk.parts),
    publicUrl: origin,
    clock: desk.parts.clock,
    log: silentLog,
  });
  await setUpContoso(desk);
});

afterAll(async () => {
  await web.close();
  await desk.close();
});

const linkFor = async (who: Who, command: string): Promise<string> => {
  const answer = await desk.say(who, command);
  const buttons = answer.kind === 'show' && answer.view.kind === 'card' ? answer.view.buttons : [];
  const link = buttons.flatMap((button) => ('href' in button ? [button.href] : []))[0];
  if (link === undefined) throw new Error(answerText(answer));
  return link;
};

const post = async (link: string, action: string, body: object) => {
  const response = await fetch(`${link}/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin, 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify(body),
  });
  const said = (await response.json()) as { text?: string; summary?: string; changes?: string[]; problem?: string };
  return { status: response.status, ...said };
};

/** Something that no page of ours would send: the status. */
const sendRaw = async (link: string, body: string): Promise<number> => {
  const headers = { 'content-type': 'application/json', origin, 'sec-fetch-site': 'same-origin' };
  return (await fetch(`${link}/preview`, { method: 'POST', headers, body })).status;
};

const exported = async (): Promise<string> => {
  const { text } = await post(await linkFor('olga', 'admin export'), 'take', {});
  return text ?? '';
};

describe('the page that hands the configuration out', () => {
  it('shows itself as often as asked, and gives the file once', async () => {
    const link = await linkFor('olga', 'admin export');
    expect((await fetch(link)).status).toBe(200);
    expect((await fetch(link)).status).toBe(200);
    expect((await post(link, 'take', {})).text).toContain('name: Leads approve helpdesk');
    expect((await post(link, 'take', {})).status).toBe(404);
    expect((await fetch(link)).status).toBe(404);
  });

  it('is for nobody without an office, nor for whom has lost it since', async () => {
    expect(await desk.hear('tess', 'admin export')).toContain('Only admins');
    await desk.say('olga', 'admin person set dana@msp.example --auditor');
    const link = await linkFor('dana', 'admin export');
    await desk.say('olga', 'admin person set dana@msp.example --no-auditor');
    expect((await post(link, 'take', {})).status).toBe(404);
  });
});

describe('the page that takes a configuration in', () => {
  let text: string;

  beforeEach(async () => {
    text = await exported();
  });

  it('says what would change without changing it, imports once, and twice is nothing', async () => {
    const edited = text.replace('longest: 4h', 'longest: 2h');
    const link = await linkFor('olga', 'admin import');
    const preview = await post(link, 'preview', { text: edited });
    expect(preview.changes).toEqual(['Change rule Leads approve helpdesk: longest']);
    expect(await exported()).toBe(text);
    expect((await post(link, 'apply', { text: edited })).changes).toEqual(preview.changes);
    expect(await exported()).toBe(edited);
    expect((await post(link, 'apply', { text })).status).toBe(404);
    const again = await post(await linkFor('olga', 'admin import'), 'apply', { text: edited });
    expect(again.changes).toEqual([]);
  });

  it('stays good for a corrected document after one that cannot be read', async () => {
    const link = await linkFor('olga', 'admin import');
    const refused = await post(link, 'apply', { text: `${text}\nrulez: []` });
    expect(refused).toMatchObject({ status: 409, problem: expect.stringContaining('nothing was changed') as string });
    expect((await post(link, 'apply', { text })).status).toBe(200);
  });

  it('does not even read what comes without a good link, however much it is', async () => {
    const link = `${origin}/page/config-import/${'A'.repeat(43)}`;
    const answers = await Promise.all(
      ['{', JSON.stringify({ text: '['.repeat(200_000) }), 'x'.repeat(12_000_000)].map((body) =>
        // A connection that is closed on whoever goes on sending is an answer, too.
        sendRaw(link, body).catch(() => 404),
      ),
    );
    expect(answers).toEqual([404, 404, 404]);
  });

  it('is for owners alone', async () => {
    await desk.say('olga', 'admin person set dana@msp.example --auditor');
    expect(await desk.hear('dana', 'admin import')).not.toContain('Open the page');
  });
});

describe('a configuration that is pasted below the command', () => {
  it('is shown first, and imported when said so', async () => {
    const text = await exported();
    const edited = text
      .replace('name: Service desk leads', 'name: Service leads')
      .replaceAll('group: Service desk leads', 'group: Service leads');
    expect(await desk.hear('olga', `admin import\n${edited}`)).toMatch(/Change group Service leads: name[\s\S]*--yes/u);
    expect(await exported()).toBe(text);
    expect(await desk.hear('olga', `admin import --yes\n\`\`\`yaml\n${edited}\n\`\`\``)).toContain('Imported');
    expect(await exported()).toBe(edited);
  });
});

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

describe.skipIf(!existsSync(CHROMIUM))('in a browser', () => {
  it('downloads a file, compares it and imports it', async () => {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
    try {
      const page = await browser.newPage({ viewport: { width: 375, height: 740 } });
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      await page.goto(await linkFor('olga', 'admin export'));
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download' }).click();
      const path = await (await download).path();
      await page.goto(await linkFor('olga', 'admin import'));
      await page.getByLabel('File').setInputFiles(path);
      await page.getByText('Nothing changes').waitFor();
      const box = page.getByLabel('or its text');
      await box.fill((await box.inputValue()).replace('default: 4h', 'default: 3h'));
      await page.getByRole('button', { name: 'Show what would change' }).click();
      await page.getByText('Change tenant Contoso: default').waitFor();
      if (process.env['PICTURES'] !== undefined) {
        await page.screenshot({ path: `${process.env['PICTURES']}/import.png`, fullPage: true });
      }
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await page.getByText('Imported.').waitFor();
      expect(await exported()).toContain('default: 3h');
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
