/** Who does recurring work, and when next: one document a chore. */
import type { Collection, Db } from 'mongodb';
import type { ChoreStore } from '../flows/ports/chores.js';
import { addMs } from '../lib/clock.js';
import { BOUNDED, insertUnlessTaken, openCollection } from './collection.js';
import { retrying } from './retry.js';

/** One document of `chores`. Nobody reads it: every question is asked by changing it. */
interface ChoreDocument {
  readonly _id: string;
  readonly nextAt: Date;
  /** Until then whoever claimed it has the sole right to do it. */
  readonly leasedUntil: Date;
  /** When that right was given: it names the holder, who cannot give back the right of a successor. */
  readonly claimedAt: Date;
}

export const createChoreStore = (db: Db): ChoreStore => {
  const chores = openCollection<ChoreDocument>(db, 'chores');
  const change = async (name: string, claimedAt: Date, to: Partial<ChoreDocument>): Promise<boolean> =>
    (await retrying(() => chores.updateOne({ _id: name, claimedAt }, { $set: to }, BOUNDED))).matchedCount === 1;
  return {
    claim: (name, now, everyMs, leaseMs) =>
      claim(chores, { _id: name, nextAt: addMs(now, everyMs), leasedUntil: addMs(now, leaseMs), claimedAt: now }),
    prolong: (name, claimedAt, until) => change(name, claimedAt, { leasedUntil: until }),
    done: async (name, claimedAt, next) => {
      await change(name, claimedAt, { leasedUntil: claimedAt, ...(next === undefined ? {} : { nextAt: next }) });
    },
  };
};

// Not tried again after a lost answer: whoever cannot tell whether it has the right does not have it.
const claim = async (chores: Collection<ChoreDocument>, wanted: ChoreDocument): Promise<boolean> => {
  const { _id, claimedAt: now, ...until } = wanted;
  const free = { _id, nextAt: { $lte: now }, leasedUntil: { $lte: now } };
  const taken = await chores.findOneAndUpdate(free, { $set: { ...until, claimedAt: now } }, BOUNDED);
  if (taken !== null) return true;
  const isKnown = (await retrying(() => chores.findOne({ _id }, BOUNDED))) !== null;
  return !isKnown && (await insertUnlessTaken(chores, wanted));
};
