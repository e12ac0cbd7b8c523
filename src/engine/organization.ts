import type { OrganizationId, PersonId } from './ids.js';

/** A customer of the MSP, or the company itself; owns tenants. */
export interface Organization {
  readonly id: OrganizationId;
  readonly name: string;
  readonly admins: readonly PersonId[];
}

/** What a person is inside Latchkey, beyond what rules and groups say. */
export interface Standing {
  /** May see and change everything. */
  readonly owner: boolean;
  /** May see everything and change nothing. */
  readonly auditor: boolean;
  /** May see and change these organizations. */
  readonly adminOf: readonly OrganizationId[];
}

export const NO_STANDING: Standing = { owner: false, auditor: false, adminOf: [] };

/** What belongs to no organization belongs to the owners. */
export const mayChange = (standing: Standing, organization: OrganizationId | undefined): boolean =>
  standing.owner || (organization !== undefined && standing.adminOf.includes(organization));

export const maySee = (standing: Standing, organization: OrganizationId | undefined): boolean =>
  standing.auditor || mayChange(standing, organization);

/** Whether there is anything at all that this person may administer. */
export const isAdmin = ({ owner, adminOf }: Standing): boolean => owner || adminOf.length > 0;
