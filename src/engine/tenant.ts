import type { OrganizationId, TenantId } from './ids.js';

/** A connected Entra ID tenant. */
export interface Tenant {
  readonly id: TenantId;
  /** What technicians see. */
  readonly name: string;
  /** Whose tenant it is; absent: the owners'. */
  readonly organization?: OrganizationId;
  /** The tenant's GUID. */
  readonly directoryId: string;
  /** The verified, managed domain under which accounts are made. */
  readonly domain: string;
  readonly defaultDurationMs: number;
}
