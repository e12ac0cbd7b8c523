/** Pieces of addresses of lists: what is typed goes into them as text and nothing else. */

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

export const isGuid = (text: string): boolean => GUID.test(text);

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export const equals = (property: string, text: string): string => `${property} eq ${quoted(text)}`;

export const beginsWith = (property: string, text: string): string => `startswith(${property},${quoted(text)})`;

/** `list`: a path that has a query already. */
export const filtered = (list: string, filter: string): string => `${list}&$filter=${encodeURIComponent(filter)}`;
