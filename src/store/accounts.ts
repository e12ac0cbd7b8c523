/** Managed accounts under an exclusive lease, with the sealed password of each until it is taken. */
import { type Collection, type Db, type Filter, ObjectId } from 'mongodb';
import type { Account } from '../engine/account.js';
import type { AccountId } from '../engine/ids.js';
import type { AccountFilter, AccountPage, AccountStore, Holding, LeasedAccount } from '../flows/ports/accounts.js';
import { type AccountDocument, joinAccount, readAccount, readHolding, splitAccount } from './account-document.js';
import { BOUNDED, insertUnlessTaken, openCollection } from './collection.js';
import { openClaims, openUpdates, readerById } from './grouped.js';
import { isDuplicate, retrying } from './retry.js';

type Claims = ReturnType<typeof openClaims<AccountDocument>>;
type Updates = ReturnType<typeof openUpdates<AccountDocument>>;

export const createAccountStore = (db: Db): AccountStore => {
  const accounts = openCollection<AccountDocument>(db, 'accounts');
  const load = readerById(accounts, (found) => joinAccount(readAccount(found)));
  const holding = readerById(accounts, (found) => toHolding(readHolding(found)));
  const claim = openClaims(accounts);
  const change = openUpdates(accounts);
  return {
    load,
    holding,
    ensure: async (account) => {
      const inserted = await insertUnlessTaken(accounts, { _id: account.id, ...splitAccount(account), fence: 0 });
      return inserted || (await load(account.id)) !== undefined;
    },
    byTenant: async (tenant, after, limit) =>
      await retrying(async () => {
        const from = after === undefined ? {} : { _id: { $gt: after } };
        const cursor = accounts
          .find({ 'account.tenant': tenant, ...from }, BOUNDED)
          .sort({ _id: 1 })
          .limit(limit);
        return (await cursor.toArray()).map((found) => joinAccount(readAccount(found)));
      }),
    ofTenants: async (tenants, limit) =>
      await retrying(async () => {
        const cursor = accounts.find({ 'account.tenant': { $in: [...tenants] } }, BOUNDED).limit(limit + 1);
        const found = await cursor.toArray();
        return found.length > limit ? undefined : found.map((one) => joinAccount(readAccount(one)));
      }),
    list: (filter, page) => list(accounts, filter, page),
    byUpn: async (upn) =>
      await retrying(async () => {
        const names = [...new Set([upn, upn.toLowerCase()])];
        const found = await accounts
          .find({ 'account.upn': { $in: names } }, BOUNDED)
          .limit(MOST_NAMESAKES)
          .toArray();
        return found.map((one) => joinAccount(readAccount(one)));
      }),
    owing: async (now, limit) =>
      await retrying(async () => {
        const free = { $or: [{ lease: { $exists: false } }, { 'lease.until': { $lte: now } }] };
        const cursor = accounts.find({ 'account.owed': { $exists: true }, ...free }, BOUNDED).limit(limit);
        return (await cursor.project<{ _id: AccountId }>({ _id: 1 }).toArray()).map(({ _id }) => _id);
      }),
    forget: async (id, fence) =>
      (await retrying(() => accounts.deleteOne({ _id: id, fence, lease: { $exists: true } }, BOUNDED))).deletedCount ===
      1,
    lease: (id, now, until) => lease(claim, id, now, until),
    update: (account, fence, until) => update(change, account, fence, until),
    rename: (id, fence, upn) => rename(accounts, id, fence, upn),
    release: async (id, fence) => void (await change({ id, where: { fence }, change: { $unset: { lease: true } } })),
    takeSealed: (id, generation) => takeSealed(accounts, id, generation),
    takePass: (id, pass) => takePass(accounts, id, pass),
  };
};

/** A name has its tenant's domain in it, so that hardly ever two tenants know the same. */
const MOST_NAMESAKES = 20;

