/** Looks after the break-glass vault from a terminal: `npm run vault -- status`, `export`, `open` and `rekey`. */
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { readDatabaseConfig } from './config.js';
import { vaultOf } from './engine/ids.js';
import type { BreakGlassId, VaultId } from './engine/ids.js';
import { breakGlassStatus } from './flows/break-glass/status.js';
import { planRekey, rekey } from './flows/vault/rekey.js';
import type { Rekeying } from './flows/vault/rekey.js';
import { vaultName } from './flows/vault/vaults.js';
import { askHidden } from './lib/ask-hidden.js';
import { systemClock as clock } from './lib/clock.js';
import { silentLog } from './lib/log.js';
import { systemRandom as random } from './lib/random.js';
import type { Redacted } from './lib/redacted.js';
import { DatabaseFault } from './store/database-fault.js';
import { CorruptDocument } from './store/document.js';
import type { Stores } from './store/stores.js';
import { exportedLines, identitiesIn, isMisplaced, NothingSealed, openPieces, piecesIn } from './vault/offline.js';
import { misplacedLines, openedLines, shutLines } from './vault/opened-lines.js';
import { isWrong, statusLines } from './vault/status-lines.js';
import type { VaultReport } from './vault/status-lines.js';
import { VaultError } from './vault/vault-error.js';

const USAGE = `npm run vault -- status
  Each vault: how it is sealed, its keys with their ids, its accounts and what is wrong with them.

npm run --silent vault -- export [--out FILE]
  Every sealed password that may open an account, one JSON a line. Nothing in it is open.

npm run --silent vault -- open FILE [--only TEXT] [--identity-file FILE] [--force]
  Opens an export, a copy, or a folder of copies (VAULT_COPY_DIR) with a recovery key. Needs neither server nor database.
  The key (AGE-SECRET-KEY-1…) is read from the file, or typed at the prompt. --only shows the accounts that have this
  text in their name. Passwords are written to a terminal alone, unless you say --force.

npm run vault -- rekey KEY [--yes]
  After somebody lost their key: takes it away, by the id that status shows, and has every password of that vault changed
  at once. Without --yes it only says what would happen.

status, export and rekey read MONGODB_URI or DATA_DIR, as the bot does, and work beside it.
Exit code 0: done, and all is well. 1: something is wrong, or stayed shut. 2: nothing was done.`;

const WELL = 0;
const AMISS = 1;
const UNDONE = 2;

/** Why nothing was done; the message is for whoever typed the command. */
class CannotDo extends Error {
  override readonly name = 'CannotDo';
}

type Options = ReturnType<typeof readArguments>['values'];

