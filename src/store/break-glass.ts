/** Break-glass accounts under an exclusive lease, with every sealed password that may open them. */
import { type Collection, type Db, type Filter, ObjectId } from 'mongodb';
import type { BreakGlassAccount, RotationCause } from '../engine/break-glass.js';
import { tenantId } from '../engine/ids.js';
import type { BreakGlassId, TenantId } from '../engine/ids.js';
import type { BreakGlassStore, LeasedBreakGlass } from '../flows/ports/break-glass.js';
import {
  type BreakGlassDocument,
  joinBreakGlass,
  readBreakGlass,
  readDueBreakGlass,
  splitBreakGlass,
} from './break-glass-document.js';
import { BOUNDED, insertUnlessTaken, openCollection } from './collection.js';
import { openClaims, openUpdates } from './grouped.js';
import { retrying } from './retry.js';

type Accounts = Collection<BreakGlassDocument>;
type Claims = ReturnType<typeof openClaims<BreakGlassDocument>>;
type Updates = ReturnType<typeof openUpdates<BreakGlassDocument>>;

export const createBreakGlassStore = (db: Db): BreakGlassStore => {
  const accounts: Accounts = openCollection<BreakGlassDocument>(db, 'breakGlass');
  const claim = openClaims(accounts);
  const change = openUpdates(accounts);
  const find = async (filter: Filter<BreakGlassDocument>, limit = 0): Promise<readonly BreakGlassAccount[]> =>
    await retrying(async () => {
      const found = await accounts.find(filter, BOUNDED).sort({ _id: 1 }).limit(limit).toArray();
      return found.map((one) => joinBreakGlass(readBreakGlass(one)));
    });
  return {
    insert: (account) => insertUnlessTaken(accounts, documentOf(account)),
    load: async (id) => (await find({ _id: id }))[0],
    ofTenant: (tenant) => find({ 'account.tenant': tenant }),
    tenants: async () => {
      const all = await retrying(() => accounts.distinct('account.tenant', {}, BOUNDED));
      return all.map(tenantId).toSorted();
    },
    all: (after, limit) => find(after === undefined ? {} : { _id: { $gt: after } }, limit),
    due: (now, limit, except) => due(accounts, now, limit, except),
    lease: (id, now, until) => lease(claim, id, now, until),
    update: (account, fence, until) => update(change, account, fence, until),
    release: async (id, fence) => void (await change({ id, where: { fence }, change: { $unset: { lease: true } } })),
    rotateBy: (id, at, cause) => rotateBy(accounts, id, at, cause),
    note: async (id, noted) => {
      if (Object.keys(noted).length === 0) return;
      await retrying(() => accounts.updateOne({ _id: id }, { $set: noted }, BOUNDED));
    },
    forget: (id, fence) => forget(accounts, id, fence),
  };
};

const documentOf = (whole: BreakGlassAccount): BreakGlassDocument => {
  const { account, noted } = splitBreakGlass(whole);
  const { rotateAt } = account;
  return { _id: whole.id, account, ...noted, ...(rotateAt === undefined ? {} : { dueAt: rotateAt }), fence: 0 };
};

const free = (now: Date): Filter<BreakGlassDocument> => ({
  $or: [{ lease: { $exists: false } }, { 'lease.until': { $lte: now } }],
});

const due = async (
  accounts: Accounts,
  now: Date,
  limit: number,
  except: readonly TenantId[],
): Promise<readonly Pick<BreakGlassAccount, 'id' | 'tenant'>[]> =>
  await retrying(async () => {
    const filter: Filter<BreakGlassDocument> = {
      dueAt: { $lte: now },
      ...free(now),
      ...(except.length === 0 ? {} : { 'account.tenant': { $nin: except } }),
    };
    const found = accounts.find(filter, { ...BOUNDED, projection: { _id: 1, 'account.tenant': 1 } });
    const documents = await found.sort({ dueAt: 1 }).limit(limit).toArray();
    return documents.map(readDueBreakGlass).map(({ _id, account }) => ({ id: _id, tenant: account.tenant }));
  });

/** What was asked for by now, or sooner than planned, is the plan from here on: what begins now is what was asked for. */
const lease = async (
  claim: Claims,
  id: BreakGlassId,
  now: Date,
  until: Date,
): Promise<LeasedBreakGlass | undefined> => {
  const holder = new ObjectId().toHexString();
  const isServed = { $and: [isThere('$asked'), { $lte: ['$asked.at', { $max: [now, '$account.rotateAt'] }] }] };
  const plan = { rotateAt: { $min: ['$asked.at', '$account.rotateAt'] }, rotateFor: '$asked.cause' };
  const set = {
    account: { $cond: [isServed, { $mergeObjects: ['$account', plan] }, '$account'] },
    asked: { $cond: [isServed, '$$REMOVE', '$asked'] },
    fence: { $add: ['$fence', 1] },
    lease: { until, holder },
  };
  const held = await claim({
    id,
    where: free(now),
    change: [{ $set: set }],
    isOurs: (document) => document.lease?.holder === holder,
  });
  if (held === undefined) return undefined;
  const document = readBreakGlass(held);
  return { account: joinBreakGlass(document), fence: document.fence };
};

/** What was asked or noted since the holder looked is not the holder's to undo; only a stop drops what was asked. */
const update = async (
  change: Updates,
  next: BreakGlassAccount,
  fence: number,
  until: Date | undefined,
): Promise<boolean> => {
  const { account } = splitBreakGlass(next);
  const { rotateAt } = account;
  const set = {
    account: { $literal: account },
    ...(until === undefined ? { lease: '$$REMOVE' } : { 'lease.until': until }),
    ...(rotateAt === undefined
      ? { asked: '$$REMOVE', dueAt: '$$REMOVE' }
      : { dueAt: { $min: [rotateAt, '$asked.at'] } }),
  };
  const held = { id: next.id, where: { fence, lease: { $exists: true } }, change: [{ $set: set }] };
  // After a lost answer the lease may be gone by this very write: nobody else ends it.
  return await change(held, until === undefined ? { _id: next.id, fence, lease: { $exists: false } } : undefined);
};

const isThere = (field: string) => ({ $ne: [{ $type: field }, 'missing'] });

const rotateBy = async (accounts: Accounts, id: BreakGlassId, at: Date, cause: RotationCause): Promise<boolean> => {
  // What is under way began before this was asked. What is planned for no cause may be about the role alone.
  const isUnderWay = isThere('$lease');
  const isPlanned = {
    $and: [isThere('$account.rotateFor'), { $lte: ['$account.rotateAt', at] }, { $not: isUnderWay }],
  };
  const isAsked = { $and: [isThere('$asked'), { $lte: ['$asked.at', at] }] };
  const change = {
    asked: { $cond: [{ $or: [isPlanned, isAsked] }, '$asked', { $literal: { at, cause } }] },
    dueAt: { $min: ['$dueAt', at] },
  };
  return await retrying(async () => {
    const running = { _id: id, 'account.rotateAt': { $exists: true } };
    return (await accounts.updateOne(running, [{ $set: change }], BOUNDED)).matchedCount === 1;
  });
};

/** After a lost answer nothing is there any more, by our doing or another's; it was ours as long as we held it. */
const forget = async (accounts: Accounts, id: BreakGlassId, fence: number): Promise<boolean> =>
  await retrying(async (attempt) => {
    const { deletedCount } = await accounts.deleteOne({ _id: id, fence, lease: { $exists: true } }, BOUNDED);
    return deletedCount === 1 || (attempt > 1 && (await accounts.countDocuments({ _id: id }, BOUNDED)) === 0);
  });
