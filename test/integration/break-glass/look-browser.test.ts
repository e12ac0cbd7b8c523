import { existsSync } from 'node:fs';
import { armor, Encrypter } from 'age-encryption';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BreakGlassView } from '../../../src/engine/break-glass-view.js';
import type { ViewId } from '../../../src/engine/ids.js';
import { addMs, DAY, HOUR, MINUTE } from '../../../src/lib/clock.js';
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
  let look: ViewId;
  const complaints: string[] = [];
  const strangers: string[] = [];
  const answers: string[] = [];

  beforeAll(async () => {
    // Pages that were left are kept for the way back, as in the browsers of people.
    const launching = chromium.launch({
      executablePath: CHROMIUM,
      args: FLAGS,
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    });
    [rig, browser] = await Promise.all([openLookRig(), launching]);
  });

  afterAll(async () => {
    await browser?.close();
    await rig?.close();
  });

  beforeEach(async () => {
    const at = rig.desk.parts.clock.now();
    const before = addMs(at, -DAY);
    await rig.hold([
      { number: 2, sealed: await rig.sealed(PASSWORD), at, answer: { kind: 'set', at } },
      { number: 1, sealed: await rig.sealed(OLDER), at: before, answer: { kind: 'set', at: before } },
    ]);
    const permissions = ['clipboard-read', 'clipboard-write'];
    context = await browser.newContext({ viewport: PHONE, permissions, locale: 'en-GB' });
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load')) complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(`${rig.origin}/page/`)) strangers.push(request.url());
    });
    page.on('response', async (response) => {
      if (response.request().method() === 'POST') answers.push(await response.text().catch(() => ''));
    });
  });

  afterEach(() => context.close());

  const picture = async (name: string): Promise<void> => {
    const folder = process.env['PICTURES'];
    if (folder === undefined) return;
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const [width, size] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
        await page.setViewportSize(size);
        await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, fullPage: true });
      }
    }
    await page.emulateMedia({ colorScheme: null });
    await page.setViewportSize(PHONE);
  };

  const approved = async (): Promise<string> => {
    look = (await rig.ask()).id;
    await rig.desk.click('dana', 'approve', look);
    await rig.desk.bot.idle();
    return rig.link('tess');
  };

  const theLook = async (): Promise<BreakGlassView | undefined> => rig.view(look);

  const passphrase = (): Locator => page.getByLabel('Passphrase of your key');
  const status = (): Locator => page.getByRole('status');
  const button = (name: string | RegExp): Locator => page.getByRole('button', { name });
  const visible = (): Promise<string> => page.locator('main').innerText();
  const heading = (): Promise<string | null> => page.locator('h1').textContent();
  const focusedTag = (): Promise<unknown> => page.evaluate('document.activeElement.tagName');
  const clipboard = (): Promise<unknown> => page.evaluate('navigator.clipboard.readText()');

  /** Wherever a page can keep something that is seen or found later. */
  const kept = async (): Promise<string> => {
    const places = `[
      document.documentElement.outerHTML,
      ...[...document.querySelectorAll('input, textarea')].map(({ value }) => value),
      JSON.stringify([history.state, { ...localStorage }, { ...sessionStorage }, document.cookie, location.href]),
    ].join('\\n')`;
    return (await page.evaluate(places)) as string;
  };

  const expectForgotten = async (): Promise<void> => {
    const everything = await kept();
    for (const secret of [PASSWORD, OLDER, PASSPHRASE]) expect(everything).not.toContain(secret);
  };

  const unlock = async (): Promise<void> => {
    await passphrase().fill(PASSPHRASE);
    await page.keyboard.press('Enter');
    await page.getByRole('timer').waitFor();
  };

  const open = async (): Promise<void> => {
    await page.goto(await approved());
    await unlock();
    expect(await kept()).toContain(PASSWORD);
  };

  /** Goes behind other windows, and comes back. */
  const setHidden = (hidden: boolean): Promise<unknown> =>
    page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${hidden} });
      document.dispatchEvent(new Event('visibilitychange'));`);

  /** Holds back what the page sends to one action, until it is let go. */
  const holdBack = async (
    action: string,
  ): Promise<{ readonly sent: Promise<unknown>; readonly release: () => void }> => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const sent = page.waitForRequest(`**/${action}`);
    await page.route(`**/${action}`, async (route) => {
      await released;
      await route.continue();
    });
    return { sent, release };
  };

  describe('what is opened', () => {
    it('is the name and the password, and a button copies each of them', async () => {
      await page.goto(await approved());
      await picture('closed');
      expect(await visible()).not.toContain(UPN);
      await unlock();
      const account = page.getByRole('article', { name: 'emergency1' });
      expect(await account.innerText()).toContain(UPN);
      expect(await visible()).toContain(PASSWORD);
      expect(await visible()).not.toContain(OLDER);
      await picture('shown');
      await button('Copy user name').click();
      expect(await clipboard()).toBe(UPN);
      await button(/^Copy password/u).click();
      expect(await clipboard()).toBe(PASSWORD);
      expect(await status().textContent()).toMatch(/^Copied: password/u);
      await picture('copied');
      await page.getByText('Older passwords, if those above').click();
      await picture('unfolded');
      await button(/^Copy password/u)
        .last()
        .click();
      expect(await clipboard()).toBe(OLDER);
      expect(answers.join('\n')).not.toMatch(new RegExp(`${PASSWORD}|${OLDER}`, 'u'));
    });

    it('is forgotten when its time is over, whatever the clock of the browser says, and a reload brings nothing back', async () => {
      await page.clock.install({ time: new Date('2031-01-01T12:00:00Z') });
      await open();
      const timer = page.getByRole('timer');
      expect(await timer.textContent()).toMatch(/ in (60:00|59:\d\d)$/u);
      await page.clock.fastForward('59:30');
      expect(await timer.textContent()).toMatch(/ in 0:[123]\d$/u);
      expect(await kept()).toContain(PASSWORD);
      await page.clock.fastForward('00:30');
      expect(await heading()).toBe('The time is over');
      expect(await visible()).toMatch(/are being changed.*a new look has to be asked for/u);
      expect(await focusedTag()).toBe('H1');
      await picture('over');
      await expectForgotten();
      await page.reload();
      await picture('reloaded');
      expect(await heading()).toBe('Ask for a new link');
      expect(await visible()).toMatch(/it was used, or its time is over/u);
      await expectForgotten();
    });

    it('is not to be had by a reload while it is shown', async () => {
      await open();
      await page.reload();
      expect(await heading()).toBe('Ask for a new link');
      await expectForgotten();
    });
  });

  describe('whoever is done', () => {
    it('sees nothing from that moment on, even of an answer that was under way; and the password is changed', async () => {
      await rig.makeUser();
      await open();
      const [late, done] = [await holdBack('current'), await holdBack('done')];
      const current = await button('Show what is current').elementHandle();
      await current?.click();
      await late.sent;
      await button('I am done').click();
      await expectForgotten();
      expect(await status().textContent()).toContain('Hidden');
      await done.sent;
      expect((await theLook())?.state).toBe('open');
      late.release();
      // The button is free again once everything that the answer led to is over.
      await expect.poll(() => current?.evaluate((one) => one.hasAttribute('disabled'))).toBe(false);
      await expectForgotten();
      done.release();
      await page.locator('body.done').waitFor();
      expect(await heading()).toBe('Done: the passwords are being changed');
      await picture('done');
      await expectForgotten();
      expect((await theLook())?.state).toBe('over');
      await rig.desk.settle();
      const [newest] = (await rig.account())?.candidates ?? [];
      const { password } = JSON.parse(await rig.opened('tess', newest?.sealed ?? '')) as { readonly password: string };
      expect(rig.desk.canSignIn({ upn: UPN, password }).ok).toBe(true);
      expect(rig.desk.canSignIn({ upn: UPN, password: PASSWORD }).ok).toBe(false);
    });

    it('is told where Latchkey could not be, and can say it again', async () => {
      await open();
      await page.route('**/done', (route) => route.abort());
      await button('I am done').click();
      await page.locator('#status.problem').waitFor();
      expect(await status().textContent()).toMatch(/hidden, but Latchkey could not be told/u);
      await picture('untold');
      await expectForgotten();
      await page.unroute('**/done');
      await button('Say again that I am done').click();
      await page.locator('body.done').waitFor();
      expect((await theLook())?.state).toBe('over');
    });
  });

  describe('a page that is out of sight', () => {
    it('keeps what it shows for the time that a password takes to be used elsewhere, and then forgets it', async () => {
      await page.clock.install();
      await open();
      await setHidden(true);
      await page.clock.fastForward('04:50');
      await setHidden(false);
      expect(await visible()).toContain(PASSWORD);
      await setHidden(true);
      await page.clock.fastForward('05:01');
      await expectForgotten();
      await setHidden(false);
      await expectForgotten();
      expect(await status().textContent()).toBe('Hidden, as the page was out of sight for a while.');
      await picture('hidden');
      await unlock();
      expect(await visible()).toContain(PASSWORD);
    });

    it.each([
      ['for some minutes', 6 * MINUTE, 'out of sight'],
      ['until the time is over', 2 * HOUR, 'are being changed'],
    ])('on a device that slept %s shows nothing when it wakes', async (_, slept, words) => {
      await page.clock.install();
      await open();
      await setHidden(true);
      // Timers stand still while it sleeps.
      await page.clock.setSystemTime(Date.now() + slept);
      await setHidden(false);
      await expectForgotten();
      expect(await status().textContent()).toContain(words);
    });

    it('and was left does not bring it back on the way back', async () => {
      await open();
      const link = page.url();
      await page.goto(`${rig.origin}/page/assets/style.css`);
      await page.goBack();
      expect(page.url()).toBe(link);
      expect(await visible()).not.toContain(UPN);
      await expectForgotten();
    });

    it('is emptied before a browser can keep it, and whoever comes back to it opens it anew', async () => {
      await open();
      await page.evaluate(`window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))`);
      await expectForgotten();
      await page.evaluate(`window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`);
      await expectForgotten();
      expect(await status().textContent()).toBe('Hidden, as you left the page.');
      await unlock();
      expect(await visible()).toContain(PASSWORD);
    });
  });

  it('a wrong passphrase is named, loses nothing and takes no time from the look', async () => {
    await page.goto(await approved());
    for (const wrong of ['not the passphrase', `${PASSPHRASE}s`]) {
      await passphrase().fill(wrong);
      await button('Show the passwords').click();
      await page.locator('#status.problem').waitFor();
      expect(await status().textContent()).toBe('That is not the passphrase of your key. Nothing is lost: try again.');
      await expect.poll(() => focusedTag()).toBe('INPUT');
    }
    await picture('wrong');
    expect((await theLook())?.shownAt).toBeUndefined();
    expect((await theLook())?.state).toBe('approved');
    await unlock();
    expect(await page.getByRole('timer').textContent()).toMatch(/ in (60:00|59:5\d)$/u);
    expect(await visible()).toContain(PASSWORD);
  });

  it('of several keys the one that opens is enough', async () => {
    const takeAway = await rig.addForgottenKey('tess');
    await open();
    expect(await visible()).toContain(PASSWORD);
    await takeAway();
  });

  describe('of several passwords', () => {
    const codes = (): Promise<readonly string[]> => page.locator('article code').allTextContents();

    it('all that may open it are shown, newest first, and it says which are not confirmed and what to try', async () => {
      const now = rig.desk.parts.clock.now();
      const at = (minutes: number): Date => addMs(now, -minutes * MINUTE);
      await rig.hold([
        { number: 5, sealed: await rig.sealed('Sent-just-now'), at: at(1) },
        { number: 4, sealed: await rig.sealed('In-doubt'), at: at(2), answer: { kind: 'unclear', at: at(2) } },
        { number: 3, sealed: await rig.sealed('Refused'), at: at(3), answer: { kind: 'refused', at: at(3) } },
        { number: 2, sealed: await rig.sealed(PASSWORD), at: at(4), answer: { kind: 'set', at: at(4) } },
        { number: 1, sealed: await rig.sealed(OLDER), at: at(900), answer: { kind: 'set', at: at(900) } },
      ]);
      await page.goto(await approved());
      await unlock();
      await picture('several');
      expect(await codes()).toEqual([UPN, 'Sent-just-now', 'In-doubt', PASSWORD, OLDER]);
      const seen = await visible();
      for (const one of ['Sent-just-now', 'In-doubt', PASSWORD]) expect(seen).toContain(one);
      expect(seen).not.toContain(OLDER);
      expect(seen).toContain('Try them from the top: one of them opens the account.');
      expect(seen.match(/Password of .*, not confirmed/gu)).toHaveLength(2);
      expect(seen.match(/Password of /gu)).toHaveLength(3);
    });

    it('one that was sealed for another account or tenant is named as that and not shown, nor is what is no password', async () => {
      const now = rig.desk.parts.clock.now();
      const foreign = { directoryId: '99999999-0000-4000-8000-000000000099', tenant: 'Fabrikam' };
      const sealed = [
        await rig.sealed('Of-another-account', { upn: 'emergency2@contoso.onmicrosoft.com' }),
        await rig.sealed('Of-another-tenant', foreign),
        await rig.sealedText('{}'),
        await rig.sealedText('null'),
        await rig.sealedText('no JSON'),
        await rig.sealed(PASSWORD, { upn: UPN.toUpperCase() }),
      ];
      await rig.hold(
        sealed.map((one, index) => {
          const at = addMs(now, -index * MINUTE);
          return { number: 9 - index, sealed: one, at, answer: { kind: 'set', at } };
        }),
      );
      await page.goto(await approved());
      await unlock();
      await picture('foreign');
      expect(await codes()).toEqual([UPN, PASSWORD]);
      const seen = await visible();
      expect(seen).toContain('It was sealed for emergency2@contoso.onmicrosoft.com in Contoso');
      expect(seen).toContain(`It was sealed for ${UPN} in Fabrikam (${foreign.directoryId}), not for this account`);
      expect(seen).toContain('Tell an admin of Latchkey.');
      expect(seen.match(/What was sealed is no password/gu)).toHaveLength(3);
      expect(await status().textContent()).toContain('Not every password can be shown');
      expect(await kept()).not.toMatch(/Of-another-/u);
    });
  });

  describe('with a keyboard and without eyes', () => {
    interface Focused {
      readonly name: string;
      readonly outlined: boolean;
    }

    const focused = async (): Promise<Focused> =>
      (await page.evaluate(`(() => {
        const at = document.activeElement;
        const { outlineStyle, outlineWidth } = getComputedStyle(at);
        const name = at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent;
        return { name, outlined: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 };
      })()`)) as Focused;

    const tabTo = async (name: RegExp): Promise<void> => {
      await page.keyboard.press('Tab');
      const now = await focused();
      expect(now.name).toMatch(name);
      expect(now.outlined, `the focus on ${now.name} is seen`).toBe(true);
    };

    it('everything is reached in its order, each focus is seen, and nothing is wider than a phone', async () => {
      await page.goto(await approved());
      const fits = (): Promise<unknown> => page.evaluate('document.documentElement.scrollWidth <= innerWidth');
      expect(await fits()).toBe(true);
      await tabTo(/^Passphrase of your key$/u);
      await page.keyboard.type(PASSPHRASE);
      await tabTo(/^Show the passwords$/u);
      await picture('focus');
      await page.keyboard.press('Enter');
      await page.getByRole('timer').waitFor();
      expect((await focused()).name).toBe('Break-glass passwords of Contoso');
      await tabTo(/^Copy user name$/u);
      await page.keyboard.press('Enter');
      await page.getByText('Copied: user name.').waitFor();
      expect(await clipboard()).toBe(UPN);
      await tabTo(/^Copy password/u);
      await tabTo(/^Older passwords/u);
      await page.keyboard.press('Enter');
      await tabTo(/^Copy password/u);
      expect(await fits()).toBe(true);
      await tabTo(/^I am done$/u);
      await tabTo(/^Show what is current$/u);
      await page.keyboard.press('Enter');
      await expect.poll(() => focusedTag()).toBe('H1');
      for (let times = 0; times < 4; times += 1) await page.keyboard.press('Tab');
      expect((await focused()).name).toBe('I am done');
      await page.keyboard.press('Enter');
      await page.locator('body.done').waitFor();
      expect((await focused()).name).toBe('Done: the passwords are being changed');
    });

    it('the countdown is read out twice and not each second, and errors and copies are', async () => {
      await page.clock.install();
      await open();
      expect(await status().getAttribute('aria-live')).toBe('polite');
      const silent = await page.getByRole('timer').evaluate((timer) => timer.closest('[aria-live]') === null);
      expect(silent).toBe(true);
      await page.evaluate(`window.said = [];
        new MutationObserver(() => window.said.push(document.querySelector('#status').textContent))
          .observe(document.querySelector('#status'), { childList: true, characterData: true, subtree: true });`);
      await page.clock.runFor('54:30');
      expect(await page.evaluate('window.said')).toEqual([]);
      await page.clock.runFor('05:20');
      expect(await page.evaluate('window.said')).toEqual(['Five minutes are left.', 'One minute is left.']);
    });
  });

  it('what was tampered with is named and shows nothing', async () => {
    const encrypter = new Encrypter();
    encrypter.setPassphrase('somebody else');
    encrypter.setScryptWorkFactor(12);
    const foreign = armor.encode(await encrypter.encrypt('{}'));
    await rig.desk.database
      .collection('breakGlass')
      .updateOne({ 'account.name': 'emergency1' }, { $set: { 'account.candidates.0.sealed': foreign } });
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
    await page.getByText('Older passwords, if those above').click();
    await page.getByText(OLDER).waitFor();
    await picture('passkey');
    await page.getByRole('button', { name: 'Show what is current' }).click();
    await page.getByText('Older passwords, if those above').waitFor();
    expect(await visible()).toContain(UPN);
  });

  it('nothing on the page offends its own policy, breaks, or asks anybody else', () => {
    expect(complaints).toEqual([]);
    expect(strangers).toEqual([]);
  });
});
