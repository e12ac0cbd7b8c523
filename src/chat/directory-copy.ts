import type { DirectoryFault, Fault } from '../engine/faults.js';
import { troubleClause } from '../flows/trouble.js';

/** What is said of a tenant's directory, and what to do about it. */

export const isDirectoryFault = (fault: Fault): fault is DirectoryFault => fault.code in DIRECTORY_NEXT;

const DIRECTORY_NEXT: Readonly<Record<DirectoryFault['code'], string>> = {
  'directory.throttled': 'Try again in a minute.',
  'directory.unavailable': 'Try again in a minute.',
  'directory.unclear': 'Try again in a minute.',
  'directory.too-soon': 'It lets go by itself: try again in five minutes.',
  'directory.forbidden': "Check the app's permissions and its directory role in that tenant.",
  'directory.consent': "Have the tenant's Global Administrator consent to the app first.",
  'directory.credential': "Check ENTRA_CLIENT_ID and the app's secret or certificate.",
  'directory.name-taken': 'Rename or remove that user first.',
  'directory.not-found': 'Check the tenant id.',
  'directory.rejected': 'The log says why.',
  'directory.malformed': 'Is GRAPH_BASE_URL right, or does a proxy answer in its place?',
  'directory.licence': 'It takes Entra ID P2 for time-bound roles and P1 for sign-in logs.',
  'directory.no-pass': 'Enable Temporary Access Pass for the user in that tenant, or ask without one.',
  'directory.quota': 'Purge deleted users there, or have Microsoft raise the quota.',
  'directory.internal': 'Try again; if it stays, tell an admin of Latchkey.',
};

export const directorySentence = (fault: DirectoryFault): string => {
  const clause = troubleClause(fault);
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}. ${DIRECTORY_NEXT[fault.code]}`;
};
