/** App registrations that tenants have of their own, one document a tenant. Their secrets come sealed. */
import type { Db } from 'mongodb';
import { z } from 'zod';
import type { OwnApp, TenantAppStore } from '../flows/ports/tenant-apps.js';
import { BOUNDED, insertUnlessTaken, openCollection, removeOne } from './collection.js';
import { cloudSchema } from './config-document.js';
import { readerOf, wordOf, type FieldsOf } from './document.js';
import { retrying } from './retry.js';

type OwnAppDocument = Omit<OwnApp, 'directoryId'> & { readonly _id: string };

const ownAppDocument = z.strictObject({
  _id: z.string(),
  clientId: z.string(),
  cloud: cloudSchema,
  kind: wordOf<OwnApp['kind']>({ secret: true, certificate: true, federated: true }),
  sealed: z.string().exactOptional(),
  expiresAt: z.date().exactOptional(),
  changedAt: z.date(),
} satisfies FieldsOf<OwnAppDocument>);

const readDocument = readerOf<OwnAppDocument>('tenantApps', ownAppDocument);

const appIn = (document: unknown): OwnApp => {
  const { _id, ...app } = readDocument(document);
  return { directoryId: _id, ...app };
};

export const createTenantAppStore = (db: Db): TenantAppStore => {
  const apps = openCollection<OwnAppDocument>(db, 'tenantApps');
  return {
    of: async (directoryId) => {
      const found = await retrying(() => apps.findOne({ _id: directoryId }, BOUNDED));
      return found === null ? undefined : appIn(found);
    },
    put: async ({ directoryId, ...app }) => {
      await retrying(() => apps.replaceOne({ _id: directoryId }, app, { ...BOUNDED, upsert: true }));
    },
    putIfAbsent: ({ directoryId, ...app }) => insertUnlessTaken(apps, { _id: directoryId, ...app }),
    remove: async (directoryId, only) => {
      if (only === undefined) return removeOne(apps, directoryId);
      const { clientId, changedAt } = only;
      return (await apps.deleteOne({ _id: directoryId, clientId, changedAt }, BOUNDED)).deletedCount === 1;
    },
    all: async () => (await retrying(() => apps.find({}, BOUNDED).sort({ _id: 1 }).toArray())).map(appIn),
  };
};
