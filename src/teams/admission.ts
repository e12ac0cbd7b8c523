import type { Log } from '../lib/log.js';
import { tenantsOf, type IncomingActivity } from './activity.js';

/** Whether the bot listens to an organization: the library takes every tenant that Microsoft's service delivers for. */
export type Admission = (activity: IncomingActivity) => boolean;

const MOST_TENANTS_LOGGED = 1_000;

/** `tenants` empty: everybody. An activity that names no tenant, or any tenant besides these, is foreign. */
export const createAdmission = (tenants: readonly string[], log: Log): Admission => {
  const served = new Set(tenants.map((tenant) => tenant.toLowerCase()));
  const logged = new Set<string>();
  return (activity) => {
    if (served.size === 0) return true;
    const named = tenantsOf(activity);
    if (named.length > 0 && named.every((tenant) => served.has(tenant))) return true;
    const foreign = named.find((tenant) => !served.has(tenant)) ?? 'none named';
    if (!logged.has(foreign) && logged.size < MOST_TENANTS_LOGGED) {
      logged.add(foreign);
      log.warn({ tenant: foreign }, 'somebody of a Teams tenant that is not served spoke to the bot');
    }
    return false;
  };
};
