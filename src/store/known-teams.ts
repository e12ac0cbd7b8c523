/** The Teams teams that the bot is, or was, in. */
import type { Db } from 'mongodb';
import { z } from 'zod';
import type { KnownTeam, KnownTeamStore } from '../flows/ports/known-teams.js';
import { BOUNDED, openCollection } from './collection.js';
import { readerOf, type FieldsOf } from './document.js';
import { isDuplicate, retrying } from './retry.js';

/** One document of `teams`. */
type TeamDocument = Omit<KnownTeam, 'team'> & { readonly _id: string };

const readTeam = readerOf<TeamDocument>(
  'teams',
  z.strictObject({
    _id: z.string(),
    name: z.string(),
    directoryGroup: z.string().exactOptional(),
  } satisfies FieldsOf<TeamDocument>),
);

export const createKnownTeamStore = (db: Db): KnownTeamStore => {
  const teams = openCollection<TeamDocument>(db, 'teams');
  return {
    remember: async ({ team, ...known }) => {
      const upsert = () =>
        retrying(() => teams.updateOne({ _id: team }, { $set: known }, { ...BOUNDED, upsert: true }));
      // Two upserts of one team can both decide to insert; the one that is refused updates the other's.
      await upsert().catch((thrown: unknown) => {
        if (!isDuplicate(thrown)) throw thrown;
        return upsert();
      });
    },
    all: async () =>
      await retrying(async () => {
        const found = await teams.find({}, BOUNDED).sort({ _id: 1 }).toArray();
        return found.map((document) => {
          const { _id, ...known } = readTeam(document);
          return { team: _id, ...known };
        });
      }),
  };
};
