import { existsSync } from 'node:fs';
import { armor, Encrypter } from 'age-encryption';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OLDER, openLookRig, PASSPHRASE, PASSWORD, UPN } from './look-rig.js';
import type { LookRig } from './look-rig.js';

/** The page of a look in a real browser: what it opens, what it says where it cannot, and that it forgets. */

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync', '--no-first-run'];
const PHONE = { width: 375, height: 740 };
const DESKTOP = { width: 1280, height: 900 };

describe.skipIf(!existsSync(CHROMIUM))('in a browser', () => {
  let rig: LookRig;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];
  const answers: string[] = [];

  beforeAll(async () => {
    [rig, browser] = await Promise.all([openLookRig(), chromium.launch({ executablePath: CHROMIUM, args: FLAGS })]);
    context = await browser.newContext({ viewport: PHONE, permissions: ['clipboard-read', 'clipboard-write'] });
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load')) complaints.push(message.text());
    });
    page.on('response', async (response) => {
      if (response.request().method() === 'POST') answers.push(await response.text().catch(() => ''));
    });
  });

  afterAll(async () => {
    await browser?.close();
    await rig?.close();
  });

  const picture = async (name: string): Promise<void> => {
    const folder = process.env['PICTURES'];
    if (folder === undefined) return;
    for (const [width, size] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
      await page.setViewportSize(size);
      await page.screenshot({ path: `${folder}/${name}-${width}.png`, fullPage: true });
    }
    await page.setViewportSize(PHONE);
  };

  const approved = async (): Promise<string> => {
    const view = await rig.ask();
    await rig.desk.click('dana', 'approve', view.id);
    await rig.desk.bot.idle();
    return rig.link('tess');
  };

  const visible = (): Promise<string> => page.locator('main').innerText();

  it('a passphrase opens it, a wrong one loses nothing, and being done forgets it', async () => {
    await page.goto(await approved());
    await picture('closed');
    await page.getByLabel('Passphrase of your key').fill('not the passphrase');
    await page.keyboard.press('Enter');
    await page.locator('#status.problem').waitFor();
    expect(await page.getByRole('status').textContent()).toContain('That is not the passphrase of your key');
    await picture('wrong');
    expect((await rig.newest()).state).toBe('approved');
    await page.getByLabel('Passphrase of your key').fill(PASSPHRASE);
    await page.keyboard.press('Enter');
    await page.getByText(PASSWORD).waitFor();
    expect(await visible()).toContain(UPN);
    expect(await visible()).not.toContain(OLDER);
    await picture('shown');
    await page.getByText('If it does not open').click();
    expect(await visible()).toContain(OLDER);
    await picture('unfolded');
    await page
      .getByRole('button', { name: /^Copy password/u })
      .first()
      .click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(PASSWORD);
    await page.getByRole('button', { name: 'I am done' }).click();
    await page.locator('body.done').waitFor();
    await picture('done');
    expect(await page.content()).not.toContain(PASSWORD);
    expect(answers.join('\n')).not.toContain(PASSWORD);
    await page.goBack().catch(() => undefined);
    expect(await page.content()).not.toContain(PASSWORD);
  });

  it('what was tampered with is named and shows nothing', async () => {
    const account = await rig.account();
    const encrypter = new Encrypter();
    encrypter.setPassphrase('somebody else');
    encrypter.setScryptWorkFactor(12);
    const foreign = armor.encode(await encrypter.encrypt('{}'));
    await rig.desk.database
      .collection('breakGlass')
      .updateOne({ 'account.name': 'emergency1' }, { $set: { 'account.candidates.0.sealed': foreign } });
    expect(account).toBeDefined();
    await page.goto(await approved());
    await page.getByLabel('Passphrase of your key').fill(PASSPHRASE);
    await page.keyboard.press('Enter');
    await page.getByText('It is sealed to other keys than yours').waitFor();
    await picture('tampered');
    expect(await visible()).not.toContain(PASSWORD);
  });

  it('a passkey opens it, too, and nothing has to be typed', async () => {
    const devices = await context.newCDPSession(page);
    await devices.send('WebAuthn.enable');
    await devices.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        ctap2Version: 'ctap2_1',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        hasPrf: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.goto(await approved());
    const made = await page.evaluate(
      `import('/page/assets/vault-key.js').then(async ({ makePasskey, sealByPasskey }) => {
        const passkey = await makePasskey('Latchkey');
        return { passkey, sealedIdentity: await sealByPasskey(${JSON.stringify(rig.identity('tess'))}, passkey) };
      })`,
    );
    await rig.resealKey('tess', made as { readonly passkey: string; readonly sealedIdentity: string });
    await page.reload();
    await page.getByRole('button', { name: 'Show the passwords' }).click();
    await page.getByText('If it does not open').click();
    await page.getByText(OLDER).waitFor();
    await picture('passkey');
    await page.getByRole('button', { name: 'Show what is current' }).click();
    await page.getByText('If it does not open').waitFor();
    expect(await visible()).toContain(UPN);
  });

  it('nothing on the page offends its own policy or breaks', () => {
    expect(complaints).toEqual([]);
  });
});
