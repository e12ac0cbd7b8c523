import type { webApi } from '@slack/bolt';
import { identityOf } from '../chat/speaker.js';
import type { Identity } from '../engine/person.js';
import { addMs, MINUTE, SECOND } from '../lib/clock.js';
import type { Clock } from '../lib/clock.js';
import { within } from '../lib/deadline.js';
import { describeError } from '../lib/log.js';
import type { Log } from '../lib/log.js';

const FRESH_MS = 10 * MINUTE;
const PATIENCE_MS = 1.5 * SECOND;
const REMEMBERED = 5_000;

interface Profile {
  readonly name?: string;
  readonly email?: string;
  readonly zone?: string;
}

/** The identity behind a Slack user id; `name` serves while Slack does not say more. Never throws. */
export type Profiles = (user: string, name: string | undefined) => Promise<Identity>;

/** Profiles as Slack has them, remembered for ten minutes. */
export const createProfiles = (client: webApi.WebClient, log: Log, clock: Clock): Profiles => {
  const known = new Map<string, { readonly profile: Promise<Profile>; readonly until: Date }>();

  const remember = (user: string, profile: Promise<Profile>): void => {
    const [oldest] = known.keys();
    if (oldest !== undefined && known.size >= REMEMBERED) known.delete(oldest);
    known.set(user, { profile, until: addMs(clock.now(), FRESH_MS) });
    profile.catch(() => known.delete(user));
  };

  const profileOf = (user: string): Promise<Profile> => {
    const remembered = known.get(user);
    if (remembered !== undefined && remembered.until > clock.now()) return remembered.profile;
    known.delete(user);
    const profile = fetchProfile(client, user);
    remember(user, profile);
    return profile;
  };

  return async (user, name) => {
    const profile = await within(profileOf(user), PATIENCE_MS).catch((thrown: unknown) => {
      log.warn({ user, ...describeError(thrown) }, 'Slack did not say who this is');
      return {};
    });
    if (profile === undefined) log.warn({ user }, 'Slack took too long to say who this is');
    return toIdentity(user, { ...(name !== undefined && { name }), ...profile });
  };
};

const fetchProfile = async (client: webApi.WebClient, user: string): Promise<Profile> => {
  const { user: found } = await client.users.info({ user });
  const name = found?.profile?.real_name || found?.real_name || found?.name;
  const email = found?.profile?.email;
  return { ...(name && { name }), ...(email && { email }), ...(found?.tz && { zone: found.tz }) };
};

const toIdentity = (user: string, { name, email, zone }: Profile): Identity =>
  identityOf(user, {
    platform: 'slack',
    name: name ?? user,
    ...(email !== undefined && { email }),
    ...(zone !== undefined && { zone }),
    // The user id opens the 1:1 chat whenever it is written to.
    address: { platform: 'slack', conversation: user },
  });
