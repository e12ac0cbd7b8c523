import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publishOnce } from './cache-folder.js';

const run = promisify(execFile);

/** The engine needs nothing newer than this besides what the shim adds. */
export const OLDEST_SHIMMED_GLIBC = '2.35';

export interface ShimRequest {
  readonly compiler: string;
  /** The machine's glibc, as `2.36`, and the folder of its `libc.so.6`. */
  readonly glibc: string;
  readonly glibcFolder: string;
  readonly cache: string;
}

/**
 * Builds (once per machine and glibc) a library that answers to the names `libc.so.6` and `libm.so.6`, adds the few
 * functions that glibc 2.36 and 2.38 introduced and the engine calls, and pulls in the machine's own libraries for the
 * rest. Resolves to its folder, for LD_LIBRARY_PATH. x86-64 only: `long` is `long long` there.
 */
export const buildGlibcShim = async ({ compiler, glibc, glibcFolder, cache }: ShimRequest): Promise<string> => {
  const versions = versionScript(glibc);
  const print = createHash('sha256').update(SOURCE).update(versions).update(glibcFolder).digest('hex').slice(0, 12);
  return publishOnce(join(cache, `glibc-shim-${glibc}-${print}`), async (folder) => {
    const cc = (...args: readonly string[]) => run(compiler, ['-shared', '-nostdlib', ...args], { cwd: folder });
    await writeFile(join(folder, 'shim.c'), SOURCE);
    await writeFile(join(folder, 'empty.c'), '');
    await writeFile(join(folder, 'shim.map'), versions);
    // Linking against an empty library whose soname is an absolute path makes the loader open exactly that file.
    for (const library of ['libc', 'libm']) {
      await cc('empty.c', `-Wl,-soname,${join(glibcFolder, `${library}.so.6`)}`, '-o', `${library}-own.so`);
    }
    const inputs = ['shim.c', '-Wl,--no-as-needed', 'libc-own.so', 'libm-own.so'];
    const names = ['-Wl,-soname,latchkey-glibc-shim.so', '-Wl,--version-script=shim.map'];
    const resolution = ['-Wl,-z,now', '-Wl,--unresolved-symbols=ignore-all'];
    await cc('-O2', '-fPIC', '-fno-builtin', ...inputs, ...names, ...resolution, '-o', 'libc.so.6');
    await symlink('libc.so.6', join(folder, 'libm.so.6'));
    for (const left of ['shim.c', 'empty.c', 'shim.map', 'libc-own.so', 'libm-own.so']) await rm(join(folder, left));
    await run(process.execPath, ['--version'], { env: { LD_LIBRARY_PATH: folder } });
  });
};

/** Every version name that a library built for this glibc may ask `libc.so.6` for, and the newer functions. */
const versionScript = (glibc: string): string => {
  const minors = Array.from({ length: 34 }, (_, index) => `2.${index + 4}`);
  const empty = ['2.2.5', '2.2.6', '2.3', '2.3.2', '2.3.3', '2.3.4', ...minors.filter((version) => version !== '2.36')];
  const random = glibc === OLDEST_SHIMMED_GLIBC ? 'global: arc4random; ' : '';
  return [
    ...empty.map((version) => `GLIBC_${version} { };`),
    'GLIBC_ABI_DT_RELR { };',
    'GLIBC_PRIVATE { };',
    `GLIBC_2.36 { ${random}};`,
    `GLIBC_2.38 { global: ${NEWER_FUNCTIONS.join('; ')}; local: *; };`,
    '',
  ].join('\n');
};

const NEWER_FUNCTIONS = [
  '__isoc23_strtol',
  '__isoc23_strtoul',
  '__isoc23_strtoll',
  '__isoc23_strtoull',
  '__isoc23_sscanf',
  '__isoc23_fscanf',
  'fmod',
];

// Free of system headers, so that a compiler without the C library's development files will do. The C23 readers differ
// from their elders only in also accepting 0b literals; fmod's new version only in not setting errno through a wrapper.
const SOURCE = `
#include <stdarg.h>
#include <stddef.h>

typedef void FILE;
long strtol(const char *, char **, int);
unsigned long strtoul(const char *, char **, int);
int __isoc99_vsscanf(const char *, const char *, va_list);
int __isoc99_vfscanf(FILE *, const char *, va_list);
long double fmodl(long double, long double);
long getrandom(void *, size_t, unsigned);
void abort(void);

long __isoc23_strtol(const char *text, char **end, int base) { return strtol(text, end, base); }
long long __isoc23_strtoll(const char *text, char **end, int base) { return strtol(text, end, base); }
unsigned long __isoc23_strtoul(const char *text, char **end, int base) { return strtoul(text, end, base); }
unsigned long long __isoc23_strtoull(const char *text, char **end, int base) { return strtoul(text, end, base); }

int __isoc23_sscanf(const char *text, const char *format, ...) {
  va_list rest;
  va_start(rest, format);
  int read = __isoc99_vsscanf(text, format, rest);
  va_end(rest);
  return read;
}

int __isoc23_fscanf(FILE *file, const char *format, ...) {
  va_list rest;
  va_start(rest, format);
  int read = __isoc99_vfscanf(file, format, rest);
  va_end(rest);
  return read;
}

/* A double's remainder is exact in long double, and exact results survive the way back. */
double fmod(double dividend, double divisor) { return fmodl(dividend, divisor); }

unsigned arc4random(void) {
  unsigned value;
  while (getrandom(&value, sizeof value, 0) != sizeof value)
    ;
  return value;
}
`;
