/** Everything Latchkey remembers, in MongoDB: one collection a file, every write a single document's. */
import type { Db } from 'mongodb';
import type { AccountStore, LinkStore, PersonStore, RequestStore } from '../flows/ports.js';
import type { AuditLog } from '../flows/ports/audit.js';
import type { ChoreStore } from '../flows/ports/chores.js';
import type { IdentityStore } from '../flows/ports/identities.js';
import type { PageLinkStore } from '../flows/ports/page-links.js';
import type { PasskeyStore } from '../flows/ports/passkeys.js';
import type { ConfigStore } from '../flows/ports/config.js';
import { createAccountStore } from './accounts.js';
import { createAuditLog } from './audit.js';
import { createChoreStore } from './chores.js';
import { createConfigStore } from './config.js';
import { createIdentityStore } from './identities.js';
import { createLinkStore } from './links.js';
import { createPageLinkStore } from './page-links.js';
import { createPasskeyStore } from './passkeys.js';
import { createPersonStore } from './people.js';
import { createRequestStore } from './requests.js';

export interface Stores {
  readonly requests: RequestStore;
  readonly accounts: AccountStore;
  readonly people: PersonStore;
  readonly identities: IdentityStore;
  readonly chores: ChoreStore;
  readonly config: ConfigStore;
  readonly links: LinkStore;
  readonly pageLinks: PageLinkStore;
  readonly passkeys: PasskeyStore;
  readonly audit: AuditLog;
}

/** `db` has its indexes already (`ensureIndexes`): uniqueness rests on them. */
export const createStores = (db: Db): Stores => ({
  requests: createRequestStore(db),
  accounts: createAccountStore(db),
  people: createPersonStore(db),
  identities: createIdentityStore(db),
  chores: createChoreStore(db),
  config: createConfigStore(db),
  links: createLinkStore(db),
  pageLinks: createPageLinkStore(db),
  passkeys: createPasskeyStore(db),
  audit: createAuditLog(db),
});
