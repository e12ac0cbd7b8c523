/**
 * Translates src/ into dist/, file by file, with source maps, and bundles for browsers what pages take from a package. With
 * `--if-stale` it leaves a newer dist/ alone, so that an installation without development tools can start what was built
 * before.
 */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');
const dist = join(root, 'dist');

/** A page imports it as `./age.js`: the age format, with nothing that a page has no use for. */
const AGE = join(dist, 'pages', 'age.js');
const AGE_EXPORTS = 'Encrypter, Decrypter, armor, webauthn, generateX25519Identity, identityToRecipient';

const filesBelow = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    : [];

const outputOf = (source) => join(dist, relative(src, source).replace(/\.ts$/, '.js'));

const isNewer = (output, source) => existsSync(output) && statSync(output).mtimeMs >= statSync(source).mtimeMs;

const loadEsbuild = () =>
  import('esbuild').catch(() => {
    console.error('Building needs the development tools: run npm ci first.');
    process.exit(1);
  });

const translate = async (sources) => {
  const { build } = await loadEsbuild();
  await build({
    entryPoints: sources,
    outbase: src,
    outdir: dist,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: true,
    logLevel: 'warning',
  });
};

const bundleAge = async () => {
  const { build } = await loadEsbuild();
  await build({
    stdin: { contents: `export { ${AGE_EXPORTS} } from 'age-encryption';`, resolveDir: root },
    outfile: AGE,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'warning',
  });
};

// Only what has lost its source is removed: a bot or a test may be running from the rest.
const removeOrphans = (sources) => {
  const wanted = new Set(sources.map(outputOf).flatMap((output) => [output, `${output}.map`]));
  wanted.add(AGE);
  for (const file of filesBelow(dist)) if (!wanted.has(file)) rmSync(file);
};

const sources = filesBelow(src).filter((file) => file.endsWith('.ts'));
const mayBeFresh = process.argv.includes('--if-stale');
const isFresh = () => existsSync(AGE) && sources.every((source) => isNewer(outputOf(source), source));

if (!mayBeFresh || !isFresh()) {
  await Promise.all([translate(sources), bundleAge()]);
  removeOrphans(sources);
}
