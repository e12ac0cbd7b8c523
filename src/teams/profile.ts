import { TeamsInfo, type TurnContext } from 'botbuilder';
import { MINUTE, SECOND, addMs, type Clock } from '../lib/clock.js';
import { within } from '../lib/deadline.js';
import { describeError, type Log } from '../lib/log.js';

/** What the roster of a conversation says of a member. */
export interface Profile {
  readonly name?: string;
  readonly email?: string;
  readonly aadObjectId?: string;
}

export interface Profiles {
  /** An empty profile when Teams does not tell in time: nobody waits for an e-mail address. */
  of(context: TurnContext, user: string): Promise<Profile>;
}

const KEPT_FOR = 10 * MINUTE;
const FAILURE_KEPT_FOR = MINUTE;
const DEADLINE = 1.5 * SECOND;
const MOST_KEPT = 10_000;

/** A guest's principal name is made up, and looks like an address without being one. */
export const emailOf = (email: string | undefined, principal: string | undefined): string | undefined =>
  [email, principal].find((text) => text?.includes('@') === true && !text.includes('#EXT#'));

const readProfile = async (context: TurnContext, user: string): Promise<Profile> => {
  const member = await TeamsInfo.getMember(context, user);
  const email = emailOf(member.email, member.userPrincipalName);
  const { name } = member;
  const aadObjectId = member.aadObjectId ?? (member as { objectId?: string }).objectId;
  return {
    ...(name === undefined || name === '' ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    ...(aadObjectId === undefined || aadObjectId === '' ? {} : { aadObjectId }),
  };
};

export const createProfiles = (clock: Clock, log: Log): Profiles => {
  const kept = new Map<string, { readonly profile: Profile; readonly until: Date }>();

  const keep = (user: string, profile: Profile, ms: number): void => {
    const eldest = kept.keys().next();
    if (kept.size >= MOST_KEPT && eldest.done !== true) kept.delete(eldest.value);
    kept.set(user, { profile, until: addMs(clock.now(), ms) });
  };

  return {
    of: async (context, user) => {
      const known = kept.get(user);
      if (known !== undefined && known.until > clock.now()) return known.profile;
      try {
        const profile = await within(readProfile(context, user), DEADLINE);
        if (profile !== undefined) {
          keep(user, profile, KEPT_FOR);
          return profile;
        }
        log.warn({}, 'Teams does not tell who a member is in time');
      } catch (thrown) {
        log.warn(describeError(thrown), 'Teams does not tell who a member is');
      }
      const last = known?.profile ?? {};
      keep(user, last, FAILURE_KEPT_FOR);
      return last;
    },
  };
};
