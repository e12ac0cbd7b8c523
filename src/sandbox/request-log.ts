import type { Clock } from '../lib/clock.js';

/** What was asked of Graph and of the login authority, so that a test can count round trips. */

export interface LoggedItem {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly status: number;
}

export interface LoggedRequest {
  readonly number: number;
  readonly at: string;
  readonly service: 'graph' | 'login';
  readonly method: string;
  readonly path: string;
  readonly tenant: string | null;
  /** What the caller got; 0: no answer, the connection was cut. Null while it is being answered. */
  readonly status: number | null;
  /** Which faults had a hand in it. */
  readonly faults: readonly string[];
  /** What a `$batch` held. */
  readonly items?: readonly LoggedItem[];
}

export type LogEntry = { -readonly [Key in keyof LoggedRequest]: LoggedRequest[Key] };

export interface RequestLog {
  /** Starts an entry, which the server completes as it learns more. */
  open(request: Pick<LoggedRequest, 'service' | 'method' | 'path'>): LogEntry;
  /** Entries with a number above `number`, oldest first. */
  since(number: number): readonly LoggedRequest[];
  /** How often each path was asked for that the sandbox does not know. */
  unknownPaths(): Readonly<Record<string, number>>;
  countUnknown(path: string): void;
  clear(): void;
}

const KEPT = 50_000;

export const createRequestLog = (clock: Clock): RequestLog => {
  let entries: LogEntry[] = [];
  let unknown = new Map<string, number>();
  let lastNumber = 0;

  return {
    open: (request) => {
      lastNumber += 1;
      const entry: LogEntry = {
        ...request,
        number: lastNumber,
        at: clock.now().toISOString(),
        tenant: null,
        status: null,
        faults: [],
      };
      entries.push(entry);
      if (entries.length > 2 * KEPT) entries = entries.slice(-KEPT);
      return entry;
    },
    since: (number) => entries.filter((entry) => entry.number > number),
    unknownPaths: () => Object.fromEntries(unknown),
    countUnknown: (path) => unknown.set(path, (unknown.get(path) ?? 0) + 1),
    // Numbers go on counting, so that `since` keeps its meaning for whoever remembers one.
    clear: () => {
      entries = [];
      unknown = new Map();
    },
  };
};
