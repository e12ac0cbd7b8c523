/** Everything Latchkey remembers, in MongoDB: one collection a file, every write a single document's. */
import type { Db } from 'mongodb';
import type { LinkStore, PersonStore, RequestStore } from '../flows/ports.js';
import type { AccountStore } from '../flows/ports/accounts.js';
import type { AnnouncementStore } from '../flows/ports/announcements.js';
import type { AuditLog } from '../flows/ports/audit.js';
import type { DrillStore, WatchStore } from '../flows/ports/break-glass-watch.js';
import type { BreakGlassStore } from '../flows/ports/break-glass.js';
import type { CheckupStore } from '../flows/ports/checkups.js';
import type { ChoreStore } from '../flows/ports/chores.js';
import type { ConsentStore } from '../flows/ports/consents.js';
import type { IdentityStore } from '../flows/ports/identities.js';
import type { KeptUsers } from '../flows/ports/kept-users.js';
import type { PageLinkStore } from '../flows/ports/page-links.js';
import type { PasskeyStore } from '../flows/ports/passkeys.js';
import type { ConfigStore } from '../flows/ports/config.js';
import type { TenantAppStore } from '../flows/ports/tenant-apps.js';
import type { VaultStore, ViewStore } from '../flows/ports/vaults.js';
import { createAccountStore } from './accounts.js';
import { createAnnouncementStore } from './announcements.js';
import { createAuditLog } from './audit.js';
import { createBreakGlassStore } from './break-glass.js';
import { createCheckupStore } from './checkups.js';
import { createChoreStore } from './chores.js';
import { createConfigStore } from './config.js';
import { createConsentStore } from './consents.js';
import { createDrillStore } from './drills.js';
import { createIdentityStore } from './identities.js';
import { createKeptUsers } from './kept-users.js';
import { createLinkStore } from './links.js';
import { createPageLinkStore } from './page-links.js';
import { createPasskeyStore } from './passkeys.js';
import { createPersonStore } from './people.js';
import { createRequestStore } from './requests.js';
import { createTenantAppStore } from './tenant-apps.js';
import { createVaultStore } from './vaults.js';
import { createViewStore } from './views.js';
import { createWatchStore } from './watches.js';

export interface Stores {
  readonly requests: RequestStore;
  readonly accounts: AccountStore;
  readonly keptUsers: KeptUsers;
  readonly people: PersonStore;
  readonly identities: IdentityStore;
  readonly checkups: CheckupStore;
  readonly chores: ChoreStore;
  readonly config: ConfigStore;
  readonly links: LinkStore;
  readonly pageLinks: PageLinkStore;
  readonly passkeys: PasskeyStore;
  readonly consents: ConsentStore;
  readonly tenantApps: TenantAppStore;
  readonly announcements: AnnouncementStore;
  readonly audit: AuditLog;
  readonly breakGlass: BreakGlassStore;
  readonly vaults: VaultStore;
  readonly views: ViewStore;
  readonly watches: WatchStore;
  readonly drills: DrillStore;
}

/** `db` has its indexes already (`ensureIndexes`): uniqueness rests on them. */
export const createStores = (db: Db): Stores => ({
  requests: createRequestStore(db),
  accounts: createAccountStore(db),
  keptUsers: createKeptUsers(db),
  people: createPersonStore(db),
  identities: createIdentityStore(db),
  checkups: createCheckupStore(db),
  chores: createChoreStore(db),
  config: createConfigStore(db),
  links: createLinkStore(db),
  pageLinks: createPageLinkStore(db),
  passkeys: createPasskeyStore(db),
  consents: createConsentStore(db),
  tenantApps: createTenantAppStore(db),
  announcements: createAnnouncementStore(db),
  audit: createAuditLog(db),
  breakGlass: createBreakGlassStore(db),
  vaults: createVaultStore(db),
  views: createViewStore(db),
  watches: createWatchStore(db),
  drills: createDrillStore(db),
});
