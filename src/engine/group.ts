import type { Follow, FollowTrouble } from './follow.js';
import { groupId } from './ids.js';
import type { GroupId, OrganizationId, PersonId } from './ids.js';
import { idsOf } from './person.js';
import type { Person } from './person.js';

/** A named set of people. */
export interface Group {
  readonly id: GroupId;
  readonly name: string;
  /** Absent: the owners'. */
  readonly organization?: OrganizationId;
  readonly members: readonly PersonId[];
  /** Where the members come from; absent: from the admins' hands. */
  readonly follows?: Follow;
  /** Why what it follows could last not be read. */
  readonly followTrouble?: FollowTrouble;
}

/**
 * The built-in group: the owners, and in an organization its admins, too. It is stored nowhere; whoever loads groups
 * adds it for the tenant at hand.
 */
export const ALL_ADMINS = { id: groupId('all-admins'), name: 'All admins' } as const;

export const isMember = (group: Group, person: Person): boolean =>
  idsOf(person).some((id) => group.members.includes(id));
