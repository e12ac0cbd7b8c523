import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Db } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { printHead } from '../../src/engine/audit-head.js';
import { announceHead } from '../../src/flows/audit-head.js';
import type { AuditLog } from '../../src/flows/ports/audit.js';
import { addMs, DAY, systemClock } from '../../src/lib/clock.js';
import { silentLog } from '../../src/lib/log.js';
import { systemRandom } from '../../src/lib/random.js';
import { createAuditLog } from '../../src/store/audit.js';
import { connect } from '../../src/store/connection.js';
import { ensureIndexes } from '../../src/store/indexes.js';
import { auditKeyIn, createHeadSigner, generateAuditKey } from '../../src/vault/audit-key.js';
import { createTestDatabase, type TestDatabase } from '../fakes/database.js';

// The commands as somebody types them, in a process of their own, on a log whose database somebody had their hands in.

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const SOURCE = fileURLToPath(new URL('../../src/audit-main.ts', import.meta.url));
/** Where what is built still finds its packages. */
const PACKAGES = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const WRITER = fileURLToPath(new URL('../fakes/audit-writer.ts', import.meta.url));

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const run = (args: readonly string[], env: Readonly<Record<string, string>>): Promise<Said> =>
  new Promise((resolve) => {
    // An engine of its own is a second program, which stands beside the sources.
    const way = 'DATA_DIR' in env ? ['--import', TSX, SOURCE] : [program];
    const command = [...way, ...args];
    const child = execFile(
      process.execPath,
      command,
      { env: { PATH: process.env['PATH'] ?? '', ...env } },
      (_, out, err) => resolve({ code: child.exitCode, out, err }),
    );
  });

const key = generateAuditKey(systemRandom);
const signer = createHeadSigner([key]);

let folder: string;
let built: string;
let program: string;
let database: TestDatabase;
let audit: AuditLog;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-audit-'));
  built = await mkdtemp(join(PACKAGES, '.latchkey-audit-'));
  program = join(built, 'audit-main.mjs');
  // Once, instead of by every process that runs it.
  await build({
    entryPoints: [SOURCE],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  database = await createTestDatabase();
  await ensureIndexes(database.db);
});
afterAll(async () => {
  await database.close();
  await Promise.all([folder, built].map((one) => rm(one, { recursive: true, force: true })));
});
beforeEach(async () => {
  await Promise.all(['audit', 'audit_heads'].map((name) => database.db.collection(name).deleteMany({})));
  audit = createAuditLog(database.db);
});

const lines = (db: Db) => db.collection<{ _id: number }>('audit');

const append = async (log: AuditLog, from: number, to: number, at = systemClock.now()): Promise<void> => {
  for (let line = from; line <= to; line += 1) {
    await log.append(`L-${line}`, { what: `deed ${line}`, at, by: 'P-LEE', facts: { line } });
  }
};

const announce = async (log: AuditLog): Promise<string> => {
  const announced = await announceHead({ clock: systemClock, audit: log, signer });
  if (announced.kind !== 'signed') throw new Error(announced.kind);
  return printHead(announced.head);
};

const onServer = (): Readonly<Record<string, string>> => ({ MONGODB_URI: database.uri, AUDIT_KEY: key.reveal() });

const verify = (...args: readonly string[]): Promise<Said> => run(['verify', ...args], onServer());

describe('npm run audit -- verify', () => {
  it('says that an untouched log is intact, and how far it reaches', async () => {
    await append(audit, 1, 7);
    await announce(audit);
    const head = await audit.head();
    expect(await verify()).toEqual({
      code: 0,
      out: `intact: 7 lines, head 7 ${head?.hash}, 1 signed head confirmed\n`,
      err: '',
    });
  });

  it.each<[string, (db: Db) => Promise<unknown>, string]>([
    ['changed', (db) => lines(db).updateOne({ _id: 4 }, { $set: { 'event.by': 'P-MALLORY' } }), 'not what its hash'],
    ['removed', (db) => lines(db).deleteOne({ _id: 4 }), 'it is missing'],
  ])('names the line that was %s in the database, with exit code 1', async (_what, tamper, why) => {
    await append(audit, 1, 7);
    await tamper(database.db);
    const { code, out, err } = await verify();
    expect([code, err]).toEqual([1, '']);
    expect(out).toContain('broken at line 4: ');
    expect(out).toContain(why);
  });

  it('finds a log that was written anew, and one that was cut short, by a head from a chat alone', async () => {
    await append(audit, 1, 7);
    const posted = await announce(audit);
    await Promise.all([lines(database.db).deleteMany({}), database.db.collection('audit_heads').deleteMany({})]);
    await append(createAuditLog(database.db), 1, 6);
    // Alone it can only say that there was nothing to check it against.
    expect(await verify()).toMatchObject({
      code: 0,
      out: expect.stringMatching(/intact: 6 lines.*No signed head was there/su),
    });
    const short = await verify('--head', posted);
    expect(short).toMatchObject({ code: 1, out: expect.stringContaining('broken at line 7: it is missing') });
    expect(short.out).toContain(posted);

    await append(createAuditLog(database.db), 7, 9);
    const anew = await verify('--head', posted);
    expect(anew).toMatchObject({ code: 1, out: expect.stringContaining('a line from 1 to 7 was rewritten') });
  });

  it('prints the public key for whoever has AUDIT_KEY', async () => {
    const printed = await run(['public-key'], { AUDIT_KEY: key.reveal() });
    expect(printed).toEqual({ code: 0, out: `${signer.publicKey}\n`, err: '' });
  });

  it('needs no more than the public key', async () => {
    await append(audit, 1, 3);
    const posted = await announce(audit);
    const server = { MONGODB_URI: database.uri };
    const args = ['verify', '--head', posted, '--public-key'];
    expect(await run([...args, signer.publicKey], server)).toMatchObject({ code: 0 });
    const stranger = createHeadSigner([generateAuditKey(systemRandom)]);
    const other = await run([...args, stranger.publicKey], server);
    expect(other).toMatchObject({ code: 1, out: expect.stringContaining('was not signed with the key') });
    expect(await run(['verify'], server)).toMatchObject({ code: 2, err: expect.stringContaining('AUDIT_KEY') });
  });

  it.each([
    [['verify', '--head', 'LK1.7.x'], '--head takes'],
    [['verify', '--haed', 'x'], 'npm run audit'],
    [['export', '--since', 'soon'], '--since takes'],
  ])('is told apart from what cannot be done: %j has exit code 2', async (args, said) => {
    const { code, out, err } = await run(args, onServer());
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(said);
    expect(err).not.toMatch(/\n\s+at /u);
  });
});

