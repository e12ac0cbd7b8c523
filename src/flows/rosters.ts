/** The lists of people of all platforms as one, and what the platforms together say of people's accounts. */
import type { RosterFault } from '../engine/faults.js';
import type { Follow } from '../engine/follow.js';
import type { IdentityKey } from '../engine/ids.js';
import type { Identity, Platform } from '../engine/person.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import type { Rosters, Standing, Standings } from './ports/rosters.js';

type Of<Kind extends Follow['kind']> = Extract<Follow, { kind: Kind }>;

type Answer<T> = Promise<Result<T, RosterFault>>;

/** What each platform can tell. Absent: not set up here. */
export interface RosterSources {
  readonly slack?: {
    membersOf(follow: Of<'slack'>): Answer<readonly Identity[]>;
    find(typed: string): Answer<Of<'slack'>>;
    standings(identities: readonly Identity[]): Answer<ReadonlyMap<IdentityKey, Standing>>;
  };
  readonly teams?: {
    membersOf(follow: Of<'teams'>): Answer<readonly Identity[]>;
    find(typed: string): Answer<Of<'teams'>>;
    standings(identities: readonly Identity[]): Promise<ReadonlyMap<IdentityKey, Standing>>;
  };
  readonly entra: {
    membersOf(follow: Of<'entra'>): Answer<readonly Identity[]>;
    find(directoryId: string, typed: string): Answer<Of<'entra'>>;
    standings(
      connected: readonly string[],
      identities: readonly Identity[],
    ): Promise<ReadonlyMap<IdentityKey, Standing>>;
  };
}

const notSetUp = (platform: Platform) => err({ code: 'roster.no-platform', platform } as const);

export const joinRosters = ({ slack, teams, entra }: RosterSources): Rosters => ({
  membersOf: async (follow) => {
    switch (follow.kind) {
      case 'slack':
        return (await slack?.membersOf(follow)) ?? notSetUp('slack');
      case 'teams':
        return (await teams?.membersOf(follow)) ?? notSetUp('teams');
      case 'entra':
        return await entra.membersOf(follow);
      default:
        return follow satisfies never;
    }
  },
  find: async (place, typed) => {
    switch (place.kind) {
      case 'slack':
        return (await slack?.find(typed)) ?? notSetUp('slack');
      case 'teams':
        return (await teams?.find(typed)) ?? notSetUp('teams');
      case 'entra':
        return await entra.find(place.directoryId, typed);
      default:
        return place satisfies never;
    }
  },
});

export const joinStandings = (
  { slack, teams, entra }: RosterSources,
  { config }: Pick<FlowDeps, 'config'>,
): Standings => {
  const ofTeams = async (identities: readonly Identity[]): Promise<ReadonlyMap<IdentityKey, Standing>> => {
    if (teams === undefined || identities.length === 0) return new Map();
    const connected = (await config.tenants.all()).map(({ directoryId }) => directoryId);
    // A directory knows for certain; the chats tell of those that no connected directory knows.
    const certain = await entra.standings(connected, identities);
    const told = await teams.standings(identities.filter(({ key }) => !certain.has(key)));
    return new Map([...told, ...certain]);
  };
  return {
    of: async (identities) => {
      const on = (platform: Platform) => identities.filter((identity) => identity.platform === platform);
      const [inSlack, inTeams] = await Promise.all([slack?.standings(on('slack')), ofTeams(on('teams'))]);
      if (inSlack?.ok === false) return inSlack;
      return ok(new Map([...(inSlack?.value ?? []), ...inTeams]));
    },
  };
};
