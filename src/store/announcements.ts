/** What was announced, one document each. Nobody reads it: every question is asked by changing it. */
import type { Db } from 'mongodb';
import type { AnnouncementStore } from '../flows/ports/announcements.js';
import { BOUNDED, insertUnlessTaken, openCollection } from './collection.js';
import { retrying } from './retry.js';

interface AnnouncementDocument {
  readonly _id: string;
  readonly said: boolean;
  /** Until then whoever claimed it has the sole right to say it. */
  readonly claimedUntil: Date;
}

export const createAnnouncementStore = (db: Db): AnnouncementStore => {
  const announcements = openCollection<AnnouncementDocument>(db, 'announcements');
  return {
    // Not tried again after a lost answer: whoever cannot tell whether it has the right does not have it.
    claim: async (id, now, until) => {
      const free = { _id: id, said: false, claimedUntil: { $lte: now } };
      const taken = await announcements.findOneAndUpdate(free, { $set: { claimedUntil: until } }, BOUNDED);
      if (taken !== null) return true;
      const isKnown = (await retrying(() => announcements.findOne({ _id: id }, BOUNDED))) !== null;
      return !isKnown && (await insertUnlessTaken(announcements, { _id: id, said: false, claimedUntil: until }));
    },
    said: async (id, again) => {
      const now = again === undefined ? { said: true } : { claimedUntil: again };
      await retrying(() => announcements.updateOne({ _id: id }, { $set: now }, BOUNDED));
    },
    release: async (id) => {
      await retrying(() => announcements.deleteOne({ _id: id, said: false }, BOUNDED));
    },
  };
};
