import type { Db } from 'mongodb';

const LONG_AGO = new Date(0);

/**
 * Lets every right to an account, a break-glass account, a chore or an outbox run out at once. Only for a process that
 * knows it is alone with its database, at its start: whoever held them is dead, and their work need not wait for the clock.
 */
export const releaseClaimsOfTheDead = async (db: Db): Promise<void> => {
  for (const leased of ['accounts', 'breakGlass']) {
    await db.collection(leased).updateMany({ lease: { $exists: true } }, { $set: { 'lease.until': LONG_AGO } });
  }
  await db.collection('chores').updateMany({}, { $set: { leasedUntil: LONG_AGO } });
  await db.collection('requests').updateMany({ delivery: { $exists: true } }, { $set: { 'delivery.until': LONG_AGO } });
};