const readArguments = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        only: { type: 'string' },
        'identity-file': { type: 'string' },
        force: { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (thrown) {
    throw new CannotDo(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${USAGE}`);
  }
};

const main = async (): Promise<number> => {
  const { values, positionals } = readArguments();
  const [command = '', ...words] = positionals;
  if (values.help) {
    console.log(USAGE);
    return WELL;
  }
  const known = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (known === undefined || words.length !== known.words) throw new CannotDo(USAGE);
  return known.work(values, words[0] ?? '');
};

/** Loads the database's driver here: where `open` is needed, there may be nothing but this program left. */
const withStores = async <T>(work: (stores: Stores) => Promise<T>): Promise<T> => {
  const config = readDatabaseConfig(process.env);
  if (!config.ok) throw new CannotDo(config.error.join('\n'));
  const { mongodbUri, dataDir } = config.value;
  const target = mongodbUri === undefined ? { dataDir } : { uri: mongodbUri };
  const [{ connectBeside }, { createStores }] = await Promise.all([
    import('./store/connection.js'),
    import('./store/stores.js'),
  ]);
  const database = await connectBeside(target, { log: silentLog });
  try {
    return await work(createStores(database.db));
  } finally {
    await database.close();
  }
};

/** Whoever can type this has the database. */
const EVERYTHING = { standing: { owner: true, auditor: false, adminOf: [] } } as const;

const status = (): Promise<number> =>
  withStores(async (stores) => {
    const tenants = await breakGlassStatus({ ...stores, clock }, EVERYTHING);
    const withAccounts = tenants.map(({ tenant }) => vaultOf(tenant.organization));
    const vaults = await stores.vaults.all();
    const ids = [...new Set([...vaults.map(({ id }) => id), ...withAccounts])];
    const reports = await Promise.all(
      ids.map(async (id): Promise<VaultReport> => ({
        ...(await reportOf(stores, id)),
        tenants: tenants.filter(({ tenant }) => vaultOf(tenant.organization) === id),
      })),
    );
    if (reports.length === 0) console.log('There is no vault yet: /jit admin vault set, in the chat, makes one.');
    for (const report of reports) console.log(statusLines(report).join('\n'));
    return reports.some(isWrong) ? AMISS : WELL;
  });

const reportOf = async (stores: Stores, id: VaultId): Promise<Omit<VaultReport, 'tenants'>> => {
  const [vault, keys, name] = await Promise.all([stores.vaults.of(id), stores.vaults.keys(id), vaultName(stores, id)]);
  const people = await stores.people.byIds(keys.map(({ person }) => person));
  const names = people.flatMap((person) =>
    [person.id, ...person.aliases].map((alias) => [alias, person.name] as const),
  );
  return { id, name, keys, people: new Map(names), ...(vault === undefined ? {} : { vault }) };
};

const PAGE = 500;

const exportSealed = ({ out }: Options): Promise<number> =>
  withStores(async ({ breakGlass }) => {
    const lines = async function* (): AsyncGenerator<string> {
      let after: BreakGlassId | undefined;
      for (;;) {
        const page = await breakGlass.all(after, PAGE);
        for (const account of page) for (const line of exportedLines(account)) yield `${line}\n`;
        after = page.at(-1)?.id;
        if (page.length < PAGE) return;
      }
    };
    await (out === undefined
      ? pipeline(Readable.from(lines()), process.stdout, { end: false })
      : pipeline(Readable.from(lines()), createWriteStream(out, { mode: 0o600 })));
    return WELL;
  });

const open = async ({ only, 'identity-file': file, force }: Options, path: string): Promise<number> => {
  if (!process.stdout.isTTY && !force) {
    throw new CannotDo('Passwords go to a terminal alone. With --force they are written to wherever this leads.');
  }
  const all = await piecesIn(path);
  const wanted = only?.toLowerCase() ?? '';
  const pieces = all.filter(({ account }) => account.toLowerCase().includes(wanted));
  if (pieces.length === 0)
    throw new CannotDo(`${path} holds no sealed password${only === undefined ? '' : ' of that name'}.`);
  const [identity, ...more] = await identities(file);
  if (identity === undefined) throw new CannotDo('That is no key: it begins with AGE-SECRET-KEY-1.');
  const opened = await openPieces([identity, ...more], pieces);
  for (const line of openedLines(opened)) console.log(line);
  for (const line of [...shutLines(opened), ...misplacedLines(opened)]) console.error(line);
  const shut = opened.flatMap((one) => ('shut' in one ? [one.shut] : []));
  const tampered = shut.includes('damaged') || opened.some(isMisplaced);
  return shut.length === opened.length || tampered ? AMISS : WELL;
};

const identities = async (file: string | undefined): Promise<readonly Redacted<string>[]> => {
  if (file !== undefined) return identitiesIn(await readFile(file, 'utf8'));
  if (!process.stdin.isTTY) throw new CannotDo('Give the key with --identity-file FILE, or type it in a terminal.');
  const typed = await askHidden('Recovery key (it does not show): ', process.stdin, (text) =>
    process.stderr.write(text),
  );
  if (typed === undefined) throw new CannotDo('Interrupted.');
  return identitiesIn(typed.reveal());
};

const takeKey = ({ yes }: Options, id: string): Promise<number> =>
  withStores(async (stores) => {
    const deps = { ...stores, clock, random };
    const plan = await planRekey(deps, id);
    if (!plan.ok) throw new CannotDo(refusal(plan.error.code, id));
    console.log(
      consequences(plan.value, (await stores.people.byId(plan.value.key.person))?.name ?? 'somebody').join('\n'),
    );
    if (!yes) {
      console.log('Nothing was done. Say --yes to do it.');
      return UNDONE;
    }
    const done = await rekey(deps, plan.value);
    if (!done.ok) throw new CannotDo(refusal(done.error.code, id));
    console.log(`Done: the key ${id} is gone. npm run vault -- status shows when the passwords have changed.`);
    return WELL;
  });

const refusal = (code: string, id: string): string =>
  code === 'vault.last-key'
    ? `Nobody could open that vault without the key ${id}. Have another member make one first, with /jit vault enrol in the chat.`
    : `There is no key ${id}: npm run vault -- status lists them.`;

const consequences = ({ key, vault, left, changed, untouched }: Rekeying, person: string): readonly string[] => [
  `The key ${key.id} of ${person} to the vault of ${vault} is taken away; ${left} other public keys are left.`,
  `The passwords of ${counted(changed.length)} are changed at once by the bot that is running, or the next that starts:`,
  ...changed.map((upn) => `  ${upn}`),
  ...(untouched.length === 0
    ? []
    : ['These are stopped. Whoever has the key can open what they have, until somebody changes it:']),
  ...untouched.map((upn) => `  ${upn}`),
];

const counted = (accounts: number): string => `${accounts} ${accounts === 1 ? 'account' : 'accounts'}`;

interface Command {
  /** How many it takes. */
  readonly words: number;
  readonly work: (options: Options, word: string) => Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  status: { words: 0, work: status },
  export: { words: 0, work: exportSealed },
  open: { words: 1, work: open },
  rekey: { words: 1, work: takeKey },
};

const codeOf = (thrown: unknown): unknown => (thrown instanceof Error && 'code' in thrown ? thrown.code : undefined);

const FILE_FAULTS: readonly unknown[] = ['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR'];

const EXPECTED = [CannotDo, DatabaseFault, CorruptDocument, NothingSealed, VaultError];

try {
  process.exitCode = await main();
} catch (thrown) {
  if (codeOf(thrown) === 'EPIPE') {
    // Whoever read standard output has seen enough.
    process.exitCode = WELL;
  } else if (
    thrown instanceof Error &&
    (EXPECTED.some((kind) => thrown instanceof kind) || FILE_FAULTS.includes(codeOf(thrown)))
  ) {
    console.error(thrown.message);
    process.exitCode = UNDONE;
  } else {
    throw thrown;
  }
}
