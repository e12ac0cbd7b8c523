import { GraphRefusal, notImplemented } from './refusal.js';

/** OData's query options as far as they are spoken here, and the refusal of those that are not. */

export type Row = Readonly<Record<string, unknown>>;

/** What a list of directory objects takes. */
export const LIST_OPTIONS = ['$select', '$filter', '$top', '$count', '$skiptoken'];

const OTHER_OPTIONS = ['$expand', '$orderby', '$search', '$skip', '$apply', '$format', '$deltatoken'];

/** Refuses query options that a resource does not take, before one of them is silently ignored. */
export const checkOptions = (query: URLSearchParams, allowed: readonly string[]): void => {
  for (const name of query.keys()) {
    if (allowed.includes(name)) continue;
    if (LIST_OPTIONS.includes(name) || OTHER_OPTIONS.includes(name))
      throw notImplemented(`the query option '${name}' here`);
    throw new GraphRefusal(400, 'BadRequest', `The query parameter '${name}' is not supported.`);
  }
};

/** The names in $select, each of which must be known; without one, `otherwise`. */
export const readSelect = (
  query: URLSearchParams,
  type: string,
  known: ReadonlySet<string>,
  otherwise: readonly string[] = [...known],
): readonly string[] => {
  const text = query.get('$select');
  if (text === null) return otherwise;
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
