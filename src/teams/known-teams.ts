import type { KnownTeam, KnownTeamStore } from '../flows/ports/known-teams.js';
import { describeError, type Log } from '../lib/log.js';
import type { IncomingActivity } from './activity.js';
import type { ServiceUrls } from './service-urls.js';

/** The teams that the bot has heard from. */
export interface KnownTeams {
  /** Notes the team in which something happened, if it names one. */
  seen(activity: IncomingActivity): Promise<void>;
  all(): Promise<readonly KnownTeam[]>;
}

export const createKnownTeams = (store: KnownTeamStore | undefined, serviceUrls: ServiceUrls, log: Log): KnownTeams => {
  const known = new Map<string, KnownTeam>();
  return {
    seen: async (activity) => {
      const team = activity.channelData?.team;
      if (team === undefined || team === null) return;
      await serviceUrls.seen(team.id, activity.serviceUrl);
      const name = team.name ?? '';
      // Only what happens to the team itself tells its name.
      if (name === '' || known.get(team.id)?.name === name) return;
      const noted = { team: team.id, name, ...(team.aadGroupId ? { directoryGroup: team.aadGroupId } : {}) };
      known.set(team.id, noted);
      await store?.remember(noted).catch((thrown: unknown) => {
        log.warn(describeError(thrown), 'could not note a team of Teams');
      });
    },
    all: async () => (await store?.all()) ?? [...known.values()],
  };
};
