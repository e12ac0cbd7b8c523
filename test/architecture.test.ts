import { describe, expect, it } from 'vitest';
import { cruise, cruiseSample } from './architecture/import-rules.js';
import { SOURCE_RULES } from './architecture/source-rules.js';
import { filesBelow, readJson, readText, REPOSITORY } from './repository.js';

// A checker that reads nothing finds nothing. Raise the floor as the house grows; it only has to notice a collapse.
const FEWEST_MODULES = 100;

const VIEWS = ['card', 'credential', 'form'];

const FOLDERS = 'chat engine entra flows jobs lib sandbox slack store teams vault web'.split(' ');
const PARTS = [...FOLDERS, 'audit-main.ts', 'bot.ts', 'config.ts', 'main.ts', 'vault-main.ts'];

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface LockedPackage {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

const looseVersions = ({ dependencies, devDependencies, optionalDependencies }: Manifest): readonly string[] =>
  Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${name} ${version}`);

const addresses = ({ packages }: Lock): readonly string[] =>
  Object.entries(packages).flatMap(([path, { resolved }]) => (resolved === undefined ? [] : [`${path} ${resolved}`]));

/** Every place where a package at `path` finds its dependencies, nearest first: its own folder, then each one around it. */
const lookupFolders = (path: string): readonly string[] => {
  const around = path.lastIndexOf('node_modules/');
  return [
    `${path === '' ? '' : `${path}/`}node_modules`,
    ...(around < 0 ? [] : lookupFolders(path.slice(0, Math.max(around - 1, 0)))),
  ];
};

const missingBinaries = ({ packages }: Lock): readonly string[] =>
  Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) =>
      lookupFolders(path).every((folder) => packages[`${folder}/${name}`] === undefined),
    ),
  );

const cardsWithoutTwin = (paths: readonly string[]): readonly string[] => {
  const twinOf = (path: string): string =>
    path.endsWith('.teams.json') ? path.replace('.teams.', '.slack.') : path.replace('.slack.', '.teams.');
  return paths.filter((path) => twinOf(path) === path || !paths.includes(twinOf(path)));
};

const modulesOfSrc = async (): Promise<readonly string[]> =>
  (await filesBelow('src')).filter((path) => path.endsWith('.ts'));

describe('the sources of the product', async () => {
  const sources = await Promise.all((await modulesOfSrc()).map(async (path) => ({ path, text: await readText(path) })));

  it('are all read, and are TypeScript, which is all that the build carries over', async () => {
    expect(sources.length).toBeGreaterThanOrEqual(FEWEST_MODULES);
    expect((await filesBelow('src')).filter((path) => !path.endsWith('.ts'))).toEqual([]);
  });

  it.each(SOURCE_RULES)('keep: $promise', ({ check }) => {
    expect(sources.flatMap(check)).toEqual([]);
  });

  it.each(SOURCE_RULES)('would be caught breaking: $promise', ({ check, broken }) => {
    expect(check(broken)).toEqual([expect.stringContaining(`${broken.path}:`)]);
  });
});

describe('the rules about sources', () => {
  const violations = (path: string, text: string): number =>
    SOURCE_RULES.flatMap(({ check }) => check({ path, text })).length;

  it.each([
    'export const at = () => Date.now();',
    'export const at = () => Date();',
    'export const at = () => performance.now();',
    'export const dice = () => Math.random();',
    "import { randomBytes } from 'node:crypto';",
    "import { env } from 'node:process';",
    'export const id = () => crypto.randomUUID();',
    'export const bytes = () => crypto.getRandomValues(new Uint8Array(8));',
  ])('see through %s', (text) => {
    expect(violations('src/flows/bad.ts', text)).toBeGreaterThanOrEqual(1);
  });

  it.each([
    ['a date made of something', 'src/flows/fine.ts', 'export const at = (text: string) => new Date(text);'],
    ['the time in lib', 'src/lib/clock.ts', 'export const at = () => new Date();'],
    ['the environment in config', 'src/config.ts', 'export const { PORT } = process.env;'],
    [
      'a named error',
      'src/store/fine.ts',
      'class Lost extends Error {}\nexport const f = () => { throw new Lost(); };',
    ],
    ['code in a comment or text', 'src/flows/fine.ts', "// Date.now()\nexport const text = 'process.env';"],
  ])('allow %s', (_what, path, text) => {
    expect(violations(path, text)).toBe(0);
  });
});

describe('the imports of the product', () => {
  it('are all read and keep every rule', async () => {
    const { modules, violations } = await cruise(REPOSITORY);
    expect(modules.toSorted()).toEqual(await modulesOfSrc());
    expect(modules.length).toBeGreaterThanOrEqual(FEWEST_MODULES);
    expect(violations).toEqual([]);
  }, 120_000);

  it('all lie in a part of the house that has a rule', async () => {
    const parts = new Set((await modulesOfSrc()).map((path) => path.split('/')[1]));
    expect([...parts].filter((part) => part === undefined || !PARTS.includes(part))).toEqual([]);
  });
});

describe('the rules about imports', async () => {
  const forbidden: readonly (readonly [path: string, imported: string, rule: string])[] = [
    ['src/lib/up.ts', '../engine/fine.js', 'imports-of-lib'],
    ['src/engine/up.ts', '../flows/ports.js', 'imports-of-engine'],
    ['src/engine/disk.ts', 'node:fs', 'engine-is-pure'],
    ['src/flows/up.ts', '../store/fine.js', 'imports-of-flows'],
    ['src/chat/across.ts', '../store/fine.js', 'imports-of-chat'],
    ['src/store/across.ts', '../jobs/fine.js', 'imports-of-store'],
    ['src/jobs/across.ts', '../entra/fine.js', 'imports-of-jobs'],
    ['src/entra/across.ts', '../vault/fine.js', 'imports-of-entra'],
    ['src/vault/across.ts', '../store/fine.js', 'imports-of-vault'],
    ['src/slack/across.ts', '../teams/fine.js', 'imports-of-slack'],
    ['src/slack/acts.ts', '../flows/fine.js', 'imports-of-slack'],
    ['src/teams/across.ts', '../slack/fine.js', 'imports-of-teams'],
    ['src/teams/decides.ts', '../engine/fine.js', 'engine-by-type-alone'],
    ['src/web/up.ts', '../slack/fine.js', 'imports-of-web'],
    ['src/sandbox/peeks.ts', '../engine/fine.js', 'imports-of-sandbox'],
    ['src/audit-main.ts', './slack/fine.js', 'imports-of-audit-main'],
    ['src/vault-main.ts', './slack/fine.js', 'imports-of-vault-main'],
    ['src/bot.ts', './slack/fine.js', 'imports-of-bot'],
    ['src/config.ts', './store/fine.js', 'config-by-type-alone'],
    ['src/main.ts', './sandbox/fine.js', 'imports-of-main'],
    ['src/teams/database.ts', 'mongodb', 'sdk-of-store'],
    ['src/store/alarm.ts', 'agenda', 'sdk-of-jobs'],
    ['src/flows/graph.ts', '@microsoft/microsoft-graph-client', 'sdk-of-entra'],
    ['src/web/bolt.ts', '@slack/bolt', 'sdk-of-slack'],
    ['src/chat/bot.ts', 'botbuilder', 'sdk-of-teams'],
    ['src/flows/passkey.ts', '@simplewebauthn/server', 'sdk-of-web'],
    ['src/flows/tests.ts', '../../test/fine.js', 'src-stands-alone'],
    ['src/flows/tool.ts', 'vitest', 'no-development-dependencies'],
    ['src/flows/nowhere.ts', './missing.js', 'resolvable'],
    ['src/vault/round.ts', './trip.js', 'no-cycles'],
  ];
  const allowed: readonly (readonly [path: string, line: string])[] = [
    ['src/slack/shape.ts', "import type { fine } from '../engine/fine.js';\nexport type Shape = typeof fine;"],
    ['src/teams/port.ts', "export { fine } from '../flows/ports.js';"],
    ['src/store/database.ts', "export { MongoClient } from 'mongodb';"],
    ['src/web/door.ts', "export { fine } from '../store/fine.js';"],
  ];
  const found = await cruiseSample({
    ...Object.fromEntries(FOLDERS.map((folder) => [`src/${folder}/fine.ts`, 'export const fine = 1;'])),
    'src/flows/ports.ts': 'export const fine = 1;',
    'test/fine.ts': 'export const fine = 1;',
    'src/vault/trip.ts': "import './round.js';",
    ...Object.fromEntries(forbidden.map(([path, imported]) => [path, `import '${imported}';`])),
    ...Object.fromEntries(allowed),
  });

  const against = (path: string): readonly string[] => found.violations.filter((line) => line.startsWith(`${path} ->`));

  it.each(forbidden)('forbid that %s imports %s', (path, _imported, rule) => {
    expect(against(path)).toContainEqual(expect.stringContaining(`(${rule})`));
  });

  it.each(allowed)('allow what %s imports', (path) => {
    expect(found.modules).toContain(path);
    expect(against(path)).toEqual([]);
  });
});

describe('the packages', () => {
  it('are pinned exactly, so that none drifts past the oldest Node', async () => {
    expect(looseVersions(await readJson<Manifest>('package.json'))).toEqual([]);
    expect(looseVersions({ dependencies: { a: '^1.0.0', b: '1.x', c: 'latest', d: '1.2.3' } })).toEqual([
      'a ^1.0.0',
      'b 1.x',
      'c latest',
    ]);
  });

  it('are locked without the address of anybody’s registry', async () => {
    expect(addresses(await readJson<Lock>('package-lock.json'))).toEqual([]);
    expect(addresses({ packages: { 'node_modules/a': { resolved: 'https://registry.test/a.tgz' } } })).toHaveLength(1);
  });
});

describe('the lock file', () => {
  it('holds the binaries of every platform: with one missing, a clean installation is refused everywhere', async () => {
    expect(missingBinaries(await readJson<Lock>('package-lock.json'))).toEqual([]);
    const nested = { 'node_modules/a/node_modules/b': { optionalDependencies: { c: '1.0.0', d: '1.0.0' } } };
    expect(missingBinaries({ packages: { ...nested, 'node_modules/a/node_modules/c': {} } })).toEqual(['d']);
    expect(missingBinaries({ packages: { ...nested, 'node_modules/c': {}, 'node_modules/d': {} } })).toEqual([]);
  });
});

describe('the cards', () => {
  it('exist once for Teams and once for Slack', async () => {
    const cards = await filesBelow('cards');
    const pairs = VIEWS.flatMap((view) => [`cards/${view}.slack.json`, `cards/${view}.teams.json`]);
    expect(cards.toSorted()).toEqual(pairs);
    expect(cardsWithoutTwin(cards)).toEqual([]);
    expect(cardsWithoutTwin(['cards/a.teams.json', 'cards/b.slack.json', 'cards/c.json'])).toHaveLength(3);
  });
});
