import { type BulkWriteResult, type Collection, type Db, MongoBulkWriteError, MongoNetworkError } from 'mongodb';

type Operation =
  | 'insertOne'
  | 'insertMany'
  | 'updateOne'
  | 'bulkWrite'
  | 'replaceOne'
  | 'findOneAndUpdate'
  | 'findOneAndDelete'
  | 'deleteOne';

/** The driver wraps what breaks these. */
const WRAPPED: readonly Operation[] = ['insertMany', 'bulkWrite'];

/** A database whose first `operation` is carried out, but whose answer is lost with the connection. */
export const losingOneAnswer = (db: Db, operation: Operation): Db => losing(db, operation, 'answer');

/** A database that never hears of the first `operation`. */
export const losingOneCall = (db: Db, operation: Operation): Db => losing(db, operation, 'call');

/** A database that carries out each `operation` at once, and answers it only after `until`. */
export const answeringLate = (db: Db, operation: Operation, until: Promise<void>): Db =>
  wrapping(db, operation, async (carryOut) => {
    const answer = await carryOut();
    await until;
    return answer;
  });

const losing = (db: Db, operation: Operation, what: 'call' | 'answer'): Db => {
  let lost = false;
  return wrapping(db, operation, async (carryOut) => {
    const answer: unknown = lost || what === 'answer' ? await carryOut() : undefined;
    if (lost) return answer;
    lost = true;
    const broken = new MongoNetworkError('connection closed before the answer came');
    throw WRAPPED.includes(operation) ? new MongoBulkWriteError(broken, answer as BulkWriteResult) : broken;
  });
};

const wrapping = (
  db: Db,
  operation: Operation,
  perform: (carryOut: () => Promise<unknown>) => Promise<unknown>,
): Db => {
  const wrap = (collection: Collection): Collection =>
    new Proxy(collection, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== 'function') return member;
        if (key !== operation) return member.bind(target);
        return (...args: unknown[]): Promise<unknown> => perform(async () => await member.apply(target, args));
      },
    });
  return new Proxy(db, {
    get: (target, key) =>
      key === 'collection'
        ? (...args: Parameters<Db['collection']>) => wrap(target.collection(...args))
        : (Reflect.get(target, key) as unknown),
  });
};
