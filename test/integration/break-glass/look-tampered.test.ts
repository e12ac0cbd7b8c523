import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { armor } from 'age-encryption';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BreakGlassAccount } from '../../../src/engine/break-glass.js';
import { breakGlassId } from '../../../src/engine/ids.js';
import { redacted } from '../../../src/lib/redacted.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { openCopies } from '../../../src/vault/copies.js';
import { exportedLines } from '../../../src/vault/offline.js';
import { openLookRig, OLDER, PASSPHRASE, PASSWORD, UPN } from './look-rig.js';
import type { LookRig } from './look-rig.js';

/**
 * Somebody who can write to the database swaps what is sealed, spoils it, or seals something of their own to the public
 * keys there. Whoever opens it is told of each, is shown no password in the place of another, and keeps all the others.
 */

const OTHER = 'Emg-4tRw-9pLk-2mXc-6hVb-8nQd-5jZs';
const OTHER_UPN = 'emergency2@contoso.onmicrosoft.com';
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const PROGRAM = fileURLToPath(new URL('../../../src/vault-main.ts', import.meta.url));

let rig: LookRig;
let folder: string;

beforeEach(async () => {
  [rig, folder] = await Promise.all([openLookRig(), mkdtemp(join(tmpdir(), 'latchkey-tampered-'))]);
  await insertOther(await first());
});

afterEach(async () => {
  await rig.close();
  await rm(folder, { recursive: true, force: true });
});

const first = async (): Promise<BreakGlassAccount> => (await rig.account())!;

const second = async (): Promise<BreakGlassAccount> => {
  const { tenant } = await first();
  return (await rig.desk.stores.breakGlass.load(breakGlassId(tenant, 'emergency2')))!;
};

const insertOther = async (account: BreakGlassAccount): Promise<void> => {
  const [newest] = account.candidates;
  const entry = { tenant: 'Contoso', directoryId: CONTOSO.id, upn: OTHER_UPN, password: OTHER };
  const sealed = await rig.desk.parts.sealer.seal({ ...entry, at: newest!.at.toISOString() }, newest!.recipients);
  await rig.desk.stores.breakGlass.insert({
    ...account,
    id: breakGlassId(account.tenant, 'emergency2'),
    name: 'emergency2',
    upn: OTHER_UPN,
    candidates: [{ ...newest!, number: 1, sealed }],
  });
};

const put = (name: string, index: number, sealed: string) =>
  rig.desk.database
    .collection('breakGlass')
    .updateOne({ 'account.name': name }, { $set: { [`account.candidates.${index}.sealed`]: sealed } });

const swapNewest = async (): Promise<void> => {
  const [one, other] = [(await first()).candidates[0]!.sealed, (await second()).candidates[0]!.sealed];
  await Promise.all([put('emergency1', 0, other), put('emergency2', 0, one)]);
};

/** Its last byte is another one. */
const spoilt = (sealed: string): string => {
  const bytes = armor.decode(sealed);
  bytes[bytes.length - 1] = bytes.at(-1)! ^ 1;
  return armor.encode(bytes);
};

const approved = async (): Promise<string> => {
  const view = await rig.ask();
  await rig.desk.click('dana', 'approve', view.id);
  await rig.desk.bot.idle();
  return rig.link('tess');
};

describe.skipIf(!existsSync(CHROMIUM))('the page of a look', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  });

  afterAll(() => browser?.close());

  /** What stands in the part of each account, folded or not. */
  const seen = async (): Promise<readonly string[]> => {
    const page = await browser.newPage();
    await page.goto(await approved());
    await page.getByLabel('Passphrase of your key').fill(PASSPHRASE);
    await page.keyboard.press('Enter');
    await page.locator('article').nth(1).waitFor();
    return page.locator('article').allTextContents();
  };

  it('names the account to which a swapped password belongs, shows it nowhere, and shows all the others', async () => {
    await swapNewest();
    const [one, other] = await seen();
    expect(one).toContain(OTHER_UPN);
    expect(one).toContain('Tell an admin of Latchkey');
    expect(one).toContain(OLDER);
    expect(other).toContain(UPN);
    expect(other).toContain('Tell an admin of Latchkey');
    for (const text of [one, other]) expect(text).not.toMatch(new RegExp(`${PASSWORD}|${OTHER}`, 'u'));
  });

  it('says what is damaged or no password at all, and shows all the others', async () => {
    const { candidates } = await first();
    await put('emergency1', 0, spoilt(candidates[0]!.sealed));
    await put('emergency2', 0, await rig.desk.parts.sealer.sealText(redacted('null'), candidates[0]!.recipients));
    const [one, other] = await seen();
    expect(one).toContain('damaged');
    expect(one).toContain(OLDER);
    expect(one).not.toContain(PASSWORD);
    expect(other).toMatch(/damaged|no password/u);
    expect(other).not.toContain(OTHER);
  });
});

describe('npm run vault -- open', () => {
  const opened = async (path: string): Promise<{ readonly code: number | null; out: string; err: string }> => {
    const keyFile = join(folder, 'key.txt');
    await writeFile(keyFile, rig.identity('tess'));
    const command = ['--import', TSX, PROGRAM, 'open', path, '--identity-file', keyFile, '--force'];
    return new Promise((resolve) => {
      const child = execFile(process.execPath, command, (_, out, err) => resolve({ code: child.exitCode, out, err }));
    });
  };

  it('names every password that was moved or spoilt, and puts none of them before what is in its place', async () => {
    const { sealed, ...older } = (await first()).candidates[1]!;
    await swapNewest();
    const file = join(folder, 'vault.jsonl');
    const [one, other] = [await first(), await second()];
    const more = { ...older, number: 3, sealed: spoilt(sealed) };
    const lines = [...exportedLines({ ...one, candidates: [more, ...one.candidates] }), ...exportedLines(other)];
    await writeFile(file, lines.join('\n'));
    const { code, out, err } = await opened(file);
    expect(code).toBe(1);
    // The surest of emergency1 in the export is the spoilt one, then come the swapped one and the older one.
    expect(err).toContain(`${file}:1 is damaged: it is not what was sealed.`);
    expect(err).toContain(`${file}:2 was kept as a password of ${UPN}, but says that it is of ${OTHER_UPN}`);
    expect(err).toContain(`${file}:4 was kept as a password of ${OTHER_UPN}, but says that it is of ${UPN}`);
    const under = new Map(out.split(/^(?=\S)/mu).map((part) => [part.split(' ', 1)[0], part]));
    expect(under.get(UPN)).toMatch(new RegExp(`password {2}${OLDER} .*\\n {2}doubtful {2}${PASSWORD} `, 'u'));
    expect(under.get(OTHER_UPN)).toMatch(new RegExp(`^ {2}doubtful {2}${OTHER} .*kept as one of ${UPN}`, 'mu'));
  }, 60_000);

  it('names what lies in the folder of another account among the copies', async () => {
    const root = join(folder, 'copies');
    const copies = await openCopies(root, rig.desk.parts.random);
    const [one, other] = [await first(), await second()];
    const [newest] = one.candidates;
    await copies.write({ id: one.id, upn: UPN, ...newest! });
    await copies.write({ id: other.id, upn: OTHER_UPN, ...newest!, number: 9 });
    const { code, out, err } = await opened(root);
    expect(code).toBe(1);
    expect(err).toMatch(
      /contoso@emergency2\/9-\w+\.age was kept as a password of emergency2, but says .* emergency1@/u,
    );
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(out).toMatch(new RegExp(`^${UPN}.*\\n {2}password {2}${PASSWORD}`, 'u'));
  }, 60_000);
});
