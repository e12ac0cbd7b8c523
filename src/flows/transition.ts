import type { Fault } from '../engine/faults.js';
import type { RequestId } from '../engine/ids.js';
import type { AccessRequest } from '../engine/request.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { Deliverer } from './deliverer.js';
import type { FlowDeps } from './deps.js';
import { effectsOf, LATCHKEY } from './effects.js';
import type { Doer } from './effects.js';
import type { Effect, LoadedRequest } from './ports.js';
import type { Outlook, SavedRequest } from './ports/saved.js';

export type TransitionDeps = Pick<FlowDeps, 'clock' | 'requests' | 'nudge'>;

/** A loser of this many races in a row meets a fault rather than a loop. */
const MOST_RACES = 20;

/** What is to happen to the request as it was just loaded; asked again when somebody else changed it meanwhile. */
export type Choose = (
  request: AccessRequest,
  stored: LoadedRequest,
) => Promise<Result<AccessRequest, Fault>> | Result<AccessRequest, Fault>;

/** What Latchkey itself makes at once, in the same write, of what was chosen; the very request where that is nothing. */
export type Onward = (chosen: AccessRequest) => Result<AccessRequest, Fault>;

interface Shortcuts {
  /** Spares the first look to whoever has had one. */
  readonly justLoaded?: LoadedRequest | undefined;
  readonly onward?: Onward;
  /** Begins, while what was chosen is being saved, to look up what its next step needs. */
  readonly lookAhead?: (next: AccessRequest) => Outlook | undefined;
  /** Has the effects performed at once: takes the right to that with the same write, where it is free. */
  readonly deliverer?: Deliverer;
  /** Told what was saved, for whoever goes on from there. */
  readonly onSaved?: (saved: LoadedRequest) => void;
}

const STAY: Onward = ok;

/**
 * Loads, decides, saves by compare-and-swap. Effects are recorded in the same write and performed afterwards. A choice
 * that changes nothing saves nothing.
 */
export const transition = async (
  deps: TransitionDeps,
  id: RequestId,
  doer: Doer,
  choose: Choose,
  { justLoaded, onward = STAY, lookAhead, deliverer, onSaved }: Shortcuts = {},
): Promise<Result<AccessRequest, Fault>> => {
  for (let race = 0; race < MOST_RACES; race += 1) {
    const stored = race === 0 && justLoaded !== undefined ? justLoaded : await deps.requests.load(id);
    if (stored === undefined) return err({ code: 'request.unknown', asked: id });
    const chosen = await choose(stored.request, stored);
    if (!chosen.ok || chosen.value === stored.request) return chosen;
    const next = onward(chosen.value);
    if (!next.ok) return next;
    const effects = [
      ...effectsOf(stored.request, chosen.value, doer, deps.clock.now()),
      ...(next.value === chosen.value ? [] : furtherEffects(chosen.value, next.value, deps.clock.now())),
    ];
    const saving = save(deps, next.value, stored, effects, deliverer);
    const outlook = lookAhead?.(next.value);
    const loaded = await saving;
    if (loaded !== undefined) {
      const saved: SavedRequest = outlook === undefined ? loaded : { ...loaded, outlook };
      onSaved?.(saved);
      deps.nudge(next.value, saved);
      return next;
    }
  }
  return err({ code: 'busy' });
};

/** `undefined`: somebody else was first. What can be saved in one way only is sent at once. */
const save = async (
  { requests }: TransitionDeps,
  next: AccessRequest,
  { version, ledger }: LoadedRequest,
  effects: readonly Effect[],
  deliverer: Deliverer | undefined,
): Promise<SavedRequest | undefined> => {
  const saved = { request: next, version: version + 1 };
  const toDeliver = deliverer && (await deliverer.saveToDeliver(next, version, effects));
  if (toDeliver !== undefined) return { ...saved, ledger: toDeliver.stored.ledger, toDeliver };
  return (await requests.save(next, version, effects)) ? { ...saved, ledger } : undefined;
};

/** Each step is told by itself, with whose hand was in it; the cards are drawn once, of what came of all. */
const furtherEffects = (chosen: AccessRequest, next: AccessRequest, now: Date): readonly Effect[] =>
  effectsOf(chosen, next, LATCHKEY, now).filter(({ kind }) => kind !== 'cards');
