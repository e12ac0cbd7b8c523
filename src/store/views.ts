/** Looks at break-glass passwords, from the question to the other passwords that follow them. */
import { type Collection, type Db, type Filter, ObjectId } from 'mongodb';
import { z } from 'zod';
import type { BreakGlassView, ViewMessage, ViewState, ViewUse } from '../engine/break-glass-view.js';
import type { ViewId } from '../engine/ids.js';
import type { ViewStore } from '../flows/ports/vaults.js';
import { BOUNDED, insertUnlessTaken, openCollection } from './collection.js';
import { readerOf, wordOf, type FieldsOf } from './document.js';
import { retrying } from './retry.js';
import {
  addressSchema,
  breakGlassIdSchema,
  organizationIdSchema,
  personIdSchema,
  platformSchema,
  quorumSchema,
  ruleIdSchema,
  tenantIdSchema,
  verdictSchema,
  viewIdSchema,
} from './values.js';

interface ViewDocument {
  readonly _id: ViewId;
  /** Counts changes. */
  readonly version: number;
  /** Drawn anew with each change, so that a writer whose answer got lost can tell whether it was the one. */
  readonly stamp: string;
  readonly view: BreakGlassView;
}

const viewSchema = z.strictObject({
  id: viewIdSchema,
  tenant: tenantIdSchema,
  tenantName: z.string(),
  organization: organizationIdSchema.exactOptional(),
  accounts: z.array(breakGlassIdSchema),
  requester: personIdSchema,
  requesterName: z.string(),
  askedOn: platformSchema,
  reason: z.string(),
  emergency: z.boolean(),
  accessPass: z.boolean(),
  state: wordOf<ViewState>({
    pending: true,
    approved: true,
    open: true,
    over: true,
    denied: true,
    lapsed: true,
    cancelled: true,
  }),
  rules: z.array(z.strictObject({ id: ruleIdSchema, name: z.string() })),
  quorums: z.array(quorumSchema),
  asked: z.array(z.strictObject({ id: personIdSchema, name: z.string() })),
  approvals: z.array(verdictSchema),
  denials: z.array(verdictSchema),
  createdAt: z.date(),
  lapsesAt: z.date(),
  lastsMs: z.number(),
  messages: z.array(
    z.strictObject({
      key: z.string(),
      address: addressSchema,
      message: z.string(),
      shown: z.string(),
    } satisfies FieldsOf<ViewMessage>),
  ),
  uses: z
    .array(z.strictObject({ id: z.string(), at: z.date(), says: z.string() } satisfies FieldsOf<ViewUse>))
    .exactOptional(),
  dueAt: z.date().exactOptional(),
  approvedAt: z.date().exactOptional(),
  shownAt: z.date().exactOptional(),
  overAt: z.date().exactOptional(),
} satisfies FieldsOf<BreakGlassView>);

const viewDocument = z.strictObject({
  _id: viewIdSchema,
  version: z.int(),
  stamp: z.string(),
  view: viewSchema,
} satisfies FieldsOf<ViewDocument>);

const readView = readerOf<ViewDocument>('views', viewDocument);

const readViewId = readerOf('views', z.object({ _id: viewIdSchema }));

const FIRST_VERSION = 1;

export const createViewStore = (db: Db): ViewStore => {
  const views = openCollection<ViewDocument>(db, 'views');
  return {
    insert: (view) => insertUnlessTaken(views, { _id: view.id, version: FIRST_VERSION, stamp: drawStamp(), view }),
    load: async (id) => {
      const found = await retrying(() => views.findOne({ _id: id }, BOUNDED));
      if (found === null) return undefined;
      const { view, version } = readView(found);
      return { view, version };
    },
    save: (next, version) => save(views, next, version),
    list: async ({ tenant, states, requesters, askedOf, organizations }, limit) => {
      const filter: Filter<ViewDocument> = {
        ...(tenant === undefined ? {} : { 'view.tenant': tenant }),
        ...(states === undefined ? {} : { 'view.state': { $in: states } }),
        ...(requesters === undefined ? {} : { 'view.requester': { $in: requesters } }),
        ...(askedOf === undefined ? {} : { 'view.asked.id': { $in: askedOf } }),
        ...(organizations === undefined ? {} : { 'view.organization': { $in: organizations } }),
      };
      const found = await retrying(() =>
        views.find(filter, BOUNDED).sort({ 'view.createdAt': -1 }).limit(limit).toArray(),
      );
      return found.map((one) => readView(one).view);
    },
    due: async (now, limit) => {
      const options = { ...BOUNDED, projection: { _id: 1 } };
      const found = await retrying(() =>
        views
          .find({ 'view.dueAt': { $lte: now } }, options)
          .sort({ 'view.dueAt': 1 })
          .limit(limit)
          .toArray(),
      );
      return found.map((one) => readViewId(one)._id);
    },
  };
};

const save = async (views: Collection<ViewDocument>, view: BreakGlassView, version: number): Promise<boolean> => {
  const next = { version: version + 1, stamp: drawStamp(), view };
  return await retrying(async (attempt) => {
    if ((await views.replaceOne({ _id: view.id, version }, next, BOUNDED)).matchedCount === 1) return true;
    // After a lost answer, whoever was first may have been this very call.
    return attempt > 1 && (await views.countDocuments({ _id: view.id, stamp: next.stamp }, BOUNDED)) === 1;
  });
};

const drawStamp = (): string => new ObjectId().toHexString();
