import type { Db, IndexDescription } from 'mongodb';
import { retrying } from './retry.js';

/** A name is unique in its organization. */
const SHELF: readonly IndexDescription[] = [
  { key: { organizationKey: 1, nameKey: 1 }, unique: true },
  { key: { nameKey: 1 } },
  { key: { uses: 1 } },
];

/** Every question that the stores ask of a collection, beyond those by id. */
const INDEXES: Readonly<Record<string, readonly IndexDescription[]>> = {
  requests: [
    { key: { dueAt: 1 } },
    // Of documents that owe nothing it holds a single empty key: its cost follows what is owed, not what is stored.
    { key: { 'outbox.id': 1 } },
    { key: { 'request.account': 1, 'request.state': 1 } },
    { key: { 'request.createdAt': -1 } },
    { key: { 'request.requester': 1, 'request.createdAt': -1 } },
    { key: { 'request.state': 1, 'request.createdAt': -1 } },
    { key: { 'request.tenant': 1, 'request.createdAt': -1 } },
    { key: { 'request.asked.id': 1, 'request.createdAt': -1 } },
    { key: { 'request.organization': 1, 'request.createdAt': -1 } },
    { key: { 'request.unconfirmed.at': -1 }, sparse: true },
  ],
  accounts: [
    { key: { 'account.tenant': 1, 'account.upn': 1 }, unique: true },
    { key: { 'account.tenant': 1, _id: 1 } },
    { key: { 'account.owed': 1 }, sparse: true },
    { key: { 'account.upn': 1 } },
    { key: { 'account.lastUsedAt': -1, _id: 1 } },
  ],
  people: [{ key: { into: 1 } }],
  identities: [{ key: { person: 1 } }, { key: { nameKey: 1 } }, { key: { emailKey: 1 }, sparse: true }],
  organizations: SHELF,
  tenants: [{ key: { 'item.directoryId': 1 }, unique: true }, { key: { nameKey: 1 } }, { key: { uses: 1 } }],
  groups: SHELF,
  rules: [...SHELF, { key: { keys: 1 } }],
  templates: SHELF,
  links: [{ key: { expiresAt: 1 } }],
  pageLinks: [{ key: { expiresAt: 1 } }],
  consents: [{ key: { expiresAt: 1 } }],
  passkeys: [{ key: { person: 1 } }],
  breakGlass: [{ key: { dueAt: 1 } }, { key: { 'account.tenant': 1, _id: 1 } }],
  vaultKeys: [{ key: { recipient: 1 }, unique: true }, { key: { vault: 1, enrolledAt: 1 } }],
  views: [
    { key: { 'view.dueAt': 1 } },
    { key: { 'view.createdAt': -1 } },
    { key: { 'view.tenant': 1, 'view.createdAt': -1 } },
    { key: { 'view.state': 1, 'view.createdAt': -1 } },
  ],
  audit: [
    // Sparse: what is not a line has no such id.
    { key: { id: 1 }, unique: true, sparse: true },
    { key: { 'event.at': -1 } },
    { key: { 'event.request': 1, _id: -1 } },
    { key: { 'event.by': 1, _id: -1 } },
    { key: { 'event.about': 1, _id: -1 } },
    { key: { 'event.organization': 1, _id: -1 } },
  ],
};

/** Creates what is missing; at every start. On a busy machine a new database takes longer than one answer may. */
export const ensureIndexes = async (db: Db): Promise<void> => {
  await Promise.all(
    Object.entries(INDEXES).map(([collection, indexes]) =>
      retrying(() => db.collection(collection).createIndexes([...indexes])),
    ),
  );
};
