import { existsSync } from 'node:fs';
import { armor, Decrypter, Encrypter } from 'age-encryption';
import { chromium } from 'playwright-core';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openVaultRig } from './vault-rig.js';
import type { VaultRig } from './vault-rig.js';

/**
 * Keys to a vault, made in a real browser: by a passkey that can seal (the virtual authenticator has PRF), by a passphrase
 * where it cannot, and on paper. What the browser keeps to itself is nowhere to be found afterwards.
 */

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync', '--no-first-run'];
const PHONE = { width: 375, height: 740 };
const PASSPHRASE = 'orbit velvet canyon plume';

/** Each guess at a passphrase is meant to cost a second, on an idle machine. */
const SLOW_MS = 120_000;

const sealTo = async (recipient: string, text: string): Promise<string> => {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return armor.encode(await encrypter.encrypt(text));
};

describe.skipIf(!existsSync(CHROMIUM))('in a browser', () => {
  let rig: VaultRig;
  let browser: Browser;
  let page: Page;
  let devices: CDPSession;
  const complaints: string[] = [];

  beforeAll(async () => {
    [rig, browser] = await Promise.all([openVaultRig(), chromium.launch({ executablePath: CHROMIUM, args: FLAGS })]);
    await rig.desk.say('dana', 'admin vault set contoso --sealed-to recipients --member me --member luis@msp.example');
  });

  afterAll(async () => {
    await browser?.close();
    await rig?.close();
  });

  const openPage = async (hasPrf: boolean): Promise<void> => {
    const context = await browser.newContext({ viewport: PHONE });
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load')) complaints.push(message.text());
    });
    devices = await context.newCDPSession(page);
    await devices.send('WebAuthn.enable');
    await devices.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        ctap2Version: 'ctap2_1',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        hasPrf,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
  };

  beforeEach(() => openPage(true));

  const picture = async (name: string): Promise<void> => {
    const folder = process.env['PICTURES'];
    if (folder === undefined) return;
    for (const [kind, width] of [
      ['phone', 375],
      ['desktop', 1200],
    ] as const) {
      await page.setViewportSize({ width, height: 740 });
      await page.screenshot({ path: `${folder}/${name}-${kind}.png`, fullPage: true });
    }
    await page.setViewportSize(PHONE);
  };

  const heading = async (): Promise<string | null> => {
    await page.locator('body.done').waitFor();
    return page.getByRole('heading').textContent();
  };

  const press = (name: RegExp) => page.getByRole('button', { name }).click();

  it('a passkey seals the key, opens it again for proof, and opens later what is sealed to it', async () => {
    await page.goto(await rig.linkFor('dana', 'vault enrol'));
    await picture('vault-passkey');
    // With nothing but the keyboard.
    await page.getByRole('radio', { name: /A passkey/u }).focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /2 of 3/u }).waitFor();
    await picture('vault-passkey-2');
    await press(/2 of 3/u);
    await press(/3 of 3/u);
    expect(await heading()).toBe('Your key is in use');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
    await picture('vault-done');
    const [key] = await rig.keys();
    expect(key).toMatchObject({ state: 'current', sealedBy: 'passkey' });
    if (key === undefined) throw new Error('no key');

    // As a later page would: the same device opens the identity, and that what was sealed to its public half.
    const sealed = await sealTo(key.recipient, 'a break-glass password');
    const open = `(async () => {
      const { openByPasskey, openWith } = await import('/page/assets/vault-key.js');
      const identity = await openByPasskey(${JSON.stringify(key.sealedIdentity)}, ${JSON.stringify(key.passkey)});
      return [identity, await openWith(identity, ${JSON.stringify(sealed)})];
    })()`;
    const [identity, opened] = (await page.evaluate(open)) as [string, string];
    expect(opened).toBe('a break-glass password');
    expect(identity).toMatch(/^AGE-SECRET-KEY-1/u);
    expect(await rig.everything()).not.toMatch(/AGE-SECRET-KEY-1/iu);
  });

  it(
    'where a passkey cannot seal, the page says so, and a passphrase does',
    async () => {
      await openPage(false);
      await page.goto(await rig.linkFor('luis', 'vault enrol'));
      await press(/1 of 3/u);
      await page.locator('#status.problem').waitFor();
      expect(await page.getByRole('status').textContent()).toMatch(/cannot seal with a passkey/u);
      await picture('vault-no-prf');

      await page.getByLabel('Passphrase, 12 characters at least').fill('short');
      expect(await page.locator('#strength').textContent()).toBe('Too short: 7 more characters at least.');
      await press(/Make the key/u);
      expect(await page.getByRole('status').textContent()).toMatch(/Too short/u);
      await page.getByLabel('Passphrase, 12 characters at least').fill(PASSPHRASE);
      await page.getByLabel('The same once more').fill(`${PASSPHRASE}s`);
      await press(/Make the key/u);
      expect(await page.getByRole('status').textContent()).toMatch(/not the same/u);
      await picture('vault-passphrase');
      await page.getByLabel('The same once more').fill(PASSPHRASE);
      await press(/Make the key/u);
      expect(await heading()).toBe('Your key is in use');

      const key = (await rig.keys()).find(({ sealedBy }) => sealedBy === 'passphrase');
      const wrong = new Decrypter();
      wrong.addPassphrase(`${PASSPHRASE}s`);
      await expect(wrong.decrypt(armor.decode(key?.sealedIdentity ?? ''), 'text')).rejects.toThrow(
        /no identity matched/u,
      );
      const everything = await rig.everything();
      for (const secret of ['AGE-SECRET-KEY-1', PASSPHRASE]) expect(everything).not.toContain(secret);
    },
    SLOW_MS,
  );

  it('a recovery key is shown once, is used only when its end was read from the paper, and never comes here', async () => {
    await page.goto(await rig.linkFor('dana', 'admin vault recovery contoso'));
    await picture('vault-recovery');
    await press(/Make it and show it/u);
    const identity = ((await page.locator('#secret').textContent()) ?? '').trim();
    expect(identity).toMatch(/^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/u);
    await picture('vault-recovery-shown');
    await page.emulateMedia({ media: 'print' });
    await picture('vault-recovery-print');
    await page.emulateMedia({ media: 'screen' });
    await page.getByLabel('Its last four characters, from the paper').fill('WRNG');
    await press(/Use it from now on/u);
    expect(await page.getByRole('status').textContent()).toMatch(/not its last four/u);
    await page.getByLabel('Its last four characters, from the paper').fill(identity.slice(-4).toLowerCase());
    await press(/Use it from now on/u);
    expect(await heading()).toBe('The recovery key is in use');
    await picture('vault-recovery-done');
    expect(await page.content()).not.toContain(identity.slice(20, 26));
    const vault = (await rig.desk.stores.vaults.all())[0];
    expect(await rig.open(identity, await sealTo(vault?.recovery?.recipient ?? '', 'open'))).toBe('open');
    expect(await rig.everything()).not.toContain(identity);
  });

  it('says without scripts what it needs them for', async () => {
    const context = await browser.newContext({ viewport: PHONE, javaScriptEnabled: false });
    page = await context.newPage();
    await page.goto(await rig.linkFor('dana', 'vault enrol'));
    expect(await page.locator('noscript').textContent()).toMatch(/needs JavaScript/u);
    await picture('vault-noscript');
  });

  it('nothing on the pages offends their own policy or breaks', () => {
    expect(complaints).toEqual([]);
  });
});
