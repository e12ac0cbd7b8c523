/** Checks and exports the audit log, beside a running bot or without one: `npm run audit -- verify` and `-- export`. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { readAuditConfig } from './config.js';
import type { AuditConfig } from './config.js';
import { canonical } from './engine/audit-chain.js';
import { parseHead, printHead } from './engine/audit-head.js';
import type { SignedHead } from './engine/audit-head.js';
import { parseSince } from './engine/since.js';
import { checkLog } from './flows/audit-check.js';
import type { AuditBreak } from './flows/audit-check.js';
import type { AuditLog, HeadSigner, HeadVerifier } from './flows/ports/audit.js';
import { systemClock as clock } from './lib/clock.js';
import { silentLog } from './lib/log.js';
import { createAuditLog } from './store/audit.js';
import { connectBeside } from './store/connection.js';
import { DatabaseFault } from './store/database-fault.js';
import { CorruptDocument } from './store/document.js';
import { auditKeyKeptIn, createHeadSigner, createHeadVerifier } from './vault/audit-key.js';
import { EmptySecret } from './vault/kept-secret.js';

const USAGE = `npm run audit -- verify [--head LK1…]… [--public-key LKP1…]
  Checks every line against the chain, and the chain against every signed head: those the database remembers, and
  each --head that you copied from a chat. Needs AUDIT_KEY, or the public key alone.

npm run --silent audit -- export [--since 7d|2026-03-01] [--out FILE]
  Writes JSON Lines to standard output or a file: times in UTC, each line with its hash.

npm run --silent audit -- public-key
  Prints the public half of AUDIT_KEY: whoever holds it can verify heads, and sign none.

All read MONGODB_URI or DATA_DIR, as the bot does. Exit code 0: done, intact. 1: the log was tampered with. 2: neither.`;

const INTACT = 0;
const BROKEN = 1;
const UNDONE = 2;

/** Why nothing was checked or exported; the message is for whoever typed the command. */
class CannotDo extends Error {
  override readonly name = 'CannotDo';
}

type Options = ReturnType<typeof readArguments>['values'];

