import type { Db, IndexDescription } from 'mongodb';

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
  ],
  accounts: [{ key: { 'account.tenant': 1, 'account.upn': 1 }, unique: true }],
  people: [{ key: { into: 1 } }],
  identities: [{ key: { person: 1 } }, { key: { nameKey: 1 } }, { key: { emailKey: 1 }, sparse: true }],
  tenants: [{ key: { directoryId: 1 }, unique: true }],
  groups: [{ key: { nameKey: 1 }, unique: true }, { key: { members: 1 } }],
  rules: [{ key: { subjects: 1 } }],
  links: [{ key: { expiresAt: 1 } }],
  pageLinks: [{ key: { expiresAt: 1 } }],
  passkeys: [{ key: { person: 1 } }],
  audit: [{ key: { at: -1 } }, { key: { request: 1, at: -1 }, sparse: true }],
};

/** Creates what is missing; at every start. */
export const ensureIndexes = async (db: Db): Promise<void> => {
  await Promise.all(
    Object.entries(INDEXES).map(([collection, indexes]) => db.collection(collection).createIndexes([...indexes])),
  );
};
