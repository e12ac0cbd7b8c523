/** Takes everything from people whose chat account is closed, and lets them back in when it is opened again. */
import type { RosterFault } from '../engine/faults.js';
import type { IdentityKey } from '../engine/ids.js';
import { idsOf } from '../engine/person.js';
import type { Person } from '../engine/person.js';
import type { AccessRequest, RequestState } from '../engine/request.js';
import { applyEvent, takes } from '../engine/transitions.js';
import { ok } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { LATCHKEY } from './effects.js';
import type { KnownIdentity } from './ports/identities.js';
import type { Standing } from './ports/rosters.js';
import { transition } from './transition.js';

type DeactivateDeps = Pick<
  FlowDeps,
  'clock' | 'log' | 'people' | 'identities' | 'standings' | 'requests' | 'audit' | 'nudge'
>;

/** Some platform did not say whose accounts are live; what could be learnt has been acted upon. */
export class StandingsUnread extends Error {
  override readonly name = 'StandingsUnread';

  constructor(faults: readonly RosterFault[]) {
    super(`nobody says whose accounts are live: ${faults.map(sayFault).join('; ')}`);
  }
}

const sayFault = (fault: RosterFault): string => `${fault.code}${'detail' in fault ? ` (${fault.detail})` : ''}`;

/** How many open requests are taken from somebody in one round; rounds go on until none is left. */
const ROUND = 100;

/** What still gives or may give access. */
const OPEN: readonly RequestState[] = ['pending', 'approved', 'provisioning', 'active'];

/**
 * The person behind this account loses everything: it is marked, and whatever they asked for is called off or ended.
 * Repeating it changes nothing, and finishes what a crash has left. `false`: nobody on record has this account.
 */
export const deactivate = async (deps: DeactivateDeps, key: IdentityKey): Promise<boolean> => {
  // From the mark on they can do nothing any more, so that what is found afterwards is all there is.
  const known = await deps.identities.deactivate(key, deps.clock.now());
  const person = known && (await deps.people.byId(known.person));
  if (person === undefined) return false;
  const at = known?.identity.deactivatedAt;
  // The same id each time: told once, and told at last even if the first attempt died here.
  if (at !== undefined) await tell(deps, 'person.deactivated', person, key, at);
  await callOffAll(deps, person);
  return true;
};

/** The account is live again: its mark goes. What was called off stays so. */
export const reactivate = async (deps: DeactivateDeps, { identity, person: id }: KnownIdentity): Promise<void> => {
  const { key, deactivatedAt } = identity;
  if (deactivatedAt === undefined) return;
  const person = await deps.people.byId(id);
  if (person !== undefined) await tell(deps, 'person.reactivated', person, key, deactivatedAt);
  await deps.identities.reactivate(key, deactivatedAt);
};

/** A platform says that an account of its was changed. */
export const userChanged = async (deps: DeactivateDeps, key: IdentityKey, standing: Standing): Promise<void> => {
  if (standing === 'deactivated') return void (await deactivate(deps, key));
  const [known] = await deps.identities.byKeys([key]);
  if (known !== undefined) await reactivate(deps, known);
};

/** Asks the platforms about everybody on record. Whoever is marked loses again what a crash or a race has left them. */
export const reviewStandings = async (deps: DeactivateDeps): Promise<void> => {
  const faults: RosterFault[] = [];
  for (const platform of ['slack', 'teams'] as const) {
    const known = await deps.identities.on(platform);
    const standings = await deps.standings.of(known.map(({ identity }) => identity));
    if (!standings.ok) faults.push(standings.error);
    for (const one of known) {
      const standing = standings.ok ? standings.value.get(one.identity.key) : undefined;
      const isMarked = one.identity.deactivatedAt !== undefined;
      if (standing === 'active') await reactivate(deps, one);
      else if (standing === 'deactivated' || isMarked) await deactivate(deps, one.identity.key);
    }
  }
  if (faults.length > 0) throw new StandingsUnread(faults);
};

/**
 * The person, once every closed account of theirs is found to be open again; `undefined`: one still is closed, or
 * nobody can say.
 */
export const welcomeBack = async (deps: DeactivateDeps, person: Person): Promise<Person | undefined> => {
  const closed = person.identities.filter(({ deactivatedAt }) => deactivatedAt !== undefined);
  const standings = await deps.standings.of(closed);
  if (!standings.ok) {
    deps.log.warn({ person: person.id, fault: standings.error }, 'nobody says whether an account is live again');
    return undefined;
  }
  if (closed.some(({ key }) => standings.value.get(key) !== 'active')) return undefined;
  for (const identity of closed) await reactivate(deps, { identity, person: person.id });
  return await deps.people.byId(person.id);
};

const callOffAll = async (deps: DeactivateDeps, person: Person): Promise<void> => {
  for (;;) {
    const open = await deps.requests.list({ requesters: idsOf(person), states: OPEN }, ROUND);
    const moved = await Promise.all(open.map((request) => callOff(deps, request)));
    // Those that could not be moved, somebody else is moving all the time; the next review finds them.
    if (open.length < ROUND || !moved.includes(true)) return;
  }
};

/** Whether it no longer gives anything. */
const callOff = async (deps: DeactivateDeps, { id }: AccessRequest): Promise<boolean> => {
  const moved = await transition(deps, id, LATCHKEY, (request) => {
    const now = deps.clock.now();
    if (takes(request.state, 'end')) {
      return applyEvent(request, { type: 'end', cause: 'revoked', by: 'deactivation' }, now);
    }
    if (!takes(request.state, 'cancel')) return ok(request);
    return applyEvent(
      request,
      { type: 'cancel', calledOff: `${request.requesterName}'s chat account is deactivated.` },
      now,
    );
  });
  if (!moved.ok) deps.log.error({ request: id, fault: moved.error }, 'a deactivated person keeps a request for now');
  return moved.ok;
};

const tell = (deps: DeactivateDeps, what: string, person: Person, key: IdentityKey, mark: Date): Promise<void> =>
  deps.audit.append(`${what}/${key}/${mark.toISOString()}`, {
    what,
    at: deps.clock.now(),
    by: LATCHKEY.by,
    about: [person.id],
    facts: { person: person.name, identity: key },
  });
