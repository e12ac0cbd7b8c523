import { type Collection, type Db, MongoNetworkError } from 'mongodb';

type Operation =
  | 'insertOne'
  | 'insertMany'
  | 'updateOne'
  | 'bulkWrite'
  | 'replaceOne'
  | 'findOneAndUpdate'
  | 'findOneAndDelete'
  | 'deleteOne';

/** A database whose first `operation` is carried out, but whose answer is lost with the connection. */
export const losingOneAnswer = (db: Db, operation: Operation): Db => {
  let lost = false;
  const wrap = (collection: Collection): Collection =>
    new Proxy(collection, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== 'function') return member;
        if (key !== operation) return member.bind(target);
        return async (...args: unknown[]): Promise<unknown> => {
          const answer: unknown = await member.apply(target, args);
          if (lost) return answer;
          lost = true;
          throw new MongoNetworkError('connection closed before the answer came');
        };
      },
    });
  return new Proxy(db, {
    get: (target, key) =>
      key === 'collection'
        ? (...args: Parameters<Db['collection']>) => wrap(target.collection(...args))
        : (Reflect.get(target, key) as unknown),
  });
};
