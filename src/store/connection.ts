/** The database: a MongoDB server where one is named, else the embedded engine. Nothing outside this folder sees the driver. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Db, type Document, MongoClient, type MongoClientOptions, type WriteConcernSettings } from 'mongodb';
import type { Log } from '../lib/log.js';
import { DatabaseFault, noDatabaseIn } from './database-fault.js';
import { startEngine, uriOfRunningEngine } from './engine-process.js';

export interface DatabaseConnection {
  readonly client: MongoClient;
  /** The database that the address names, else `latchkey`. */
  readonly db: Db;
  /** The address it is connected to; it may hold a password. */
  readonly uri: string;
  /** Also stops the embedded engine, if it is ours. */
  close(): Promise<void>;
}

export type DatabaseTarget =
  | { readonly uri: string }
  /** The embedded engine keeps its files in `mongodb` below this folder. */
  | { readonly dataDir: string };

const DEFAULT_DATABASE = 'latchkey';

// A single operation never waits longer than these together. A query that may scan much also sets `maxTimeMS`, below
// the socket's limit: only that stops the work on the server too.
const TIMEOUTS = {
  serverSelectionTimeoutMS: 10_000,
  connectTimeoutMS: 10_000,
  socketTimeoutMS: 30_000,
  waitQueueTimeoutMS: 10_000,
} satisfies MongoClientOptions;

/** Connects and makes sure that a server answers. Rejects with a `DatabaseFault`, whose message is fit to print. */
export const connect = async (target: DatabaseTarget, { log }: { readonly log: Log }): Promise<DatabaseConnection> => {
  if ('uri' in target) return await connectTo(target.uri, async () => undefined);
  const engine = await startEngine({ dataDir: target.dataDir, log });
  return await connectTo(engine.uri, () => engine.stop());
};

/**
 * The same beside a bot that may be running: its engine is used where it has one on that folder, and left running. A
 * folder that holds no database is a `DatabaseFault` instead of a new one.
 */
export const connectBeside = async (
  target: DatabaseTarget,
  deps: { readonly log: Log },
): Promise<DatabaseConnection> => {
  if ('uri' in target) return await connect(target, deps);
  if (!existsSync(join(target.dataDir, 'mongodb'))) throw noDatabaseIn(target.dataDir);
  const uri = await uriOfRunningEngine(target.dataDir);
  return await connect(uri === undefined ? target : { uri }, deps);
};

const connectTo = async (uri: string, stopServer: () => Promise<void>): Promise<DatabaseConnection> => {
  const client = createClient(uri);
  const close = async (): Promise<void> => {
    await client.close();
    await stopServer();
  };
  try {
    const hello = await client.db('admin').command({ hello: 1 });
    const db = client.db(databaseNamed(uri), { writeConcern: writeConcernFor(hello) });
    return { client, db, uri, close };
  } catch (thrown) {
    await close();
    throw unreachable(client.options.hosts.join(', '), thrown);
  }
};

/**
 * Nothing counts as written before it would survive a crash: the whole design writes first and acts then. Set on the
 * database because an address may ask for less, and the client would give in.
 */
const writeConcernFor = (hello: Document): WriteConcernSettings => {
  const isReplicated = hello['setName'] !== undefined || hello['msg'] === 'isdbgrid';
  // Asked for a majority, the embedded engine answers at once and no longer waits for its journal.
  return { w: isReplicated ? 'majority' : 1, journal: true };
};

const createClient = (uri: string): MongoClient => {
  try {
    return new MongoClient(uri, { ...timeoutsMissingIn(uri), ...paceFor(uri), appName: 'latchkey' });
  } catch {
    // The driver quotes parts of an address it cannot read, passwords included: its words go no further.
    throw new DatabaseFault('server_unreachable', 'MONGODB_URI is not an address that the MongoDB driver can read.');
  }
};

/** What the operator wrote into the address goes before ours; the driver would have it the other way round. */
const timeoutsMissingIn = (uri: string): MongoClientOptions =>
  Object.fromEntries(
    Object.entries(TIMEOUTS).filter(([name]) => !uri.toLowerCase().includes(`${name.toLowerCase()}=`)),
  );

/**
 * A restarted embedded engine is to be noticed at once: looking for it on a local socket costs next to nothing, and what
 * was sent to one that died is sent again soon.
 */
const paceFor = (uri: string): MongoClientOptions =>
  uri.includes('.sock') ? { minHeartbeatFrequencyMS: 100, socketTimeoutMS: 4_000 } : {};

const unreachable = (hosts: string, thrown: unknown): DatabaseFault => {
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return new DatabaseFault('server_unreachable', `No MongoDB server answers at ${hosts}: ${detail}`, { cause: thrown });
};

/** What the address says between host and options; the driver itself would fall back to `test`. */
const databaseNamed = (uri: string): string =>
  /^mongodb(?:\+srv)?:\/\/[^/?]+\/([^?]+)/.exec(uri)?.[1] ?? DEFAULT_DATABASE;
