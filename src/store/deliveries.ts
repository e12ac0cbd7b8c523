import type { Collection, Filter } from 'mongodb';
import type { RequestId } from '../engine/ids.js';
import type { DeliveryRight, LedgerEntry, RequestStore, StoredRequest } from '../flows/ports.js';
import { BOUNDED } from './collection.js';
import { openClaims } from './grouped.js';
import { readOwed, readRequest, readRequestId, type RequestDocument, toStored } from './request-document.js';
import { retrying } from './retry.js';

type Deliveries = Pick<RequestStore, 'undelivered' | 'claimDelivery' | 'finishDelivery'>;

/** The outbox's side of the request store. None of it touches `version`, so it never disturbs a transition. */
export const createDeliveries = (requests: Collection<RequestDocument>): Deliveries => {
  const claims = openClaims(requests, LOSABLE);
  const finishes = openClaims(requests);
  return {
    undelivered: (now, limit) => undelivered(requests, now, limit),
    claimDelivery: (id, right) => claim(claims, id, right),
    finishDelivery: (id, token, done, ledger, retryAt) => finish(finishes, id, token, done, ledger, retryAt),
  };
};

type Claims = ReturnType<typeof openClaims<RequestDocument>>;

// Any string lies above the empty one: this way of saying "the outbox holds something" is the one that an index answers.
const OWES_EFFECTS: Filter<RequestDocument> = { 'outbox.id': { $gt: '' } };

const mayBeTaken = (now: Date): Filter<RequestDocument>[] => [
  { delivery: { $exists: false } },
  { 'delivery.until': { $lte: now } },
];

const isTimeFor = (now: Date): Filter<RequestDocument> => ({
  $or: [{ deliverAt: null }, { deliverAt: { $lte: now } }],
});

/** Its own token never stands in its way: the answer to an earlier attempt may have been lost. */
export const mayDeliver = ({ token, now }: DeliveryRight): Filter<RequestDocument>[] => [
  { $or: [...mayBeTaken(now), { 'delivery.token': token }] },
  isTimeFor(now),
];

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

const claim = async (claims: Claims, id: RequestId, right: DeliveryRight): Promise<StoredRequest | undefined> => {
  const { token, until } = right;
  const claimed = await claims({
    id,
    where: { $and: [OWES_EFFECTS, ...mayDeliver(right)] },
    change: { $set: { delivery: { token, until } } },
    isOurs: ({ delivery }) => delivery?.token === token,
  });
  return claimed === undefined ? undefined : toStored(readRequest(claimed));
};

const finish = async (
  finishes: Claims,
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
  const change = [
    {
      $set: {
        outbox: without('$outbox', 'id', done),
        ledger: { $concatArrays: [without('$ledger', 'key', keys), { $literal: ledger }] },
        deliverAt: retryAt ?? null,
      },
    },
    { $unset: 'delivery' },
  ];
  // Whoever does not find its own right any more leaves what is owed to the next who look.
  const isFinished = ({ delivery }: RequestDocument): boolean => delivery?.token !== token;
  const after = await finishes({ id, where: { 'delivery.token': token }, change, isOurs: isFinished });
  return after !== undefined && readOwed(after).outbox.length > 0;
};