const list = async (
  accounts: Collection<AccountDocument>,
  { tenants, open, unusedSince }: AccountFilter,
  { skip, limit }: { readonly skip: number; readonly limit: number },
): Promise<AccountPage> => {
  const uses = open === true ? ['lent', 'blind', 'kept'] : unusedSince === undefined ? undefined : ['shut'];
  const where: Filter<AccountDocument> = {
    ...(tenants === undefined ? {} : { 'account.tenant': { $in: [...tenants] } }),
    ...(uses === undefined ? {} : { 'account.credential.use': { $in: uses } }),
    // A user who was there before is somebody's own.
    ...(unusedSince === undefined ? {} : { 'account.lastUsedAt': { $not: { $gt: unusedSince } } }),
  };
  return await retrying(async () => {
    const [items, total] = await Promise.all([
      accounts.find(where, BOUNDED).sort({ 'account.lastUsedAt': -1, _id: 1 }).skip(skip).limit(limit).toArray(),
      accounts.countDocuments(where, BOUNDED),
    ]);
    return { items: items.map((found) => joinAccount(readAccount(found))), total };
  });
};

const lease = async (claim: Claims, id: AccountId, now: Date, until: Date): Promise<LeasedAccount | undefined> => {
  const holder = new ObjectId().toHexString();
  const abandoned = { $ne: [{ $type: '$lease' }, 'missing'] };
  const held = await claim({
    id,
    where: { $or: [{ lease: { $exists: false } }, { 'lease.until': { $lte: now } }] },
    change: [{ $set: { fence: { $add: ['$fence', 1] }, lease: { until, holder, abandoned } } }],
    isOurs: (document) => document.lease?.holder === holder,
  });
  return held === undefined ? undefined : toLeased(readAccount(held));
};

const toHolding = ({ fence, lease: held }: ReturnType<typeof readHolding>): Holding => ({
  fence,
  isHeld: held !== undefined,
});

const toLeased = (document: AccountDocument): LeasedAccount => ({
  account: joinAccount(document),
  fence: document.fence,
  abandoned: document.lease?.abandoned ?? false,
});

/**
 * Sets a sealed secret only together with the generation or the access pass that it belongs to, and drops it with the
 * loan. Of the one that is stored it may have been taken since the holder loaded the account, and what the holder still
 * has of it must not come back.
 */
const update = async (change: Updates, next: Account, fence: number, until: Date): Promise<boolean> => {
  const { account, sealed, sealedPass } = splitAccount(next);
  const sameGeneration = { $eq: ['$account.credential.generation', next.credential.generation] };
  const issued = account.pass?.issued?.id;
  const samePass = { $eq: ['$account.pass.issued.id', { $literal: issued }] };
  const set = {
    account: { $literal: account },
    'lease.until': until,
    sealed: account.credential.use === 'lent' ? { $cond: [sameGeneration, '$sealed', literalOf(sealed)] } : '$$REMOVE',
    sealedPass: issued === undefined ? '$$REMOVE' : { $cond: [samePass, '$sealedPass', literalOf(sealedPass)] },
  };
  return await change({ id: next.id, where: { fence, lease: { $exists: true } }, change: [{ $set: set }] });
};

const rename = async (
  accounts: Collection<AccountDocument>,
  id: AccountId,
  fence: number,
  upn: string,
): Promise<boolean> =>
  await retrying(async () => {
    try {
      const held = { _id: id, fence, lease: { $exists: true } };
      return (await accounts.updateOne(held, { $set: { 'account.upn': upn } }, BOUNDED)).matchedCount === 1;
    } catch (thrown) {
      if (isDuplicate(thrown)) return false;
      throw thrown;
    }
  });

const literalOf = (value: object | undefined) => (value === undefined ? '$$REMOVE' : { $literal: value });

/** Not retried: when the answer is lost the password is lost with it, rather than handed out twice. */
const takeSealed = async (
  accounts: Collection<AccountDocument>,
  id: AccountId,
  generation: number,
): Promise<string | undefined> => {
  const before = await accounts.findOneAndUpdate(
    { _id: id, 'sealed.generation': generation },
    { $unset: { sealed: true } },
    { ...BOUNDED, returnDocument: 'before' },
  );
  return before === null ? undefined : readAccount(before).sealed?.value;
};

/** Not retried, for the same reason. */
const takePass = async (
  accounts: Collection<AccountDocument>,
  id: AccountId,
  pass: string,
): Promise<string | undefined> => {
  const before = await accounts.findOneAndUpdate(
    { _id: id, 'sealedPass.id': pass },
    { $unset: { sealedPass: true } },
    { ...BOUNDED, returnDocument: 'before' },
  );
  return before === null ? undefined : readAccount(before).sealedPass?.value;
};
