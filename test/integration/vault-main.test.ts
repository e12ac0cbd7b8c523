import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BreakGlassAccount } from '../../src/engine/break-glass.js';
import { breakGlassId, personId, tenantId, vaultOf } from '../../src/engine/ids.js';
import type { VaultKey } from '../../src/engine/vault.js';
import { addMs, DAY, HOUR, systemClock } from '../../src/lib/clock.js';
import { ensureIndexes } from '../../src/store/indexes.js';
import { createStores } from '../../src/store/stores.js';
import type { Stores } from '../../src/store/stores.js';
import { createRecipientSealer } from '../../src/vault/recipients.js';
import { createTestDatabase, type TestDatabase } from '../fakes/database.js';
import { aBreakGlassAccount, anIdentity, aTenant } from '../fakes/fixtures.js';

// The commands as somebody types them, in a process of their own, where no bot may be left that could help.

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const PROGRAM = fileURLToPath(new URL('../../src/vault-main.ts', import.meta.url));

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Said> =>
  new Promise((resolve) => {
    const command = ['--import', TSX, PROGRAM, ...args];
    const whole = { env: { PATH: process.env['PATH'] ?? '', ...env } };
    const child = execFile(process.execPath, command, whole, (_, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    );
  });

/** Each command is a process of its own, and the machine may be busy. */
const PATIENT = 120_000;

const sealer = createRecipientSealer();
const now = systemClock.now();
const OWNERS = vaultOf(undefined);
const NEWEST = 'Newest-7Q2m-in-doubt';
const SET = 'Older-9Kp4-that-is-set';

let folder: string;
let keyFile: string;
let database: TestDatabase;
let stores: Stores;
let recovery: string;
let dana: VaultKey;
let luis: VaultKey;
let kept: BreakGlassAccount;
let halted: BreakGlassAccount;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-vault-'));
  const pair = await sealer.generate();
  recovery = pair.recipient;
  keyFile = join(folder, 'recovery.txt');
  await writeFile(keyFile, `# made on paper\n${pair.identity.reveal()}\n`);
  database = await createTestDatabase();
  await ensureIndexes(database.db);
  stores = createStores(database.db);
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const candidate = async (upn: string, number: number, password: string, at: Date) => ({
  number,
  at,
  recipients: [dana.recipient, recovery].toSorted(),
  sealed: await sealer.seal(
    { tenant: 'Contoso', directoryId: aTenant().directoryId, upn, password, at: at.toISOString() },
    [dana.recipient, recovery],
  ),
});

const aKey = async (person: string): Promise<VaultKey> => ({
  id: `K-${person}`,
  vault: OWNERS,
  person: personId(person),
  recipient: (await sealer.generate()).recipient,
  sealedIdentity: 'sealed identity',
  sealedBy: 'passphrase',
  state: 'current',
  enrolledAt: now,
});

const accounts = async (): Promise<readonly [BreakGlassAccount, BreakGlassAccount]> => {
  const upn = 'emergency1@contoso.onmicrosoft.com';
  const set = await candidate(upn, 3, SET, addMs(now, -3 * HOUR));
  const other = 'emergency2@contoso.onmicrosoft.com';
  const { rotateAt: _stopped, ...second } = aBreakGlassAccount({
    id: breakGlassId(tenantId('contoso'), 'emergency2'),
    name: 'emergency2',
    upn: other,
    isAdministrator: true,
    rotatedAt: now,
    candidates: [{ ...(await candidate(other, 1, 'Of-the-second', now)), answer: { kind: 'set', at: now } }],
  });
  const first = aBreakGlassAccount({
    upn,
    isAdministrator: true,
    rotateAt: addMs(now, DAY),
    rotatedAt: addMs(now, -3 * HOUR),
    candidates: [await candidate(upn, 4, NEWEST, now), { ...set, answer: { kind: 'set', at: set.at } }],
  });
  return [first, second];
};

beforeEach(async () => {
  const collections = await database.db.collections();
  await Promise.all(collections.map((collection) => collection.deleteMany({})));
  [dana, luis] = await Promise.all([aKey('P-DANA'), aKey('P-LUIS')]);
  await stores.config.tenants.add(aTenant());
  await stores.people.appear(anIdentity('slack', 'U0DANA', { name: 'Dana Whitlock' }), personId('P-DANA'));
  const members = [dana.person, luis.person];
  const made = { recipient: recovery, at: now, by: dana.person };
  await stores.vaults.save({ id: OWNERS, mode: 'recipients', members, recovery: made, rotateEveryMs: DAY }, undefined);
  [kept, halted] = await accounts();
  await Promise.all([
    ...[dana, luis].map((key) => stores.vaults.addKey(key)),
    ...[kept, halted].map((account) => stores.breakGlass.insert(account)),
  ]);
});

const onServer = (): Readonly<Record<string, string>> => ({ MONGODB_URI: database.uri });

describe('npm run vault -- export and open', { timeout: PATIENT }, () => {
  it('write what is sealed, none of it open, and open it again where there is no database', async () => {
    const file = join(folder, 'vault.jsonl');
    expect(await run(['export', '--out', file], onServer())).toEqual({ code: 0, out: '', err: '' });
    const exported = await readFile(file, 'utf8');
    expect((await stat(file)).mode & 0o077).toBe(0);
    expect(exported.trimEnd().split('\n')).toHaveLength(3);
    for (const secret of [NEWEST, SET, 'Of-the-second']) expect(exported).not.toContain(secret);

    const open = ['open', file, '--identity-file', keyFile];
    const [all, one] = await Promise.all([
      run([...open, '--force']),
      run([...open, '--force', '--only', 'Emergency2']),
    ]);
    expect(all).toMatchObject({ code: 0, err: '' });
    // What the directory confirmed comes first, and what may have been set since is not held back.
    expect(all.out).toMatch(
      new RegExp(`^emergency1@.*\\n  password  ${SET} .*confirmed.*\\n  else try  ${NEWEST} .*never confirmed`, 'u'),
    );
    expect(all.out).toContain('Of-the-second');
    expect(one.out).toContain('Of-the-second');
    expect(one.out).not.toContain(NEWEST);
  });

  it('write no password to where it would stay, and need the right key', async () => {
    const file = join(folder, 'one.age');
    await writeFile(file, kept.candidates[0]?.sealed ?? '');
    const stranger = join(folder, 'stranger.txt');
    await writeFile(stranger, (await sealer.generate()).identity.reveal());
    const [piped, foreign, noKey, untyped] = await Promise.all([
      run(['open', file, '--identity-file', keyFile]),
      run(['open', file, '--identity-file', stranger, '--force']),
      run(['open', file, '--identity-file', file, '--force']),
      run(['open', file, '--force']),
    ]);
    expect(piped).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--force') });
    expect(foreign).toMatchObject({ code: 1, out: '', err: expect.stringContaining('sealed to other keys') });
    expect(noKey).toMatchObject({ code: 2, out: '', err: expect.stringContaining('not an age identity') });
    expect(untyped).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--identity-file') });
    for (const { err } of [piped, foreign, noKey, untyped]) expect(err).not.toMatch(/\n\s+at /u);
  });
});

describe('npm run vault -- rekey', { timeout: PATIENT }, () => {
  it('says what it would do before it does it, and then takes the key away and has everything changed', async () => {
    const told = await run(['rekey', luis.id], onServer());
    expect(told).toMatchObject({ code: 2, err: '' });
    expect(told.out).toContain('2 other public keys are left');
    expect(told.out).toMatch(/changed at once.*\n {2}emergency1@.*\nThese are stopped.*\n {2}emergency2@/u);
    expect(await stores.vaults.keys(OWNERS)).toHaveLength(2);
    expect(await stores.breakGlass.load(kept.id)).toEqual(kept);

    const before = systemClock.now();
    expect(await run(['rekey', luis.id, '--yes'], onServer())).toMatchObject({ code: 0, err: '' });
    expect(await stores.vaults.keys(OWNERS)).toEqual([dana]);
    const changed = await stores.breakGlass.load(kept.id);
    expect(changed).toMatchObject({ rotateFor: 'recipients' });
    expect(changed?.rotateAt?.getTime()).toBeGreaterThanOrEqual(before.getTime());
    expect(changed?.rotateAt?.getTime()).toBeLessThanOrEqual(systemClock.now().getTime());
    expect(await stores.breakGlass.load(halted.id)).toEqual(halted);
    const [line] = await stores.audit.read({}, 10);
    expect(line?.event).toMatchObject({ what: 'vault.key-removed', by: 'operator', about: [luis.person] });
    expect(line?.event.facts).toMatchObject({ key: luis.id });
  });

  it('leaves the last key that opens anything, and knows no other', async () => {
    const vault = await stores.vaults.of(OWNERS);
    if (vault === undefined) throw new TypeError('expected the vault');
    const { recovery: _paper, ...without } = vault;
    await stores.vaults.save(without, vault);
    await stores.vaults.removeKey(luis.id);
    const [last, unknown] = await Promise.all([
      run(['rekey', dana.id, '--yes'], onServer()),
      run(['rekey', 'K-NOBODY', '--yes'], onServer()),
    ]);
    expect(last).toMatchObject({ code: 2, out: '', err: expect.stringContaining('/jit vault enrol') });
    expect(unknown).toMatchObject({ code: 2, out: '', err: expect.stringContaining('There is no key K-NOBODY') });
    expect(await stores.vaults.keys(OWNERS)).toEqual([dana]);
    expect(await stores.breakGlass.load(kept.id)).toEqual(kept);
  });
});

describe('npm run vault -- status', { timeout: PATIENT }, () => {
  it('shows how each vault is sealed, its keys, its accounts, and fails where something is wrong', async () => {
    const fine = await run(['status'], onServer());
    expect(fine).toMatchObject({ code: 0, err: '' });
    expect(fine.out).toContain('the owners (@owners): sealed to its recipients, and the server cannot open it');
    expect(fine.out).toMatch(/key K-P-DANA: Dana Whitlock, passphrase/u);
    expect(fine.out).toContain('recovery key: made on');
    expect(fine.out).toMatch(/Contoso: emergency1@\S+ changed 3 h ago, 2 sealed passwords/u);
    expect(fine.out).toMatch(/Contoso: emergency2@.*; stopped/u);
    await stores.breakGlass.rotateBy(kept.id, addMs(now, -9 * HOUR), 'demand');
    const overdue = await run(['status'], onServer());
    expect(overdue.code).toBe(1);
    expect(overdue.out).toMatch(/emergency1@.*; OVERDUE/u);
  });

  it('is one of four commands, and says so to whoever types another', async () => {
    const usage = expect.stringContaining('npm run vault -- rekey KEY');
    expect(await run(['stauts'])).toEqual({ code: 2, out: '', err: usage });
  });
});
