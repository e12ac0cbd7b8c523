import { LogLevel } from '@slack/bolt';
import type { Logger } from '@slack/bolt';
import type { Log } from '../lib/log.js';

/**
 * Bolt's log in ours. Its debug lines hold whole requests and answers, a revealed credential included: they go nowhere,
 * whatever the level.
 */
export const boltLog = (log: Log): Logger => ({
  debug: () => undefined,
  info: (...said: unknown[]) => log.debug({}, sentence(said)),
  warn: (...said: unknown[]) => log.warn({}, sentence(said)),
  error: (...said: unknown[]) => log.error({}, sentence(said)),
  setLevel: () => undefined,
  getLevel: () => LogLevel.INFO,
  setName: () => undefined,
});

// Of an error only its message: its fields hold requests and tokens.
const sentence = (said: readonly unknown[]): string =>
  `Slack: ${said.map((part) => (part instanceof Error ? part.message : typeof part === 'string' ? part : typeof part)).join(' ')}`;
