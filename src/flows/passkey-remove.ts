import type { Fault } from '../engine/faults.js';
import type { Person, Platform } from '../engine/person.js';
import { SECOND } from '../lib/clock.js';
import { closest } from '../lib/closest.js';
import { randomId } from '../lib/random.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { passkeysOf } from './passkey-proof.js';
import type { Passkey } from './ports/passkeys.js';
import { adminNames, standingOf } from './standing.js';

type RemoveDeps = Pick<
  FlowDeps,
  'clock' | 'random' | 'people' | 'config' | 'passkeys' | 'audit' | 'settings' | 'chores'
>;

/** How long a process that dies over a removal keeps others from that person's passkeys. */
const LEASE_MS = 30 * SECOND;

export interface Remover {
  readonly person: Person;
  readonly on: Platform;
}

/**
 * Takes a passkey away. Everybody may do that with their own while another one is left: with none, the chat alone
 * could enrol the next, and whoever has somebody's chat would have their second factor too. The rest is for owners.
 */
export const removePasskey = async (
  deps: RemoveDeps,
  by: Remover,
  of: Person,
  name: string,
): Promise<Result<Passkey, Fault>> => {
  const chore = `passkeys/${of.id}`;
  const now = deps.clock.now();
  // Of two removals at once each would see the other's passkey left.
  if (!(await deps.chores.claim(chore, now, 0, LEASE_MS))) return err({ code: 'busy' });
  try {
    return await remove(deps, by, of, name);
  } finally {
    await deps.chores.done(chore, now);
  }
};

const remove = async (deps: RemoveDeps, by: Remover, of: Person, name: string): Promise<Result<Passkey, Fault>> => {
  const { owner } = await standingOf(deps, by.person);
  if (!owner && by.person.id !== of.id) return err({ code: 'admin.only', admins: await adminNames(deps) });
  const passkeys = await passkeysOf(deps, of);
  const passkey = passkeys.find((one) => one.name.toLowerCase() === name.trim().toLowerCase());
  if (passkey === undefined) return err(unknownName(name, passkeys));
  if (!owner && passkeys.length === 1) return err({ code: 'passkey.last', admins: await adminNames(deps) });
  await deps.audit.append(`passkey/${randomId(deps.random)}`, {
    what: 'passkey.removed',
    at: deps.clock.now(),
    by: by.person.id,
    on: by.on,
    about: [of.id],
    facts: { passkey: passkey.name, credential: passkey.credentialId },
  });
  await deps.passkeys.remove(passkey.credentialId);
  return ok(passkey);
};

const unknownName = (asked: string, passkeys: readonly Passkey[]): Fault => {
  const meant = closest(
    asked,
    passkeys.map(({ name }) => name),
  );
  return { code: 'passkey.no-such', asked, ...(meant === undefined ? {} : { meant }) };
};
