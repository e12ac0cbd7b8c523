import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Person } from '../../../src/engine/person.js';
import { openPageRig } from './page-rig.js';
import type { PageRig } from './page-rig.js';

/**
 * The pages in a real browser with an authenticator of its own: the script, the policy that binds it, and WebAuthn itself.
 * Chromium's path comes from CHROMIUM; where there is none, nothing of this can be known and the tests say so.
 */

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync', '--no-first-run'];
const PHONE = { width: 375, height: 740 };

describe.skipIf(!existsSync(CHROMIUM))('in a browser', () => {
  let rig: PageRig;
  let browser: Browser;
  let page: Page;
  let devices: CDPSession;
  let dana: Person;
  const complaints: string[] = [];

  beforeAll(async () => {
    [rig, browser] = await Promise.all([openPageRig(), chromium.launch({ executablePath: CHROMIUM, args: FLAGS })]);
    dana = await rig.person('U0DANA', 'Dana Whitlock');
    const context = await browser.newContext({ viewport: PHONE });
    page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      const isRefusal = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isRefusal) complaints.push(message.text());
    });
    devices = await context.newCDPSession(page);
    await devices.send('WebAuthn.enable');
    await plugIn();
  });

  afterAll(async () => {
    await browser?.close();
    await rig?.close();
  });

  const plugIn = async (): Promise<string> => {
    const { authenticatorId } = await devices.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return authenticatorId;
  };

  const picture = async (name: string): Promise<void> => {
    const folder = process.env['PICTURES'];
    if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  };

  const headingAfter = async (button: string): Promise<string> => {
    await page.getByRole('button', { name: button }).click();
    await page.locator('body.done').waitFor();
    return (await page.getByRole('heading').textContent()) ?? '';
  };

  it('a passkey is made, with nothing but the keyboard, and approves', async () => {
    await page.goto(await rig.enrolLink(dana));
    await picture('enrol');
    await page.getByLabel('Name, to tell it from others').fill('Pixel 9');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('body.done').waitFor();
    await picture('enrolled');
    expect(await page.getByRole('heading').textContent()).toBe('Passkey created');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
    expect(await rig.stores.passkeys.ofPerson([dana.id])).toMatchObject([
      { name: 'Pixel 9', transports: ['internal'] },
    ]);

    await page.goto(await rig.confirmLink(dana));
    await picture('confirm');
    expect(await headingAfter('Approve with passkey')).toBe('Approved: Dana Fox gets in (R-7K2M)');
    await picture('confirmed');
    expect(rig.approvals).toHaveLength(1);
    await page.reload();
    await picture('gone');
    expect(await page.getByRole('heading').textContent()).toBe('Ask for a new link');
  });

  it('a second passkey is made on another device after the first one has agreed', async () => {
    await page.goto(await rig.enrolLink(dana));
    await page.getByLabel('Name, to tell it from others').fill('Key ring');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Create passkey' }).waitFor();
    // The first device holds one already, so that this one has to be made elsewhere.
    await devices.send('WebAuthn.disable');
    await devices.send('WebAuthn.enable');
    await plugIn();
    expect(await headingAfter('Create passkey')).toBe('Passkey created');
    const made = await rig.stores.passkeys.ofPerson([dana.id]);
    expect(made.map(({ name }) => name).toSorted()).toEqual(['Key ring', 'Pixel 9']);
  });

  it('somebody who shows no finger is told what to do, and can try again on the same page', async () => {
    await page.goto(await rig.confirmLink(dana));
    await devices.send('WebAuthn.disable');
    await devices.send('WebAuthn.enable');
    const authenticatorId = await plugIn();
    await page.getByRole('button', { name: 'Approve with passkey' }).click();
    await page.locator('#status.problem').waitFor();
    await picture('problem');
    expect(await page.getByRole('status').textContent()).toMatch(/cancelled or took too long/u);
    expect(await page.getByRole('button', { name: 'Approve with passkey' }).isEnabled()).toBe(true);
    expect(rig.approvals).toHaveLength(1);
    await devices.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
  });

  it('nothing on the pages offends their own policy or breaks', () => {
    expect(complaints).toEqual([]);
  });
});
