import { MINUTE, type Clock } from '../lib/clock.js';

/**
 * Rows that remember their last ten minutes, so that a read can be answered as of a moment ago, the way a lagging
 * replica answers. Values are never changed in place: a change is a `set` of a new value.
 */
export interface Table<T> {
  /** The row now, or as it stood at `at` (epoch milliseconds). */
  get(id: string, at?: number): T | undefined;
  /** Every row, in order of first appearance. */
  all(at?: number): T[];
  /** The rows whose index key is `key`. */
  withKey(key: string, at?: number): T[];
  set(id: string, value: T): void;
  delete(id: string): void;
}

interface Version<T> {
  readonly at: number;
  readonly value: T | undefined;
}

interface TableOptions<T> {
  readonly clock: Clock;
  /** What `withKey` finds a row by. */
  readonly keyOf?: (value: T) => string;
  /** Rows that come and go by themselves are there only while this holds. Default: always. */
  readonly isThere?: (value: T, at: number) => boolean;
}

const REMEMBERED_MS = 10 * MINUTE;
const WRITES_BETWEEN_SWEEPS = 4_096;

export const createTable = <T>({ clock, keyOf = () => '', isThere = () => true }: TableOptions<T>): Table<T> => {
  const current = new Map<string, T>();
  const history = new Map<string, Version<T>[]>();
  // Holds every id that ever had the key: readers check the row itself, so one index serves every moment in time.
  const idsByKey = new Map<string, Set<string>>();
  let writes = 0;

  const valueAt = (id: string, at: number): T | undefined =>
    history.get(id)?.findLast((version) => version.at <= at)?.value;

  const sweep = (before: number): void => {
    for (const [id, versions] of history) {
      const last = versions.at(-1);
      if (last !== undefined && last.value === undefined && last.at < before) history.delete(id);
    }
    for (const [key, ids] of idsByKey) {
      for (const id of ids) if (!history.has(id)) ids.delete(id);
      if (ids.size === 0) idsByKey.delete(key);
    }
  };

  const record = (id: string, value: T | undefined): void => {
    const now = clock.now().getTime();
    const versions = history.get(id) ?? [];
    const firstKept = versions.findLastIndex((version) => version.at <= now - REMEMBERED_MS);
    history.set(id, [...(firstKept > 0 ? versions.slice(firstKept) : versions), { at: now, value }]);
    writes += 1;
    if (writes % WRITES_BETWEEN_SWEEPS === 0) sweep(now - REMEMBERED_MS);
  };

  const get = (id: string, at?: number): T | undefined => {
    const value = at === undefined ? current.get(id) : valueAt(id, at);
    return value !== undefined && isThere(value, at ?? clock.now().getTime()) ? value : undefined;
  };
  const present = (value: T | undefined): value is T => value !== undefined;

  return {
    get,
    all: (at) => [...(at === undefined ? current : history).keys()].map((id) => get(id, at)).filter(present),
    withKey: (key, at) =>
      [...(idsByKey.get(key) ?? [])]
        .map((id) => get(id, at))
        .filter((value) => present(value) && keyOf(value) === key) as T[],
    set: (id, value) => {
      current.set(id, value);
      record(id, value);
      const key = keyOf(value);
      const ids = idsByKey.get(key) ?? new Set();
      idsByKey.set(key, ids.add(id));
    },
    delete: (id) => {
      if (current.delete(id)) record(id, undefined);
    },
  };
};
