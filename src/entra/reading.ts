import type { Look } from '../flows/ports.js';
import type { Graph } from './call.js';
import type { GraphAnswer } from './errors.js';
import type { Patience } from './patience.js';

/** What reading a user takes, and what is asked and answered. */

export interface Reading {
  readonly graph: Graph;
  readonly patience: Patience;
  readonly tagAttribute: string;
  readonly look: Look;
}

/** What is read of a user beside the user object; what is not looked for has no path. */
export type AccessPaths = Readonly<Record<'assignments' | 'groups', string>> &
  Readonly<Partial<Record<'passes' | 'schedules', string>>>;

/** The answers to `AccessPaths`. */
export type AccessAnswers = { readonly [Name in keyof AccessPaths]: GraphAnswer };

export type UserAnswers = AccessAnswers & { readonly user: GraphAnswer };

export const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
