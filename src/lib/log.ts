import pino from 'pino';

/** What the program needs of a logger; pino's own shape, narrowed. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};

/** JSON lines on standard output. `level` is one of pino's. */
export const createLog = (level: string): Log =>
  pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });

/** What of a thrown value may be logged: never its own enumerable fields, where SDKs keep requests and tokens. */
export const describeError = (thrown: unknown): { error: string; stack?: string } => {
  if (!(thrown instanceof Error)) return { error: typeof thrown === 'string' ? thrown : `thrown ${typeof thrown}` };
  return thrown.stack === undefined ? { error: thrown.message } : { error: thrown.message, stack: thrown.stack };
};