const readArguments = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        head: { type: 'string', multiple: true, default: [] },
        'public-key': { type: 'string' },
        since: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (thrown) {
    throw new CannotDo(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${USAGE}`);
  }
};

const main = async (): Promise<number> => {
  const { values, positionals } = readArguments();
  const [command = '', ...more] = positionals;
  if (values.help) {
    console.log(USAGE);
    return INTACT;
  }
  const work = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (work === undefined || more.length > 0) throw new CannotDo(USAGE);
  const config = readAuditConfig(process.env);
  if (!config.ok) throw new CannotDo(config.error.join('\n'));
  return work(config.value, values);
};

const withLog = async <T>(config: AuditConfig, work: (audit: AuditLog) => Promise<T>): Promise<T> => {
  const { mongodbUri, dataDir } = config;
  const database = await connectBeside(mongodbUri === undefined ? { dataDir } : { uri: mongodbUri }, {
    log: silentLog,
  });
  try {
    return await work(createAuditLog(database.db));
  } finally {
    await database.close();
  }
};

const verify = async (config: AuditConfig, { head: printed, 'public-key': publicKey }: Options): Promise<number> => {
  const known = printed.map(headMeant);
  const verifier = publicKey === undefined ? await signerOf(config) : verifierMeant(publicKey);
  const verdict = await withLog(config, (audit) => checkLog({ audit, verifier, known }));
  if (!verdict.intact) {
    console.log(`broken at line ${verdict.broken.seq}: ${sentenceOf(verdict.broken)}`);
    return BROKEN;
  }
  const { head, signedHeads } = verdict;
  const confirmed = `${counted(signedHeads, 'signed head')} confirmed`;
  console.log(`intact: ${counted(head.seq, 'line')}, head ${head.seq} ${head.hash}, ${confirmed}`);
  if (signedHeads === 0 && head.seq > 0) console.log(NO_HEADS);
  return INTACT;
};

const NO_HEADS = `No signed head was there to check, so whoever owns the database could have rewritten all of it.
Copy one from the chat where I post them: npm run audit -- verify --head LK1…`;

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

const headMeant = (printed: string): SignedHead => {
  const head = parseHead(printed);
  if (head === undefined) throw new CannotDo('--head takes a whole signed head: LK1, a line number, 64 and 86 signs.');
  return head;
};

const verifierMeant = (publicKey: string): HeadVerifier => {
  const verifier = createHeadVerifier(publicKey);
  if (verifier === undefined) throw new CannotDo('--public-key takes LKP1, a dot and 43 signs.');
  return verifier;
};

const signerOf = async ({ auditKeys, mongodbUri, dataDir }: AuditConfig): Promise<HeadSigner> => {
  const kept = mongodbUri === undefined ? await auditKeyKeptIn(dataDir) : undefined;
  const [newest = kept, ...older] = auditKeys;
  if (newest === undefined)
    throw new CannotDo('The key that signs heads is missing: set AUDIT_KEY, or give --public-key.');
  return createHeadSigner([newest, ...older]);
};

const sentenceOf = (broken: AuditBreak): string => {
  switch (broken.why) {
    case 'missing':
      return 'it is missing.';
    case 'misplaced':
      return 'it is not the line that belongs there.';
    case 'altered':
      return 'it is not what its hash was made of.';
    case 'unlinked':
      return `it does not follow line ${broken.seq - 1}: one of the two was rewritten.`;
    case 'unreadable':
      return `it cannot be read (${broken.place}).`;
    case 'rewritten':
      return `a line from ${broken.since + 1} to ${broken.seq} was rewritten since this was signed: ${printHead(broken.head)}`;
    case 'cut-off':
      return `it is missing, and all that followed; this was signed: ${printHead(broken.head)}`;
    case 'forged':
      return (
        `this was not signed with the key: ${printHead(broken.head)}\n` +
        'After a change of the key, AUDIT_KEY holds the new one and then, behind a comma, the old one.'
      );
    default:
      return broken satisfies never;
  }
};

const exportLines = async (config: AuditConfig, { since: typed, out }: Options): Promise<number> => {
  const since = typed === undefined ? undefined : parseSince(typed, 'utc', clock.now());
  if (typed !== undefined && since === undefined) {
    throw new CannotDo('--since takes 30m, 12h, 7d, 2w, or a day or time that is past: 2026-03-01.');
  }
  let unreadable = 0;
  const lines = async function* (audit: AuditLog): AsyncGenerator<string> {
    for await (const line of audit.walk(1)) {
      if ('unreadable' in line) unreadable += 1;
      else if (since !== undefined && line.event.at < since) continue;
      yield `${canonical(line)}\n`;
    }
  };
  await withLog(config, async (audit) => {
    const source = Readable.from(lines(audit));
    await (out === undefined
      ? pipeline(source, process.stdout, { end: false })
      : pipeline(source, createWriteStream(out, { mode: 0o600 })));
  });
  if (unreadable === 0) return INTACT;
  console.error(`${counted(unreadable, 'line')} cannot be read: npm run audit -- verify names the first.`);
  return BROKEN;
};

const printPublicKey = async (config: AuditConfig): Promise<number> => {
  console.log((await signerOf(config)).publicKey);
  return INTACT;
};

const COMMANDS: Readonly<Record<string, (config: AuditConfig, options: Options) => Promise<number>>> = {
  verify,
  export: exportLines,
  'public-key': printPublicKey,
};

const isGone = (thrown: unknown): boolean => thrown instanceof Error && 'code' in thrown && thrown.code === 'EPIPE';

try {
  process.exitCode = await main();
} catch (thrown) {
  if (thrown instanceof CorruptDocument) {
    console.log(`broken: ${thrown.message}`);
    process.exitCode = BROKEN;
  } else if (thrown instanceof CannotDo || thrown instanceof DatabaseFault || thrown instanceof EmptySecret) {
    console.error(thrown.message);
    process.exitCode = UNDONE;
  } else if (isGone(thrown)) {
    // Whoever read standard output has seen enough.
    process.exitCode = INTACT;
  } else {
    throw thrown;
  }
}
