import type { DirectoryFault, RosterFault } from '../engine/faults.js';

const CLAUSES: Readonly<Record<DirectoryFault['code'], string>> = {
  'directory.throttled': 'Graph is throttling',
  'directory.unavailable': 'Graph does not answer',
  'directory.unclear': 'the directory does not show it yet',
  'directory.too-soon': 'Entra keeps a role for five minutes once it is given',
  'directory.forbidden': 'Graph answers that Latchkey lacks the right',
  'directory.consent': "the tenant's consent is missing",
  'directory.credential': "Latchkey's own credential is refused",
  'directory.name-taken': 'another user already has that name',
  'directory.not-found': 'Graph does not find the user, role or group',
  'directory.rejected': 'Graph rejects the change',
  'directory.malformed': 'Graph answers with something unreadable',
  'directory.licence': 'the tenant lacks the licence for it',
  'directory.no-pass': "the tenant's policy gives this user no access pass",
  'directory.quota': 'the tenant holds as many objects as it may',
  'directory.internal': "something went wrong on Latchkey's own side",
};

/** What convergence ran into, as one plain clause that fits behind a colon. */
export const troubleClause = (fault: DirectoryFault): string => CLAUSES[fault.code];

const PLATFORM = { slack: 'Slack', teams: 'Teams' } as const;

/** Why a list of people elsewhere cannot be read, as one plain clause. */
export const rosterClause = (fault: RosterFault): string => {
  switch (fault.code) {
    case 'roster.unknown':
      return `the ${fault.what} is gone`;
    case 'roster.ambiguous':
      return 'its name means several';
    case 'roster.no-platform':
      return `${PLATFORM[fault.platform]} is not set up here`;
    case 'roster.not-in-team':
      return 'Latchkey is not in that team';
    case 'roster.foreign-directory':
      return 'the people of that tenant do not speak to Latchkey in Teams';
    case 'roster.forbidden':
      return `${PLATFORM[fault.platform]} does not let Latchkey read it${fault.scope === undefined ? '' : `: ${fault.scope} is missing`}`;
    case 'roster.unavailable':
      return `${PLATFORM[fault.platform]} does not answer`;
    default:
      return troubleClause(fault);
  }
};
