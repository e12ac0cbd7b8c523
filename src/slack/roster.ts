/** Who is in a Slack user group, and whose Slack account is live. */
import { webApi } from '@slack/bolt';
import { identityOf } from '../chat/speaker.js';
import type { RosterFault } from '../engine/faults.js';
import type { Follow } from '../engine/follow.js';
import type { IdentityKey } from '../engine/ids.js';
import type { Identity } from '../engine/person.js';
import type { Standing } from '../flows/ports/rosters.js';
import { closest } from '../lib/closest.js';
import { SECOND } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';

type SlackFollow = Extract<Follow, { kind: 'slack' }>;

export interface SlackRoster {
  membersOf(follow: SlackFollow): Promise<Result<readonly Identity[], RosterFault>>;
  find(typed: string): Promise<Result<SlackFollow, RosterFault>>;
  standings(identities: readonly Identity[]): Promise<Result<ReadonlyMap<IdentityKey, Standing>, RosterFault>>;
}

type User = NonNullable<webApi.UsersInfoResponse['user']>;
type Usergroup = NonNullable<webApi.UsergroupsListResponse['usergroups']>[number];

/** So many people are asked about one by one; more are looked for in the list of the whole workspace. */
const FEW = 30;

/** Slack's own advice for a page of people. */
const PAGE = 200;

const WHAT = 'Slack user group';

// `<!subteam^S0123|@service-desk>` is how Slack writes a mention of a user group into a command.
const MENTION = /^<!subteam\^([A-Z0-9]{2,20})(?:\|[^>]*)?>$/iu;

export interface SlackRosterClients {
  /** Fails at once where Slack throttles: somebody waits for the answer. */
  readonly quick: webApi.WebClient;
  /** Waits for as long as Slack asks. */
  readonly patient: webApi.WebClient;
}

export const createSlackRoster = ({ quick, patient }: SlackRosterClients): SlackRoster => ({
  membersOf: ({ usergroup, name }) =>
    reading({ what: WHAT, asked: name }, async () => {
      const groups = await listUsergroups(patient);
      const group = groups.find(({ id }) => id === usergroup);
      if (group === undefined || isDisabled(group)) return err(unknown(name));
      const { users = [] } = await patient.usergroups.users.list({ usergroup });
      const people = await usersOf(patient, users);
      return ok([...people.values()].filter((user) => user.deleted !== true && !isBot(user)).flatMap(toIdentity));
    }),

  find: (typed) =>
    reading({ what: WHAT, asked: typed }, async () => {
      const groups = (await listUsergroups(quick)).filter((group) => !isDisabled(group));
      const named = groups.filter((group) => isNamed(group, typed));
      const [one, ...others] = named;
      if (one?.id === undefined) return err(unknown(typed, closestTo(typed, groups)));
      if (others.length === 0) return ok({ kind: 'slack', usergroup: one.id, name: one.name ?? one.id });
      const candidates = named.map(({ id, name, handle }) => `${name} (@${handle}, ${id})`);
      return err({ code: 'roster.ambiguous', asked: typed, candidates });
    }),

  standings: (identities) =>
    reading({ what: 'person', asked: '' }, async () => {
      const users = await usersOf(identities.length > FEW ? patient : quick, identities.map(userOf));
      return ok(
        new Map(
          identities.flatMap(({ key }) => {
            const user = users.get(userOf({ key }));
            return user === undefined ? [] : [[key, user.deleted === true ? 'deactivated' : 'active'] as const];
          }),
        ),
      );
    }),
});

const userOf = ({ key }: Pick<Identity, 'key'>): string => key.slice('slack:'.length);

const listUsergroups = async (client: webApi.WebClient): Promise<readonly Usergroup[]> =>
  (await client.usergroups.list({ include_disabled: true })).usergroups ?? [];

const isDisabled = ({ date_delete: deletedAt }: Usergroup): boolean => deletedAt !== undefined && deletedAt !== 0;

const isNamed = ({ id, handle, name }: Usergroup, typed: string): boolean => {
  const mentioned = MENTION.exec(typed)?.[1];
  if (mentioned !== undefined) return id === mentioned.toUpperCase();
  const wanted = typed.replace(/^@/u, '').toLowerCase();
  return [id, handle, name].some((text) => text?.toLowerCase() === wanted);
};

