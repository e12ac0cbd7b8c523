import type { GraphCall } from './graph-call.js';
import type { Row } from './odata.js';
import { GraphRefusal, unsupportedQuery } from './refusal.js';

/** $search: `"property:text"`, several joined by AND and OR, which Graph answers from an index that it calls eventual. */

type Test = (row: Row) => boolean;

const CLAUSE = /\s*"(\w+):((?:[^"\\]|\\.)*)"\s*/y;
const OPERATOR = /(AND|OR)\b/y;

/** Compiles $search; without one, everything passes. Only `searchable` properties are looked into. */
export const readSearch = (call: GraphCall, searchable: ReadonlySet<string>): Test => {
  const text = call.query.get('$search');
  if (text === null) return () => true;
  if (!call.isEventual)
    throw unsupportedQuery(
      "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
    );
  // AND binds closer than OR: alternatives, each of which is a list of clauses.
  const alternatives: Test[][] = [[]];
  let position = 0;
  for (;;) {
    const clause = matchAt(CLAUSE, text, position);
    if (clause === null) throw syntaxError(text);
    alternatives.at(-1)?.push(clauseTest(clause[1] ?? '', clause[2] ?? '', searchable));
    position += clause[0].length;
    if (position === text.length) break;
    const operator = matchAt(OPERATOR, text, position);
    if (operator === null) throw syntaxError(text);
    if (operator[1] === 'OR') alternatives.push([]);
    position += operator[0].length;
  }
  return (row) => alternatives.some((tests) => tests.every((test) => test(row)));
};

const matchAt = (pattern: RegExp, text: string, position: number): RegExpExecArray | null => {
  const sticky = new RegExp(pattern);
  sticky.lastIndex = position;
  return sticky.exec(text);
};

const TOKENIZED = new Set(['displayName', 'description']);

const words = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');

const textIn = (row: Readonly<Record<string, unknown>>, name: string): string => {
  const value = row[name];
  return typeof value === 'string' ? value : '';
};

const clauseTest = (name: string, escaped: string, searchable: ReadonlySet<string>): Test => {
  if (!searchable.has(name))
    throw unsupportedQuery(`Property '${name}' is not supported in a $search clause of this resource.`);
  const wanted = escaped.replaceAll(/\\(.)/g, '$1');
  if (!TOKENIZED.has(name)) return (row) => textIn(row, name).toLowerCase().startsWith(wanted.toLowerCase());
  const needed = words(wanted);
  return (row) => {
    const present = words(textIn(row, name));
    return needed.every((word) => present.some((each) => each.startsWith(word)));
  };
};

const syntaxError = (text: string): GraphRefusal =>
  new GraphRefusal(400, 'BadRequest', `Syntax error: the search clause ${text} is not of the form "property:text".`);
