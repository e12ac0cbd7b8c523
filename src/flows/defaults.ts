import { HOUR } from '../lib/clock.js';

/** What an access lasts when nobody says. */
export const DEFAULT_DURATION_MS = 4 * HOUR;
