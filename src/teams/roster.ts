/** Who is in a Teams team, and whose Teams account is live, as the service that hosts the conversation tells. */
import { TeamsInfo, type ConversationReference, type TeamsChannelAccount, type TurnContext } from 'botbuilder';
import { identityOf } from '../chat/speaker.js';
import type { RosterFault } from '../engine/faults.js';
import type { Follow } from '../engine/follow.js';
import type { IdentityKey } from '../engine/ids.js';
import type { Address, Identity } from '../engine/person.js';
import type { KnownTeam } from '../flows/ports/known-teams.js';
import type { Standing } from '../flows/ports/rosters.js';
import { closest } from '../lib/closest.js';
import { describeError, type Log } from '../lib/log.js';
import { err, ok, type Result } from '../lib/result.js';
import type { TeamsAdapter } from './adapter.js';
import { ConnectorFault } from './connector-http.js';
import type { KnownTeams } from './known-teams.js';
import { emailOf } from './profile.js';
import type { ServiceUrls } from './service-urls.js';

type TeamsFollow = Extract<Follow, { kind: 'teams' }>;

export interface TeamsRoster {
  membersOf(follow: TeamsFollow): Promise<Result<readonly Identity[], RosterFault>>;
  find(typed: string): Promise<Result<TeamsFollow, RosterFault>>;
  /** Of those with whom the bot has a chat of its own. */
  standings(identities: readonly Identity[]): Promise<ReadonlyMap<IdentityKey, Standing>>;
}

export interface TeamsRosterDependencies {
  readonly adapter: TeamsAdapter;
  readonly appId: string;
  readonly serviceUrls: ServiceUrls;
  readonly knownTeams: KnownTeams;
  /** Entra tenants whose people may speak; none named: any. */
  readonly tenants: readonly string[];
  readonly log: Log;
}

type Within = <T>(address: Address, act: (context: TurnContext) => Promise<T>) => Promise<T>;

const WHAT = 'Teams team';
const CHANNEL = 'msteams';
const PAGE = 500;

// Typed bare, or inside the link that Teams copies.
const TEAM_ID = /19:[\w.-]+@thread\.(?:tacv2|skype)/i;

export const createTeamsRoster = (dependencies: TeamsRosterDependencies): TeamsRoster => {
  const { knownTeams, tenants, log } = dependencies;
  const within = createWithin(dependencies);
  const served = new Set(tenants.map((tenant) => tenant.toLowerCase()));

  // Only a look at the members shows whether the bot may look at them.
  const inReach = (team: string, name: string): Promise<Result<TeamsFollow, RosterFault>> =>
    reading(name, async () => {
      await within(placeOf(team), (context) => TeamsInfo.getPagedTeamMembers(context, team, PAGE));
      return { kind: 'teams', team, name };
    });

  return {
    membersOf: ({ team, name }) =>
      reading(name, async () => {
        const members = await within(placeOf(team), (context) => allMembers(context, team));
        return members.filter((member) => maySpeak(served, member)).flatMap(toIdentity);
      }),

    find: async (typed) => {
      const teams = await knownTeams.all();
      const id = TEAM_ID.exec(decoded(typed))?.[0];
      if (id !== undefined) return await inReach(id, teams.find(({ team }) => team === id)?.name ?? id);
      const named = teams.filter((team) => isNamed(team, typed));
      const [one, ...others] = named;
      if (one === undefined) return err(unknown(typed, teams));
      if (others.length === 0) return await inReach(one.team, one.name);
      const candidates = named.map(({ name, team }) => `${name} (${team})`);
      return err({ code: 'roster.ambiguous', asked: typed, candidates });
    },

    standings: async (identities) => {
      const standings = new Map<IdentityKey, Standing>();
      for (const identity of identities) {
        const standing = await standingOf(within, log, identity);
        if (standing !== undefined) standings.set(identity.key, standing);
      }
      return standings;
    },
  };
};

const placeOf = (conversation: string): Address => ({ platform: 'teams', conversation });

