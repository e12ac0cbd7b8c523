import { GraphRefusal, notImplemented, unsupportedQuery } from './refusal.js';

/** The part of OData's query language that is spoken here: $select, $filter with eq, in, startsWith, and, or. */

export type Row = Readonly<Record<string, unknown>>;
export type Filter = (row: Row) => boolean;

const SYSTEM_OPTIONS_NOT_SPOKEN = ['$expand', '$orderby', '$search', '$skip', '$apply', '$format', '$deltatoken'];

/** Refuses query options that a resource does not take, before one of them is silently ignored. */
export const checkOptions = (query: URLSearchParams, allowed: readonly string[]): void => {
  for (const name of query.keys()) {
    if (allowed.includes(name)) continue;
    if (
      SYSTEM_OPTIONS_NOT_SPOKEN.includes(name) ||
      ['$select', '$filter', '$top', '$count', '$skiptoken'].includes(name)
    )
      throw notImplemented(`the query option '${name}' here`);
    throw new GraphRefusal(400, 'BadRequest', `The query parameter '${name}' is not supported.`);
  }
};

/** The names in $select, each of which must be known; undefined when there is none. */
export const readSelect = (
  query: URLSearchParams,
  known: ReadonlySet<string>,
  type: string,
): readonly string[] | undefined => {
  const text = query.get('$select');
  if (text === null) return undefined;
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!known.has(name))
      throw new GraphRefusal(
        400,
        'BadRequest',
        `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type '${type}'.`,
      );
  }
  return names;
};

/** The row with only these properties; what it does not have is null. */
export const project = (row: Row, names: readonly string[]): Row =>
  Object.fromEntries(names.map((name) => [name, row[name] ?? null]));

const TOKEN = /\s*(?:('(?:[^']|'')*')|([A-Za-z_][\w/]*)|(-?\d+)|([(),]))/y;

const tokenize = (text: string): string[] => {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (match === null) throw syntaxError(text);
    tokens.push(match[0].trim());
  }
  return tokens;
};

const syntaxError = (text: string): GraphRefusal =>
  new GraphRefusal(400, 'BadRequest', `Invalid filter clause: ${text}`);

const literal = (token: string): string | boolean | null | undefined => {
  if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
  if (token === 'true') return true;
  if (token === 'false') return false;
  if (token === 'null') return null;
  return undefined;
};

// Graph compares the strings of a directory without regard to case.
const same = (left: unknown, right: unknown): boolean =>
  typeof left === 'string' && typeof right === 'string'
    ? left.toLowerCase() === right.toLowerCase()
    : (left ?? null) === right;

const beginsWith = (value: unknown, prefix: unknown): boolean =>
  typeof value === 'string' && value.toLowerCase().startsWith(String(prefix).toLowerCase());

/**
 * Compiles $filter. Properties outside `filterable` and operators that need Graph's advanced queries are refused the way
 * Graph refuses them.
 */
export const readFilter = (query: URLSearchParams, filterable: ReadonlySet<string>): Filter | undefined => {
  const text = query.get('$filter');
  return text === null ? undefined : createFilterParser(text, filterable).parse();
};

const createFilterParser = (text: string, filterable: ReadonlySet<string>): { parse(): Filter } => {
  const tokens = tokenize(text);
  let position = 0;

  const next = (): string => {
    const token = tokens[position++];
    if (token === undefined) throw syntaxError(text);
    return token;
  };
  const accept = (wanted: string): boolean => {
    if (tokens[position]?.toLowerCase() !== wanted) return false;
    position += 1;
    return true;
  };
  const expect = (wanted: string): void => {
    if (!accept(wanted)) throw syntaxError(text);
  };
  const value = (): string | boolean | null => {
    const parsed = literal(next());
    if (parsed === undefined) throw syntaxError(text);
    return parsed;
  };
  const property = (name: string): string => {
    if (!filterable.has(name))
      throw unsupportedQuery(
        `Unsupported or invalid query filter clause specified for property '${name}' of resource.`,
      );
    return name;
  };

  const startsWith = (): Filter => {
    expect('(');
    const name = property(next());
    expect(',');
    const prefix = value();
    expect(')');
    return (row) => beginsWith(row[name], prefix);
  };

  const list = (): (string | boolean | null)[] => {
    expect('(');
    const values = [value()];
    while (accept(',')) values.push(value());
    expect(')');
    return values;
  };

  const comparison = (name: string): Filter => {
    const operator = next().toLowerCase();
    if (operator === 'eq') {
      const wanted = value();
      return (row) => same(row[name], wanted);
    }
    if (operator === 'in') {
      const wanted = list();
      return (row) => wanted.some((each) => same(row[name], each));
    }
    if (['ne', 'not', 'ge', 'gt', 'le', 'lt'].includes(operator))
      throw unsupportedQuery(`The operator '${operator}' needs an advanced query.`);
    throw syntaxError(text);
  };

  const term = (): Filter => {
    if (accept('(')) {
      const inner = either();
      expect(')');
      return inner;
    }
    if (accept('startswith')) return startsWith();
    if (accept('not')) throw unsupportedQuery("The operator 'not' needs an advanced query.");
    if (accept('endswith')) throw unsupportedQuery("The function 'endsWith' needs an advanced query.");
    return comparison(property(next()));
  };

  const both = (): Filter => {
    const terms = [term()];
    while (accept('and')) terms.push(term());
    return (row) => terms.every((each) => each(row));
  };

  const either = (): Filter => {
    const terms = [both()];
    while (accept('or')) terms.push(both());
    return (row) => terms.some((each) => each(row));
  };

  return {
    parse: () => {
      const filter = either();
      if (position < tokens.length) throw syntaxError(text);
      return filter;
    },
  };
};
