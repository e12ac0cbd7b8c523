import type { DirectoryGroup, ExpirationAction, Role } from './access.js';
import type { OrganizationId, TenantId } from './ids.js';

/** A national cloud of Microsoft's. */
export type Cloud = 'global' | 'usgov' | 'usdod' | 'china';

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
  /** No access lasts longer, whatever rules say. */
  readonly longestDurationMs?: number;
  /** The roles that may be asked for, whatever rules say; absent: any. */
  readonly roles?: readonly Role[];
  /** The groups that may be asked for, whatever rules say; absent: any. */
  readonly groups?: readonly DirectoryGroup[];
  /** How accounts are named, with `{person}` in it; absent: `jit-{person}`. */
  readonly namePattern?: string;
  /** The end of a request that names none; absent: `disable`. */
  readonly atEnd?: ExpirationAction;
  /** Whether access passes are given, and whether for one sign-in or many; absent: none are. */
  readonly accessPass?: 'once' | 'many';
  /** Absent: the cloud of the server's own app. */
  readonly cloud?: Cloud;
  /** Who connected it: the administrator of the tenant who consented, as they signed in, and when. */
  readonly authorised?: { readonly name: string; readonly upn: string; readonly at: Date };
  /** It is being disconnected: nothing new may be asked for there. */
  readonly leaving?: { readonly by: string; readonly at: Date };
}
