import type { Fault } from '../engine/faults.js';
import type { Address } from '../engine/person.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { difference, mayOwn, recordChange } from './change.js';
import type { Admin, ChangeDeps } from './change.js';
import type { Facts } from './ports/audit.js';
import type { BotSettings } from './ports/config.js';

const MOST_RACES = 20;

export const sayAddress = ({ platform, conversation }: Address): string => `${platform}:${conversation}`;

export const isSameAddress = (one: Address, other: Address): boolean => sayAddress(one) === sayAddress(other);

const factsOf = ({ approvalChannels, adminChannels, remindEveryMs }: BotSettings): Facts => ({
  approvalChannels: approvalChannels.map(sayAddress),
  adminChannels: adminChannels.map(sayAddress),
  remindEveryMs,
});

/** Changes what is set for the whole bot; owners only. */
export const changeSettings = async (
  deps: ChangeDeps,
  admin: Admin,
  next: (current: BotSettings) => BotSettings,
): Promise<Result<BotSettings, Fault>> => {
  const allowed = await mayOwn(deps, admin);
  if (!allowed.ok) return allowed;
  for (let race = 0; race < MOST_RACES; race += 1) {
    const current = await deps.config.settings.read();
    const changed = next(current);
    const changes = difference(factsOf(current), factsOf(changed));
    if (Object.keys(changes.after).length === 0) return ok(current);
    await recordChange(deps, admin, { what: 'settings.changed', facts: {}, ...changes });
    if (await deps.config.settings.replace(changed, current)) return ok(changed);
  }
  return err({ code: 'busy' });
};
