/** Requests, each with the effects it still owes and the messages that show it, in one document. */
import { type Collection, type Db, type Filter, ObjectId, type Sort } from 'mongodb';
import type { AccountId, RequestId, TenantId } from '../engine/ids.js';
import type { AccessRequest, RequestState } from '../engine/request.js';
import { dueAt } from '../engine/due.js';
import type { DueRequest, Effect, QueuedEffect, RequestFilter, RequestStore, StoredRequest } from '../flows/ports.js';
import { BOUNDED, insertUnlessTaken, openCollection } from './collection.js';
import { createDeliveries } from './deliveries.js';
import { readDue, readRequest, type RequestDocument, toStored } from './request-document.js';
import { retrying } from './retry.js';

const FIRST_VERSION = 1;

export const createRequestStore = (db: Db): RequestStore => {
  const requests = openCollection<RequestDocument>(db, 'requests');
  return {
    ...createDeliveries(requests),
    insert: (request, effects, ledger) =>
      insertUnlessTaken(requests, {
        _id: request.id,
        version: FIRST_VERSION,
        stamp: drawStamp(),
        request,
        dueAt: dueAt(request) ?? null,
        deliverAt: null,
        outbox: queued(request.id, FIRST_VERSION, effects),
        ledger,
      }),
    load: (id) => load(requests, id),
    save: (next, version, effects) => save(requests, next, version, effects),
    due: (now, limit, except = []) => due(requests, now, limit, except),
    byAccount: (account, states) => byAccount(requests, account, states),
    list: (filter, limit) => list(requests, filter, limit),
  };
};

const load = async (requests: Collection<RequestDocument>, id: RequestId): Promise<StoredRequest | undefined> =>
  await retrying(async () => {
    const found = await requests.findOne({ _id: id }, BOUNDED);
    return found === null ? undefined : toStored(readRequest(found));
  });

const save = async (
  requests: Collection<RequestDocument>,
  next: AccessRequest,
  version: number,
  effects: readonly Effect[],
): Promise<boolean> => {
  const stamp = drawStamp();
  const outbox = queued(next.id, version + 1, effects);
  return await retrying(async (attempt) => {
    const { matchedCount } = await requests.updateOne(
      { _id: next.id, version },
      {
        $set: { request: next, dueAt: dueAt(next) ?? null, stamp },
        $inc: { version: 1 },
        $push: { outbox: { $each: outbox } },
      },
      BOUNDED,
    );
    if (matchedCount === 1) return true;
    // After a lost answer, whoever was first may have been this very call.
    return attempt > 1 && (await requests.countDocuments({ _id: next.id, stamp }, BOUNDED)) === 1;
  });
};

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

const byAccount = async (
  requests: Collection<RequestDocument>,
  account: AccountId,
  states: readonly RequestState[],
): Promise<readonly StoredRequest[]> =>
  await retrying(async () => {
    const filter = { 'request.account': account, 'request.state': { $in: states } };
    const found = await requests.find(filter, BOUNDED).sort({ 'request.createdAt': 1 }).toArray();
    return found.map((document) => toStored(readRequest(document)));
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
