/** How far the use of each tenant's break-glass accounts is known: one document a tenant. */
import type { Collection, Db, Filter } from 'mongodb';
import { z } from 'zod';
import type { TenantId } from '../engine/ids.js';
import type { BegunWatch, Watch, WatchStore, WatchTrouble } from '../flows/ports/break-glass-watch.js';
import { BOUNDED, insertUnlessTaken, openCollection } from './collection.js';
import { readerOf, type FieldsOf } from './document.js';
import { retrying } from './retry.js';
import { breakGlassIdSchema, tenantIdSchema } from './values.js';

interface WatchDocument {
  readonly _id: TenantId;
  /** When the next look is due; while somebody looks, until when it is theirs, which also names their right to it. */
  readonly nextAt: Date;
  readonly watch: Watch;
}

const watchSchema = z.strictObject({
  tenant: tenantIdSchema,
  accounts: z.array(z.strictObject({ id: breakGlassIdSchema, from: z.date() })),
  readTo: z.date().exactOptional(),
  trouble: z
    .strictObject({ code: z.string(), clause: z.string(), since: z.date() } satisfies FieldsOf<WatchTrouble>)
    .exactOptional(),
} satisfies FieldsOf<Watch>);

const readWatch = readerOf<WatchDocument>(
  'watches',
  z.strictObject({ _id: tenantIdSchema, nextAt: z.date(), watch: watchSchema } satisfies FieldsOf<WatchDocument>),
);

const readDate = readerOf('watches', z.object({ _id: tenantIdSchema, nextAt: z.date() }));

export const createWatchStore = (db: Db): WatchStore => {
  const watches = openCollection<WatchDocument>(db, 'watches');
  return {
    of: async (tenant) => {
      const found = await retrying(() => watches.findOne({ _id: tenant }, BOUNDED));
      return found === null ? undefined : readWatch(found).watch;
    },
    dates: async () => {
      const options = { ...BOUNDED, projection: { nextAt: 1 } };
      const found = (await retrying(() => watches.find({}, options).toArray())).map(readDate);
      return new Map(found.map(({ _id, nextAt }) => [_id, nextAt]));
    },
    begin: (tenant, now, ahead) => begin(watches, tenant, now, ahead),
    end: async (watch, { until }, nextAt) => {
      const mine = { _id: watch.tenant, nextAt: until };
      return (await retrying(() => watches.replaceOne(mine, { nextAt, watch }, BOUNDED))).matchedCount === 1;
    },
    forget: async (tenant) => void (await retrying(() => watches.deleteOne({ _id: tenant }, BOUNDED))),
  };
};

// Not tried again after a lost answer: whoever cannot tell whether it has the right does not have it.
const begin = async (
  watches: Collection<WatchDocument>,
  tenant: TenantId,
  now: Date,
  { until, latest }: { readonly until: Date; readonly latest: Date },
): Promise<BegunWatch | undefined> => {
  const due: Filter<WatchDocument> = { _id: tenant, $or: [{ nextAt: { $lte: now } }, { nextAt: { $gt: latest } }] };
  const taken = await watches.findOneAndUpdate(due, { $set: { nextAt: until } }, BOUNDED);
  if (taken !== null) return { watch: readWatch(taken).watch, until };
  if ((await retrying(() => watches.findOne({ _id: tenant }, BOUNDED))) !== null) return undefined;
  const first: Watch = { tenant, accounts: [] };
  const isMine = await insertUnlessTaken(watches, { _id: tenant, nextAt: until, watch: first });
  return isMine ? { watch: first, until } : undefined;
};
