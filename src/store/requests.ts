/** Requests, each with the effects it still owes and the messages that show it, in one document. */
import { type Collection, type Db, type Filter, ObjectId, type Sort } from 'mongodb';
import type { AccountId, RequestId, TenantId } from '../engine/ids.js';
import type { AccessRequest, RequestState } from '../engine/request.js';
import { dueAt } from '../engine/due.js';
import type {
  DeliveryRight,
  DueRequest,
  Effect,
  QueuedEffect,
  RequestFilter,
  RequestStore,
  StoredRequest,
} from '../flows/ports.js';
import { batching } from '../lib/batching.js';
import { BOUNDED, insertUnlessTaken, openCollection } from './collection.js';
import { createDeliveries, mayDeliver } from './deliveries.js';
import { openClaims, openUpdates, readerById } from './grouped.js';
import { readDue, readRequest, type RequestDocument, toStored } from './request-document.js';
import { retrying } from './retry.js';

const FIRST_VERSION = 1;

export const createRequestStore = (db: Db): RequestStore => {
  const requests = openCollection<RequestDocument>(db, 'requests');
  const load = readerById(requests, (found) => toStored(readRequest(found)));
  const readByAccount = readerByAccount(requests);
  const change = openUpdates(requests);
  const claim = openClaims(requests);
  return {
    ...createDeliveries(requests),
    insert: (request, effects, ledger) =>
      insertUnlessTaken(requests, {
        _id: request.id,
        version: FIRST_VERSION,
        stamps: [drawStamp()],
        request,
        dueAt: dueAt(request) ?? null,
        deliverAt: null,
        outbox: queued(request.id, FIRST_VERSION, effects),
        ledger,
      }),
    load,
    save: (next, version, effects) => save(change, next, version, effects),
    saveToDeliver: (next, version, effects, right) => saveToDeliver(claim, next, version, effects, right),
    due: (now, limit, except = []) => due(requests, now, limit, except),
    byAccount: async (account, states) => {
      const found = (await readByAccount({ account, states })) ?? [];
      return found.map((document) => toStored(readRequest(document)));
    },
    list: (filter, limit) => list(requests, filter, limit),
  };
};

const save = async (
  change: ReturnType<typeof openUpdates<RequestDocument>>,
  next: AccessRequest,
  version: number,
  effects: readonly Effect[],
): Promise<boolean> => {
  const stamp = drawStamp();
  return await change(
    { id: next.id, where: { version }, change: changeTo(next, version, effects, stamp) },
    { _id: next.id, stamps: stamp },
  );
};

const saveToDeliver = async (
  claim: ReturnType<typeof openClaims<RequestDocument>>,
  next: AccessRequest,
  version: number,
  effects: readonly Effect[],
  right: DeliveryRight,
): Promise<StoredRequest | undefined> => {
  const stamp = drawStamp();
  const { $set, ...rest } = changeTo(next, version, effects, stamp);
  const { token, until } = right;
  const saved = await claim({
    id: next.id,
    where: { version, $and: mayDeliver(right) },
    change: { ...rest, $set: { ...$set, delivery: { token, until } } },
    isOurs: ({ stamps }) => stamps.includes(stamp),
  });
  return saved === undefined ? undefined : toStored(readRequest(saved));
};

const changeTo = (next: AccessRequest, version: number, effects: readonly Effect[], stamp: string) => ({
  $set: { request: next, dueAt: dueAt(next) ?? null },
  $inc: { version: 1 },
  $push: {
    outbox: { $each: queued(next.id, version + 1, effects) },
    stamps: { $each: [stamp], $slice: -STAMPS_KEPT },
  },
});

/** Enough to find one's own among them although others have written since. */
const STAMPS_KEPT = 8;

const due = async (
  requests: Collection<RequestDocument>,
  now: Date,
  limit: number,
  except: readonly TenantId[],
): Promise<readonly DueRequest[]> =>
  await retrying(async () => {
    const filter: Filter<RequestDocument> = {
      dueAt: { $lte: now },
      ...(except.length === 0 ? {} : { 'request.tenant': { $nin: except } }),
    };
    const found = requests.find(filter, { ...BOUNDED, projection: { _id: 1, 'request.tenant': 1 } });
    const documents = await found.sort({ dueAt: 1 }).limit(limit).toArray();
    return documents.map(readDue).map(({ _id, request }) => ({ id: _id, tenant: request.tenant }));
  });

interface OfAccount {
  readonly account: AccountId;
  readonly states: readonly RequestState[];
}

/** Of several accounts at a time, the oldest of each first. */
const readerByAccount = (requests: Collection<RequestDocument>) =>
  batching(async (asked: readonly OfAccount[]) => {
    const accounts = [...new Set(asked.map(({ account }) => account))];
    const states = [...new Set(asked.flatMap((one) => one.states))];
    const filter = { 'request.account': { $in: accounts }, 'request.state': { $in: states } };
    const found = await retrying(() => requests.find(filter, BOUNDED).sort({ 'request.createdAt': 1 }).toArray());
    const isAsked =
      (one: OfAccount) =>
      ({ request: { account, state } }: RequestDocument): boolean =>
        account === one.account && one.states.includes(state);
    return new Map(asked.map((one) => [one, found.filter(isAsked(one))]));
  });

const list = async (
  requests: Collection<RequestDocument>,
  { requesters, askedOf, organizations, states, tenant, tenants, unconfirmed, longestEndingFirst }: RequestFilter,
  limit: number,
): Promise<readonly AccessRequest[]> => {
  const filter: Filter<RequestDocument> = {
    ...(requesters === undefined ? {} : { 'request.requester': { $in: requesters } }),
    ...(askedOf === undefined ? {} : { 'request.asked.id': { $in: askedOf } }),
    ...(organizations === undefined ? {} : { 'request.organization': { $in: organizations } }),
    ...(states === undefined ? {} : { 'request.state': { $in: states } }),
    ...(tenant === undefined ? {} : { 'request.tenant': tenant }),
    ...(tenants === undefined ? {} : { 'request.tenant': { $in: tenants } }),
    ...(unconfirmed === undefined ? {} : { 'request.unconfirmed.at': { $exists: true } }),
  };
  const order: Sort = longestEndingFirst === true ? { 'request.closingSince': 1 } : { 'request.createdAt': -1 };
  return await retrying(async () => {
    const found = await requests
      .find(filter, BOUNDED)
      .sort({ ...order })
      .limit(limit)
      .toArray();
    return found.map((document) => readRequest(document).request);
  });
};

const drawStamp = (): string => new ObjectId().toHexString();

const queued = (id: RequestId, version: number, effects: readonly Effect[]): QueuedEffect[] =>
  effects.map((effect, index) => ({ id: `${id}:${version}:${index}`, effect }));
