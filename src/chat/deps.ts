import type { FlowDeps } from '../flows/deps.js';
import type { RequestId } from '../engine/ids.js';
import type { Platform } from '../engine/person.js';
import type { Person } from '../engine/person.js';
import type { Notifier } from '../flows/ports.js';
import type { Foreseen } from '../flows/reconsider.js';
import type { Reading } from './say.js';
import type { Speaker } from './speaker.js';
import type { Card } from './view.js';

/** What the conversation needs beyond the flows. */
export interface ChatDeps extends FlowDeps {
  readonly notifier: Notifier<Card>;
  /** Performs a request's effects now and resolves when its cards stand. */
  readonly deliver: (id: RequestId) => Promise<void>;
}

/** One turn of a conversation: who speaks, as loaded for this turn. */
export interface Turn {
  readonly speaker: Speaker;
  readonly person: Person;
  readonly on: Platform;
  readonly reading: Reading;
  /** What a click is about, read while its speaker was. */
  readonly foreseen?: Promise<Foreseen | undefined> | undefined;
}
