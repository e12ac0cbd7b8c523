import ts from 'typescript';

/** One module of the product: its path from the root of the repository, with `/`, and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** What a rule found, as `path:line what is wrong`. */
export type Violation = string;

export interface SourceRule {
  readonly promise: string;
  readonly check: (source: Source) => readonly Violation[];
  /** A source that breaks the rule, to prove that the rule can fail. */
  readonly broken: Source;
}

const LONGEST_FILE = 300;

const ENVIRONMENT_READERS = new Set([
  'src/main.ts',
  'src/audit-main.ts',
  'src/vault-main.ts',
  'src/config.ts',
  'src/sandbox/main.ts',
  'src/store/engine-main.ts',
  'src/store/engine-child.ts',
]);

const CHANCE = new Set(['randomBytes', 'randomUUID', 'randomInt', 'randomFill', 'randomFillSync', 'getRandomValues']);

const isIn = (folder: string, { path }: Source): boolean => path.startsWith(`src/${folder}/`);

const parse = ({ path, text }: Source): ts.SourceFile => ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);

const nodesOf = (file: ts.SourceFile): readonly ts.Node[] => {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return nodes;
};

const violation = (file: ts.SourceFile, node: ts.Node, what: string): Violation =>
  `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1} ${what}`;

/** Reports each node that `blame` has something to say about. */
const reportNodes = (source: Source, blame: (node: ts.Node) => string | undefined): readonly Violation[] => {
  const file = parse(source);
  return nodesOf(file).flatMap((node) => {
    const what = blame(node);
    return what === undefined ? [] : [violation(file, node, what)];
  });
};

const isMember = (node: ts.Node, owner: string, name: string): boolean =>
  ts.isPropertyAccessExpression(node) &&
  node.name.text === name &&
  ts.isIdentifier(node.expression) &&
  node.expression.text === owner;

const isNamed = (node: ts.Node, name: string): boolean => ts.isIdentifier(node) && node.text === name;

const readsTheTime = (node: ts.Node): boolean =>
  isMember(node, 'Date', 'now') ||
  isMember(node, 'performance', 'now') ||
  (ts.isNewExpression(node) && isNamed(node.expression, 'Date') && (node.arguments?.length ?? 0) === 0) ||
  (ts.isCallExpression(node) && isNamed(node.expression, 'Date'));

const drawsChance = (node: ts.Node): boolean =>
  isMember(node, 'Math', 'random') || (ts.isIdentifier(node) && CHANCE.has(node.text));

const isEnvironmentImport = (node: ts.Node): boolean =>
  ts.isImportDeclaration(node) &&
  ts.isStringLiteral(node.moduleSpecifier) &&
  /^(node:)?process$/.test(node.moduleSpecifier.text);

const makesBareError = (node: ts.Node): boolean =>
  (ts.isNewExpression(node) || ts.isCallExpression(node)) && isNamed(node.expression, 'Error');

const isReExport = (node: ts.Node): boolean => ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined;

const isBarrel = (source: Source): boolean => {
  const { statements } = parse(source);
  return source.path.endsWith('/index.ts') || (statements.length > 0 && statements.every(isReExport));
};

const timeAndChance: SourceRule = {
  promise: 'only lib reads the time or draws chance',
  check: (source) =>
    isIn('lib', source)
      ? []
      : reportNodes(source, (node) => {
          if (readsTheTime(node)) return 'reads the time: take a Clock';
          return drawsChance(node) ? 'draws chance: take a Random' : undefined;
        }),
  broken: { path: 'src/flows/bad.ts', text: 'export const at = () => new Date();' },
};

const environment: SourceRule = {
  promise: 'only the entry points and config see the environment',
  check: (source) =>
    ENVIRONMENT_READERS.has(source.path)
      ? []
      : reportNodes(source, (node) =>
          isMember(node, 'process', 'env') || isEnvironmentImport(node)
            ? 'sees the environment: take what it needs from Config'
            : undefined,
        ),
  broken: { path: 'src/slack/bad.ts', text: 'export const token = process.env.SLACK_BOT_TOKEN;' },
};

const namedErrors: SourceRule = {
  promise: 'every error made outside the sandbox has a name',
  check: (source) =>
    isIn('sandbox', source)
      ? []
      : reportNodes(source, (node) =>
          makesBareError(node) ? 'makes a bare Error: use a named error class' : undefined,
        ),
  broken: { path: 'src/entra/bad.ts', text: "export const fail = () => { throw new Error('no'); };" },
};

const noBarrels: SourceRule = {
  promise: 'no module merely passes others on',
  check: (source) => (isBarrel(source) ? [`${source.path}:1 is a barrel: import from the module itself`] : []),
  broken: { path: 'src/chat/everything.ts', text: "export { a } from './a.js';\nexport * from './b.js';" },
};

const shortFiles: SourceRule = {
  promise: `no file is longer than ${LONGEST_FILE} lines`,
  check: ({ path, text }) => {
    const lines = text.trimEnd().split('\n').length;
    return lines > LONGEST_FILE ? [`${path}:${LONGEST_FILE} has ${lines} lines, more than ${LONGEST_FILE}`] : [];
  },
  broken: { path: 'src/web/bad.ts', text: 'export {};\n'.repeat(LONGEST_FILE + 1) },
};

const synchronousEngine: SourceRule = {
  promise: 'the engine decides at once, without waiting for anything',
  check: (source) =>
    isIn('engine', source)
      ? reportNodes(source, (node) =>
          ts.isAwaitExpression(node) || node.kind === ts.SyntaxKind.AsyncKeyword
            ? 'waits: leave input and output to the flows'
            : undefined,
        )
      : [],
  broken: { path: 'src/engine/bad.ts', text: 'export const decide = async () => 1;' },
};

export const SOURCE_RULES: readonly SourceRule[] = [
  timeAndChance,
  environment,
  namedErrors,
  noBarrels,
  shortFiles,
  synchronousEngine,
];