describe('npm run audit -- export', () => {
  it('writes one JSON a line, each as it was hashed', async () => {
    await append(audit, 1, 5);
    const { code, out } = await run(['export'], onServer());
    expect(code).toBe(0);
    const exported = out.trimEnd().split('\n');
    expect(exported).toHaveLength(5);
    for (const [index, text] of exported.entries()) {
      const { hash, ...line } = JSON.parse(text) as { hash: string; seq: number };
      expect(line.seq).toBe(index + 1);
      const hashed = text.replace(`"hash":"${hash}",`, '');
      expect(createHash('sha256').update(hashed).digest('hex')).toBe(hash);
    }
  });

  it('writes what is recent to a file that others cannot read', async () => {
    await append(audit, 1, 3, addMs(systemClock.now(), -9 * DAY));
    await append(audit, 4, 5, addMs(systemClock.now(), -6 * DAY));
    const file = join(folder, 'lines.jsonl');
    expect(await run(['export', '--since', '7d', '--out', file], onServer())).toMatchObject({ code: 0, out: '' });
    const written = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(written.map((text) => (JSON.parse(text) as { seq: number }).seq)).toEqual([4, 5]);
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  it('writes what can be read, and fails where something cannot', async () => {
    await append(audit, 1, 3);
    await lines(database.db).updateOne({ _id: 2 }, { $set: { 'event.at': 'x' } });
    const { code, out, err } = await run(['export'], onServer());
    expect(code).toBe(1);
    expect(out.split('\n')[1]).toBe('{"seq":2,"unreadable":"event.at"}');
    expect(err).toContain('1 line cannot be read');
    expect(await verify()).toMatchObject({ code: 1, out: 'broken at line 2: it cannot be read (event.at).\n' });
  });
});

describe('beside the embedded engine', () => {
  it('reads the log of a bot that is running, and of one that is not, and changes nothing in its folder', async () => {
    const dataDir = join(folder, 'data');
    const bot = await connect({ dataDir }, { log: silentLog });
    await ensureIndexes(bot.db);
    const log = createAuditLog(bot.db);
    const own = createHeadSigner([await auditKeyIn(dataDir, systemRandom)]);
    await append(log, 1, 4);
    await announceHead({ clock: systemClock, audit: log, signer: own });
    const intact = { code: 0, out: expect.stringContaining('intact: 4 lines'), err: '' };
    expect(await run(['verify'], { DATA_DIR: dataDir })).toEqual(intact);
    await append(log, 5, 5);
    await bot.close();
    expect(await run(['verify'], { DATA_DIR: dataDir })).toMatchObject({
      code: 0,
      out: expect.stringContaining('5 lines'),
    });
  }, 60_000);

  it('does not take a folder without a database for an empty log', async () => {
    const empty = join(folder, 'nothing');
    const said = await run(['verify'], { DATA_DIR: empty, AUDIT_KEY: key.reveal() });
    expect(said).toMatchObject({ code: 2, err: expect.stringContaining('There is no database in') });
    expect(await readdir(folder)).not.toContain('nothing');
  });
});

it('processes that are killed while they write leave a whole chain with every line they were told is written', async () => {
  const told = new Set<string>();
  const writers = ['one', 'two'].map((name) => {
    const writer = spawn(process.execPath, ['--import', TSX, WRITER, database.uri, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const enough = new Promise<void>((resolve) => {
      let count = 0;
      createInterface({ input: writer.stdout }).on('line', (id) => {
        told.add(id);
        if ((count += 1) === 60) resolve();
      });
    });
    return { writer, enough };
  });
  await Promise.all(
    writers.map(async ({ writer, enough }) => {
      await enough;
      writer.kill('SIGKILL');
      await once(writer, 'close');
    }),
  );
  await append(audit, 1, 1);
  expect(await verify()).toMatchObject({ code: 0 });
  const written = new Set<string>();
  for await (const line of audit.walk(1)) if (!('unreadable' in line)) written.add(line.id);
  expect([...told].filter((id) => !written.has(id))).toEqual([]);
  expect(told.size).toBeGreaterThanOrEqual(120);
}, 60_000);