const createWithin =
  ({ adapter, appId, serviceUrls }: TeamsRosterDependencies): Within =>
  async (address, act) => {
    const serviceUrl = address.serviceUrl ?? (await serviceUrls.of(address.conversation));
    const reference: Partial<ConversationReference> = {
      channelId: CHANNEL,
      serviceUrl,
      conversation: { id: address.conversation } as ConversationReference['conversation'],
    };
    const outcome: { value?: Awaited<ReturnType<typeof act>> } = {};
    await adapter.continueConversationAsync(appId, reference, async (context) => {
      outcome.value = await act(context);
    });
    return outcome.value as Awaited<ReturnType<typeof act>>;
  };

const allMembers = async (context: TurnContext, conversation: string): Promise<readonly TeamsChannelAccount[]> => {
  const members: TeamsChannelAccount[] = [];
  let token: string | undefined;
  do {
    const page = await TeamsInfo.getPagedTeamMembers(context, conversation, PAGE, token);
    members.push(...page.members);
    token = page.continuationToken || undefined;
  } while (token !== undefined);
  return members;
};

/** Teams calls it by either name. */
const objectIdOf = (member: TeamsChannelAccount): string | undefined =>
  member.aadObjectId || (member as { objectId?: string }).objectId || undefined;

const maySpeak = (served: ReadonlySet<string>, { tenantId }: TeamsChannelAccount): boolean =>
  served.size === 0 || !tenantId || served.has(tenantId.toLowerCase());

const toIdentity = (member: TeamsChannelAccount): readonly Identity[] => {
  const user = objectIdOf(member);
  if (user === undefined) return [];
  const email = emailOf(member.email, member.userPrincipalName);
  const name = member.name || email || `Teams user ${user.slice(0, 8)}`;
  return [identityOf(user, { platform: 'teams', name, ...(email === undefined ? {} : { email }) })];
};

const decoded = (typed: string): string => {
  try {
    return decodeURIComponent(typed);
  } catch {
    // A percent sign that stands for itself.
    return typed;
  }
};

const isNamed = ({ team, name, directoryGroup }: KnownTeam, typed: string): boolean =>
  [team, name, directoryGroup].some((text) => text?.toLowerCase() === typed.trim().toLowerCase());

const unknown = (asked: string, teams: readonly KnownTeam[]): RosterFault => {
  const meant = closest(
    asked,
    teams.map(({ name }) => name),
  );
  return { code: 'roster.unknown', what: WHAT, asked, ...(meant === undefined ? {} : { meant }) };
};

/**
 * Teams says that somebody is no member of their own chat with the bot when their account is gone, but some clients say
 * so of every object id: the list of the chat's members must agree.
 */
const standingOf = async (within: Within, log: Log, { key, address }: Identity): Promise<Standing | undefined> => {
  if (address === undefined) return undefined;
  const user = key.slice('teams:'.length);
  try {
    await within(address, (context) => TeamsInfo.getMember(context, user));
    return 'active';
  } catch (thrown) {
    if (!isNoMember(thrown)) {
      log.debug({ identity: key, ...describeError(thrown) }, 'Teams does not say whether an account is live');
      return undefined;
    }
  }
  try {
    const members = await within(address, (context) => allMembers(context, address.conversation));
    return members.some((member) => objectIdOf(member)?.toLowerCase() === user) ? 'active' : 'deactivated';
  } catch (thrown) {
    log.debug({ identity: key, ...describeError(thrown) }, 'Teams does not say who is in a chat');
    return undefined;
  }
};

const isNoMember = (thrown: unknown): boolean =>
  thrown instanceof ConnectorFault && thrown.status === 404 && thrown.code?.startsWith('MemberNotFound') === true;

const reading = async <T>(team: string, work: () => Promise<T>): Promise<Result<T, RosterFault>> => {
  try {
    return ok(await work());
  } catch (thrown) {
    return err(faultOf(team, thrown));
  }
};

/** What Teams answers about a team that the bot is not in, or that is no more. */
const NOT_IN_TEAM = new Set([403, 404]);

const faultOf = (team: string, thrown: unknown): RosterFault => {
  const detail = describeError(thrown).error;
  if (!(thrown instanceof ConnectorFault)) return { code: 'roster.unavailable', platform: 'teams', detail };
  const { status, retryAfterMs } = thrown;
  if (status !== undefined && NOT_IN_TEAM.has(status)) return { code: 'roster.not-in-team', team };
  if (status === 401) return { code: 'roster.forbidden', platform: 'teams', detail };
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { code: 'roster.unavailable', platform: 'teams', detail, ...wait };
};
