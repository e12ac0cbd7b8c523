import type { Db } from 'mongodb';
import { eventually } from '../../demo/eventually.js';

/** Waits until nothing waits to be told and no bot is at work on a request or an account. */
export const settled = async (db: Db): Promise<void> => {
  await eventually(
    'everything to be told and done',
    async () => {
      const untold = { $or: [{ 'outbox.0': { $exists: true } }, { delivery: { $exists: true } }] };
      const counts = await Promise.all([
        db.collection('requests').countDocuments(untold),
        db.collection('accounts').countDocuments({ lease: { $exists: true } }),
      ]);
      return counts.every((count) => count === 0) ? true : undefined;
    },
    20_000,
  );
};