const closestTo = (typed: string, groups: readonly Usergroup[]): string | undefined =>
  closest(
    typed.replace(/^@/u, ''),
    groups.flatMap(({ handle }) => handle ?? []),
  );

const unknown = (asked: string, meant?: string): RosterFault => ({
  code: 'roster.unknown',
  what: WHAT,
  asked,
  ...(meant === undefined ? {} : { meant }),
});

/** Those of these that Slack knows, deactivated ones too. */
const usersOf = async (client: webApi.WebClient, ids: readonly string[]): Promise<ReadonlyMap<string, User>> => {
  if (ids.length > FEW) return await pickedFromAll(client, new Set(ids));
  const found = new Map<string, User>();
  for (const id of ids) {
    const user = await userNamed(client, id);
    if (user !== undefined) found.set(id, user);
  }
  return found;
};

const userNamed = async (client: webApi.WebClient, id: string): Promise<User | undefined> => {
  try {
    return (await client.users.info({ user: id })).user;
  } catch (thrown) {
    if (thrown instanceof webApi.WebAPIPlatformError && NOBODY.has(thrown.data.error)) return undefined;
    throw thrown;
  }
};

const NOBODY = new Set(['user_not_found', 'user_not_visible']);

const pickedFromAll = async (
  client: webApi.WebClient,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, User>> => {
  const found = new Map<string, User>();
  let cursor: string | undefined;
  do {
    const page = await client.users.list({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const user of page.members ?? []) if (user.id !== undefined && wanted.has(user.id)) found.set(user.id, user);
    cursor = page.response_metadata?.next_cursor || undefined;
  } while (cursor !== undefined && found.size < wanted.size);
  return found;
};

const isBot = ({ id, is_bot: bot, is_workflow_bot: workflow }: User): boolean =>
  bot === true || workflow === true || id === 'USLACKBOT';

const toIdentity = ({ id, name, real_name: realName, profile, tz }: User): readonly Identity[] => {
  if (id === undefined) return [];
  const email = profile?.email;
  const identity = identityOf(id, {
    platform: 'slack',
    name: profile?.real_name || realName || name || id,
    ...(email && { email }),
    ...(tz && { zone: tz }),
    // The user id opens the 1:1 chat whenever it is written to.
    address: { platform: 'slack', conversation: id },
  });
  return [identity];
};

/** Slack's refusals that a human must cure. */
const FORBIDDEN = new Set([
  'access_denied',
  'account_inactive',
  'ekm_access_denied',
  'invalid_auth',
  'missing_scope',
  'no_permission',
  'not_allowed_token_type',
  'not_authed',
  'token_expired',
  'token_revoked',
]);

const GONE = new Set(['no_such_subteam', 'subteam_not_found']);

const reading = async <T>(
  { what, asked }: { readonly what: string; readonly asked: string },
  work: () => Promise<Result<T, RosterFault>>,
): Promise<Result<T, RosterFault>> => {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof webApi.WebAPIPlatformError && GONE.has(thrown.data.error)) {
      return err({ code: 'roster.unknown', what, asked });
    }
    return err(faultOf(thrown));
  }
};

const faultOf = (thrown: unknown): RosterFault => {
  if (thrown instanceof webApi.WebAPIRateLimitedError) {
    const retryAfterMs = thrown.retryAfter * SECOND;
    return { code: 'roster.unavailable', platform: 'slack', detail: 'Slack is throttling', retryAfterMs };
  }
  if (thrown instanceof webApi.WebAPIPlatformError) {
    const { error } = thrown.data;
    const { needed } = thrown.data as { needed?: unknown };
    if (!FORBIDDEN.has(error)) return { code: 'roster.unavailable', platform: 'slack', detail: error };
    const scope = typeof needed === 'string' && needed !== '' ? { scope: needed } : {};
    return { code: 'roster.forbidden', platform: 'slack', detail: error, ...scope };
  }
  return { code: 'roster.unavailable', platform: 'slack', detail: describeError(thrown).error };
};
