import type { Row } from './odata.js';
import { GraphRefusal, notImplemented, unsupportedQuery } from './refusal.js';

/**
 * $filter with `eq`, `in`, `startsWith`, `and`, `or` and brackets: what Graph answers without its advanced queries. Logs
 * also know `ge` and `le` of a moment.
 */

export interface Filter {
  readonly test: (row: Row) => boolean;
  /** Texts that every row which passes must have in these properties, in lower case: what an index may be asked for. */
  readonly pins: Readonly<Record<string, string>>;
}

type Literal = string | boolean | null;

/** Where the parser stands in the text. */
interface Cursor {
  readonly text: string;
  readonly tokens: readonly string[];
  readonly filterable: ReadonlySet<string>;
  readonly moments: ReadonlySet<string>;
  position: number;
}

const unpinned = (test: (row: Row) => boolean): Filter => ({ test, pins: {} });

const everything = unpinned(() => true);

const NONE: ReadonlySet<string> = new Set();

/**
 * Compiles $filter; without one, a filter that lets everything pass. Properties outside `filterable` and `moments` are
 * refused; the latter hold dates and are compared alone.
 */
export const readFilter = (
  query: URLSearchParams,
  filterable: ReadonlySet<string>,
  moments: ReadonlySet<string> = NONE,
): Filter => {
  const text = query.get('$filter');
  if (text === null) return everything;
  const cursor: Cursor = { text, tokens: tokenize(text), filterable, moments, position: 0 };
  const filter = disjunction(cursor);
  if (cursor.position < cursor.tokens.length) throw syntaxError(text);
  return filter;
};

const disjunction = (cursor: Cursor): Filter => {
  const first = conjunction(cursor);
  const terms = [first];
  while (accept(cursor, 'or')) terms.push(conjunction(cursor));
  return terms.length === 1 ? first : unpinned((row) => terms.some((each) => each.test(row)));
};

const conjunction = (cursor: Cursor): Filter => {
  const first = term(cursor);
  const terms = [first];
  while (accept(cursor, 'and')) terms.push(term(cursor));
  if (terms.length === 1) return first;
  return {
    test: (row) => terms.every((each) => each.test(row)),
    pins: Object.assign({}, ...terms.map((each) => each.pins)) as Record<string, string>,
  };
};

const ADVANCED = ['not', 'endswith', 'ne', 'ge', 'gt', 'le', 'lt'];

const term = (cursor: Cursor): Filter => {
  if (accept(cursor, '(')) {
    const inner = disjunction(cursor);
    expect(cursor, ')');
    return inner;
  }
  if (accept(cursor, 'startswith')) return startsWith(cursor);
  const name = next(cursor);
  if (ADVANCED.includes(name.toLowerCase())) throw needsAdvancedQuery(name);
  return cursor.moments.has(name) ? momentComparison(cursor, name) : comparison(cursor, property(cursor, name));
};

const momentComparison = (cursor: Cursor, name: string): Filter => {
  const operator = next(cursor).toLowerCase();
  const wanted = Date.parse(next(cursor));
  if (Number.isNaN(wanted)) throw syntaxError(cursor.text);
  const at = (row: Row): number => Date.parse(String(row[name]));
  if (operator === 'ge') return unpinned((row) => at(row) >= wanted);
  if (operator === 'le') return unpinned((row) => at(row) <= wanted);
  if (operator === 'eq') return unpinned((row) => at(row) === wanted);
  throw syntaxError(cursor.text);
};

const startsWith = (cursor: Cursor): Filter => {
  expect(cursor, '(');
  const name = property(cursor, next(cursor));
  expect(cursor, ',');
  const prefix = literal(cursor);
  expect(cursor, ')');
  if (typeof prefix !== 'string') throw syntaxError(cursor.text);
  return unpinned((row) => beginsWith(row[name], prefix));
};

const comparison = (cursor: Cursor, name: string): Filter => {
  const operator = next(cursor).toLowerCase();
  if (operator === 'eq') {
    const wanted = literal(cursor);
    const pins: Record<string, string> = typeof wanted === 'string' ? { [name]: wanted.toLowerCase() } : {};
    return { test: (row) => same(row[name], wanted), pins };
  }
  if (operator === 'in') {
    const wanted = literals(cursor);
    return unpinned((row) => wanted.some((each) => same(row[name], each)));
  }
  throw ADVANCED.includes(operator) ? needsAdvancedQuery(operator) : syntaxError(cursor.text);
};

const property = ({ filterable, text }: Cursor, name: string): string => {
  if (filterable.has(name)) return name;
  if (!/^\w+$/.test(name)) throw notImplemented(`the filter '${text}'`);
  throw unsupportedQuery(`Unsupported or invalid query filter clause specified for property '${name}' of resource.`);
};

const literals = (cursor: Cursor): Literal[] => {
  expect(cursor, '(');
  const values = [literal(cursor)];
  while (accept(cursor, ',')) values.push(literal(cursor));
  expect(cursor, ')');
  return values;
};

const WORDS: Readonly<Record<string, Literal>> = { true: true, false: false, null: null };

const literal = (cursor: Cursor): Literal => {
  const token = next(cursor);
  if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
  const word = WORDS[token];
  if (word === undefined) throw syntaxError(cursor.text);
  return word;
};

// Graph compares the strings of a directory without regard to case.
const same = (left: unknown, right: Literal): boolean =>
  typeof left === 'string' && typeof right === 'string'
    ? left.toLowerCase() === right.toLowerCase()
    : (left ?? null) === right;

const beginsWith = (value: unknown, prefix: string): boolean =>
  typeof value === 'string' && value.toLowerCase().startsWith(prefix.toLowerCase());

const next = (cursor: Cursor): string => {
  const token = cursor.tokens[cursor.position];
  if (token === undefined) throw syntaxError(cursor.text);
  cursor.position += 1;
  return token;
};

const accept = (cursor: Cursor, wanted: string): boolean => {
  const isNext = cursor.tokens[cursor.position]?.toLowerCase() === wanted;
  if (isNext) cursor.position += 1;
  return isNext;
};

const expect = (cursor: Cursor, wanted: string): void => {
  if (!accept(cursor, wanted)) throw syntaxError(cursor.text);
};

const TOKEN = /\s*('(?:[^']|'')*'|[A-Za-z_][\w/]*|\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z)?|[(),])/y;

const tokenize = (text: string): readonly string[] => {
  const tokens: string[] = [];
  const token = new RegExp(TOKEN);
  while (token.lastIndex < text.trimEnd().length) {
    const match = token.exec(text)?.[1];
    if (match === undefined) throw syntaxError(text);
    tokens.push(match);
  }
  return tokens;
};

const syntaxError = (text: string): GraphRefusal =>
  new GraphRefusal(400, 'BadRequest', `Invalid filter clause: ${text}`);

const needsAdvancedQuery = (operator: string): GraphRefusal =>
  unsupportedQuery(`The operator '${operator}' is only supported in advanced queries.`);
