import type { IdentityKey, ViewId } from '../engine/ids.js';
import type { Address } from '../engine/person.js';
import type { AccessRequest } from '../engine/request.js';
import type { Clock } from '../lib/clock.js';
import type { Log } from '../lib/log.js';
import type { Random } from '../lib/random.js';
import type { Deliverer } from './deliverer.js';
import type { Directory, LinkStore, PersonStore, RequestStore, Vault } from './ports.js';
import type { AccountStore } from './ports/accounts.js';
import type { ConfigStore } from './ports/config.js';
import type { AnnouncementStore } from './ports/announcements.js';
import type { AuditLog, HeadSigner } from './ports/audit.js';
import type { DrillStore, WatchStore } from './ports/break-glass-watch.js';
import type { BreakGlassDirectory, BreakGlassStore, RecipientSealer, VaultCopies } from './ports/break-glass.js';
import type { CheckupStore } from './ports/checkups.js';
import type { ChoreStore } from './ports/chores.js';
import type { DirectorySearch } from './ports/directory-search.js';
import type { ConsentStore } from './ports/consents.js';
import type { IdentityStore } from './ports/identities.js';
import type { KeptUsers } from './ports/kept-users.js';
import type { Inspector } from './ports/inspection.js';
import type { PageLinkStore } from './ports/page-links.js';
import type { SavedRequest } from './ports/saved.js';
import type { PasskeyStore } from './ports/passkeys.js';
import type { Rosters, Standings } from './ports/rosters.js';
import type { LoginAuthority } from './ports/sign-in.js';
import type { DirectorySurvey } from './ports/survey.js';
import type { AppTrial, TenantAppStore } from './ports/tenant-apps.js';
import type { VaultStore, ViewStore } from './ports/vaults.js';

/** Everything any flow needs. Each flow asks for its own part of it by `Pick`. */
export interface FlowDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly requests: RequestStore;
  readonly accounts: AccountStore;
  readonly people: PersonStore;
  readonly identities: IdentityStore;
  readonly config: ConfigStore;
  readonly tenantApps: TenantAppStore;
  readonly appTrial: AppTrial;
  readonly consents: ConsentStore;
  readonly login: LoginAuthority;
  readonly links: LinkStore;
  readonly pageLinks: PageLinkStore;
  readonly passkeys: PasskeyStore;
  readonly audit: AuditLog;
  readonly signer: HeadSigner;
  readonly directory: Directory;
  readonly search: DirectorySearch;
  readonly survey: DirectorySurvey;
  readonly keptUsers: KeptUsers;
  readonly rosters: Rosters;
  readonly standings: Standings;
  readonly chores: ChoreStore;
  readonly checkups: CheckupStore;
  readonly announcements: AnnouncementStore;
  readonly inspector: Inspector;
  readonly vault: Vault;
  readonly breakGlass: BreakGlassStore;
  readonly breakGlassDirectory: BreakGlassDirectory;
  readonly vaults: VaultStore;
  readonly views: ViewStore;
  readonly watches: WatchStore;
  readonly drills: DrillStore;
  readonly sealer: RecipientSealer;
  readonly copies: VaultCopies;
  readonly settings: Settings;
  /** Waits; tests let their own clock pass instead. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly deliverer: Deliverer;
  /** Has whatever a saved request now needs done soon, in the background: its next step, its wake-up, its effects. */
  readonly nudge: (request: AccessRequest, saved?: SavedRequest) => void;
  /** Has everybody told soon, in the background, of what a look at break-glass passwords has become. */
  readonly nudgeLook: (view: ViewId) => void;
}

export interface Settings {
  /** The first owners, who may do everything. */
  readonly owners: readonly IdentityKey[];
  /** Where approval cards also go. */
  readonly approvalChannels: readonly Address[];
  /** How browsers reach this process: an address without a slash at its end. */
  readonly publicUrl: string;
  /** A file that the platform keeps filled with a token of its own, for workload identity federation. */
  readonly tokenFile?: string;
}
