import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { publishOnce } from './cache-folder.js';

const run = promisify(execFile);

export const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** A dynamic loader that starts any program under its own C library: `path --library-path libraries program ...`. */
export interface Loader {
  readonly path: string;
  readonly libraries: string;
}

const SUITE = 'trixie';
const LAYOUT: Readonly<Record<string, { readonly triplet: string; readonly loader: string }>> = {
  x64: { triplet: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { triplet: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
};

class NoDebianGlibc extends Error {
  override readonly name = 'NoDebianGlibc';
}

/**
 * Unpacks Debian 13's libc6 into the cache, through apt: from the mirror this machine already uses, its index checked
 * against Debian's keys and the package against the index. Needs no root and changes nothing of the system's own.
 */
export const fetchDebianGlibc = async (arch: string, cache: string): Promise<Loader> => {
  const layout = LAYOUT[arch];
  if (layout === undefined) throw new NoDebianGlibc(`no known layout for ${arch}`);
  const folder = await publishOnce(join(cache, `glibc-${SUITE}-${arch}`), (draft) =>
    fill(draft, layout.triplet, layout.loader),
  );
  const libraries = join(folder, 'usr', 'lib', layout.triplet);
  return { path: join(libraries, layout.loader), libraries };
};

const fill = async (draft: string, triplet: string, loader: string): Promise<void> => {
  const mirror = await debianMirror();
  const work = join(draft, 'work');
  await mkdir(join(work, 'lists', 'partial'), { recursive: true });
  await mkdir(join(work, 'archives', 'partial'), { recursive: true });
  await writeFile(join(work, 'sources.list'), `deb [signed-by=${DEBIAN_KEYRING}] ${mirror} ${SUITE} main\n`);

  const options = aptOptions(work);
  await run('apt-get', [...options, 'update'], { cwd: work });
  await run('apt-get', [...options, 'download', 'libc6'], { cwd: work });
  const [package_] = (await readdir(work)).filter((name) => name.endsWith('.deb'));
  if (package_ === undefined) throw new NoDebianGlibc('apt downloaded nothing');
  await run('dpkg-deb', ['-x', join(work, package_), draft]);

  const libraries = join(draft, 'usr', 'lib', triplet);
  for (const unused of [work, join(draft, 'usr', 'share'), join(libraries, 'gconv')]) {
    await rm(unused, { recursive: true, force: true });
  }
  await run(join(libraries, basename(loader)), ['--library-path', libraries, process.execPath, '--version']);
};

const debianMirror = async (): Promise<string> => {
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages']);
  const mirror = stdout.split('\n').find((line) => line !== '' && !line.includes('security'));
  if (mirror === undefined) throw new NoDebianGlibc('apt knows no Debian mirror');
  return mirror;
};

/** Everything apt reads and writes moves to `work`, except its own network settings, such as a proxy. */
const aptOptions = (work: string): readonly string[] =>
  [
    `Dir::Etc::sourcelist=${join(work, 'sources.list')}`,
    'Dir::Etc::sourceparts=-',
    'Dir::Etc::preferences=-',
    'Dir::Etc::preferencesparts=-',
    `Dir::State=${work}`,
    `Dir::State::lists=${join(work, 'lists')}`,
    'Dir::State::status=/dev/null',
    `Dir::Cache=${work}`,
    `Dir::Cache::archives=${join(work, 'archives')}`,
    'Acquire::Languages=none',
    'Acquire::Retries=3',
    'APT::Sandbox::User=',
  ].flatMap((option) => ['-o', option]);
