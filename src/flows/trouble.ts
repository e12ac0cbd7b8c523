import type { DirectoryFault } from '../engine/faults.js';

const CLAUSES: Readonly<Record<DirectoryFault['code'], string>> = {
  'directory.throttled': 'Graph is throttling',
  'directory.unavailable': 'Graph does not answer',
  'directory.unclear': 'the directory does not show it yet',
  'directory.forbidden': 'Graph answers that Latchkey lacks the right',
  'directory.consent': "the tenant's consent is missing",
  'directory.credential': "Latchkey's own credential is refused",
  'directory.name-taken': 'another user already has that name',
  'directory.not-found': 'Graph does not find the user or role',
  'directory.rejected': 'Graph rejects the change',
  'directory.malformed': 'Graph answers with something unreadable',
  'directory.internal': "something went wrong on Latchkey's own side",
};

/** What convergence ran into, as one plain clause that fits behind a colon. */
export const troubleClause = (fault: DirectoryFault): string => CLAUSES[fault.code];
