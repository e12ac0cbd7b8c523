/** Everything Latchkey remembers, in MongoDB: one collection a file, every write a single document's. */
import type { Db } from 'mongodb';
import type { AccountStore, ConfigStore, LinkStore, PersonStore, RequestStore } from '../flows/ports.js';
import type { AuditLog } from '../flows/ports/audit.js';
import type { PageLinkStore } from '../flows/ports/page-links.js';
import type { PasskeyStore } from '../flows/ports/passkeys.js';
import { createAccountStore } from './accounts.js';
import { createAuditLog } from './audit.js';
import { createConfigStore } from './config.js';
import { createLinkStore } from './links.js';
import { createPageLinkStore } from './page-links.js';
import { createPasskeyStore } from './passkeys.js';
import { createPersonStore } from './people.js';
import { createRequestStore } from './requests.js';

export interface Stores {
  readonly requests: RequestStore;
  readonly accounts: AccountStore;
  readonly people: PersonStore;
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
  config: createConfigStore(db),
  links: createLinkStore(db),
  pageLinks: createPageLinkStore(db),
  passkeys: createPasskeyStore(db),
  audit: createAuditLog(db),
});
