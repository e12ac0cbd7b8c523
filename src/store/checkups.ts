/** What the last look at each tenant found, and which tenants cannot be worked in. */
import type { Db } from 'mongodb';
import { z } from 'zod';
import type { TenantId } from '../engine/ids.js';
import type { Powers } from '../engine/powers.js';
import type { Finding } from '../engine/finding.js';
import type { Checkup, CheckupStore, Pause } from '../flows/ports/checkups.js';
import { BOUNDED, insertUnlessTaken, openCollection } from './collection.js';
import { readerOf, wordOf, type FieldsOf } from './document.js';
import { readerById } from './grouped.js';
import { retrying } from './retry.js';
import { tenantIdSchema } from './values.js';

interface CheckupDocument extends Checkup {
  readonly _id: TenantId;
}

interface PauseDocument extends Pause {
  readonly _id: TenantId;
}

const finding = z.strictObject({
  check: z.string(),
  state: wordOf<Finding['state']>({ ok: true, warning: true, missing: true, unknown: true }),
  says: z.string(),
  fix: z.string().exactOptional(),
} satisfies FieldsOf<Finding>);

const readCheckup = readerOf<CheckupDocument>(
  'checkups',
  z.strictObject({
    _id: tenantIdSchema,
    tenant: tenantIdSchema,
    at: z.date(),
    findings: z.array(finding),
    powers: z.strictObject({ changesHolders: z.boolean(), schedules: z.boolean() } satisfies FieldsOf<Powers>),
  } satisfies FieldsOf<CheckupDocument>),
);

const readPause = readerOf<PauseDocument>(
  'pauses',
  z.strictObject({
    _id: tenantIdSchema,
    tenant: tenantIdSchema,
    since: z.date(),
    code: z.string(),
    clause: z.string(),
    toldAt: z.date().exactOptional(),
    told: z.int(),
    resumedAt: z.date().exactOptional(),
  } satisfies FieldsOf<PauseDocument>),
);

const withoutId = <T extends { readonly _id: TenantId }>({ _id, ...rest }: T): Omit<T, '_id'> => rest;

export const createCheckupStore = (db: Db): CheckupStore => {
  const checkups = openCollection<CheckupDocument>(db, 'checkups');
  const pauses = openCollection<PauseDocument>(db, 'pauses');
  const checkupById = readerById(checkups, (found) => withoutId(readCheckup(found)));
  const pauseById = readerById(pauses, (found) => withoutId(readPause(found)));
  return {
    of: checkupById,
    ofTenants: async (tenants) =>
      await retrying(async () => {
        const found = await checkups.find({ _id: { $in: [...tenants] } }, BOUNDED).toArray();
        return found.map((one) => withoutId(readCheckup(one)));
      }),
    dates: async () =>
      await retrying(async () => {
        const found = checkups.find({}, { ...BOUNDED, projection: { at: 1 } });
        return new Map((await found.toArray()).map(({ _id, at }) => [_id, at]));
      }),
    save: async (checkup, before) => {
      const { tenant: _id } = checkup;
      await retrying(() =>
        before === undefined
          ? checkups.replaceOne({ _id }, checkup, { ...BOUNDED, upsert: true })
          : checkups.replaceOne({ _id, at: before }, checkup, BOUNDED),
      );
    },
    pauseOf: pauseById,
    pauses: async () =>
      await retrying(async () =>
        (await pauses.find({}, BOUNDED).sort({ since: 1 }).toArray()).map((found) => withoutId(readPause(found))),
      ),
    pause: (pause) => insertUnlessTaken(pauses, { _id: pause.tenant, ...pause }),
    // Not retried after a lost answer: better said twice by the next look than not at all.
    told: async (tenant, times, toldAt) => {
      const change = { $set: { told: times, toldAt } };
      return (await pauses.updateOne({ _id: tenant, told: times - 1 }, change, BOUNDED)).matchedCount === 1;
    },
    resumed: async (tenant, resumedAt) => {
      const paused = { _id: tenant, resumedAt: { $exists: false } };
      return (await pauses.updateOne(paused, { $set: { resumedAt } }, BOUNDED)).matchedCount === 1;
    },
    endPause: async (tenant) => void (await retrying(() => pauses.deleteOne({ _id: tenant }, BOUNDED))),
    forget: async (tenant) => {
      await retrying(() => checkups.deleteOne({ _id: tenant }, BOUNDED));
      await retrying(() => pauses.deleteOne({ _id: tenant }, BOUNDED));
    },
  };
};
