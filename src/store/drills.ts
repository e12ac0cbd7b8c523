/** Drills that were begun and not confirmed yet: one document a tenant. */
import type { Db } from 'mongodb';
import { z } from 'zod';
import type { TenantId } from '../engine/ids.js';
import type { Drill, DrillStore } from '../flows/ports/break-glass-watch.js';
import { BOUNDED, openCollection } from './collection.js';
import { readerOf, type FieldsOf } from './document.js';
import { retrying } from './retry.js';
import { personIdSchema, tenantIdSchema } from './values.js';

interface DrillDocument extends Drill {
  readonly _id: TenantId;
}

const readDrill = readerOf<DrillDocument>(
  'drills',
  z.strictObject({
    _id: tenantIdSchema,
    tenant: tenantIdSchema,
    by: personIdSchema,
    begunAt: z.date(),
  } satisfies FieldsOf<DrillDocument>),
);

export const createDrillStore = (db: Db): DrillStore => {
  const drills = openCollection<DrillDocument>(db, 'drills');
  return {
    of: async (tenant) => {
      const found = await retrying(() => drills.findOne({ _id: tenant }, BOUNDED));
      if (found === null) return undefined;
      const { _id, ...drill } = readDrill(found);
      return drill;
    },
    begin: async (drill) => {
      await retrying(() => drills.replaceOne({ _id: drill.tenant }, drill, { ...BOUNDED, upsert: true }));
    },
    // Not repeated after a lost answer: a second attempt could not tell whether the first one ended it.
    end: async ({ tenant, begunAt }) => (await drills.deleteOne({ _id: tenant, begunAt }, BOUNDED)).deletedCount === 1,
    forget: async (tenant) => void (await retrying(() => drills.deleteOne({ _id: tenant }, BOUNDED))),
  };
};
