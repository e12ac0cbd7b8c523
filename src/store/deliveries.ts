import type { Collection, Filter } from 'mongodb';
import type { RequestId } from '../engine/ids.js';
import type { LedgerEntry, RequestStore, StoredRequest } from '../flows/ports.js';
import { BOUNDED } from './collection.js';
import { readOwed, readRequest, readRequestId, type RequestDocument, toStored } from './request-document.js';
import { retrying } from './retry.js';

type Deliveries = Pick<RequestStore, 'undelivered' | 'claimDelivery' | 'finishDelivery'>;

/** The outbox's side of the request store. None of it touches `version`, so it never disturbs a transition. */
export const createDeliveries = (requests: Collection<RequestDocument>): Deliveries => ({
  undelivered: (now, limit) => undelivered(requests, now, limit),
  claimDelivery: (id, token, now, until) => claim(requests, id, token, now, until),
  finishDelivery: (id, token, done, ledger, retryAt) => finish(requests, id, token, done, ledger, retryAt),
});

// Any string lies above the empty one: this way of saying "the outbox holds something" is the one that an index answers.
const OWES_EFFECTS: Filter<RequestDocument> = { 'outbox.id': { $gt: '' } };

const mayBeTaken = (now: Date): Filter<RequestDocument>[] => [
  { delivery: { $exists: false } },
  { 'delivery.until': { $lte: now } },
];

const isTimeFor = (now: Date): Filter<RequestDocument> => ({
  $or: [{ deliverAt: null }, { deliverAt: { $lte: now } }],
});

// A right that a crash of the server takes back is drawn anew: at worst something is told twice, as after any crash.
const LOSABLE = { writeConcern: { w: 1, journal: false } } as const;

const undelivered = async (
  requests: Collection<RequestDocument>,
  now: Date,
  limit: number,
): Promise<readonly RequestId[]> =>
  await retrying(async () => {
    const filter = { $and: [OWES_EFFECTS, { $or: mayBeTaken(now) }, isTimeFor(now)] };
    const found = await requests
      .find(filter, { ...BOUNDED, projection: { _id: 1 } })
      .limit(limit)
      .toArray();
    return found.map((document) => readRequestId(document)._id);
  });

const claim = async (
  requests: Collection<RequestDocument>,
  id: RequestId,
  token: string,
  now: Date,
  until: Date,
): Promise<StoredRequest | undefined> => {
  // Its own token never stands in its way: the answer to an earlier attempt may have been lost.
  const free = { $or: [...mayBeTaken(now), { 'delivery.token': token }] };
  return await retrying(async () => {
    const claimed = await requests.findOneAndUpdate(
      { $and: [{ _id: id }, OWES_EFFECTS, free, isTimeFor(now)] },
      { $set: { delivery: { token, until } } },
      { ...BOUNDED, ...LOSABLE, returnDocument: 'after' },
    );
    return claimed === null ? undefined : toStored(readRequest(claimed));
  });
};

const finish = async (
  requests: Collection<RequestDocument>,
  id: RequestId,
  token: string,
  done: readonly string[],
  ledger: readonly LedgerEntry[],
  retryAt: Date | undefined,
): Promise<boolean> => {
  const keys = ledger.map(({ key }) => key);
  const without = (array: string, field: string, values: readonly string[]): object => ({
    $filter: { input: array, cond: { $not: [{ $in: [`$$this.${field}`, { $literal: values }] }] } },
  });
  // A pipeline computes both fields from what is stored at that moment, so that effects which join the outbox meanwhile
  // stay. `$literal`: a text that begins with `$` would be read as the name of a field.
  const update = [
    {
      $set: {
        outbox: without('$outbox', 'id', done),
        ledger: { $concatArrays: [without('$ledger', 'key', keys), { $literal: ledger }] },
        deliverAt: retryAt ?? null,
      },
    },
    { $unset: 'delivery' },
  ];
  return await retrying(async () => {
    const after = await requests.findOneAndUpdate({ _id: id, 'delivery.token': token }, update, {
      ...BOUNDED,
      returnDocument: 'after',
      projection: { 'outbox.id': 1 },
    });
    return after !== null && readOwed(after).outbox.length > 0;
  });
};
