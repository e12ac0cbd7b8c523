import type { Fault } from '../engine/faults.js';
import type { Intent, Speaker } from './speaker.js';
import type { View } from './view.js';

/**
 * What to show the speaker.
 * `tone` says whether it is a plain answer or a refusal; a refused form stays open with its problem shown.
 * `replace`: the view takes the place of the message whose button was clicked (Teams answers the invoke with it; Slack
 * updates the message only when it is one that nobody else updates). `nothing`: cards elsewhere say it all.
 */
export type Answer =
  | { readonly kind: 'show'; readonly view: View; readonly tone: 'answer' }
  /** `fault` is for the log: everything of it that may be shown, the view shows. */
  | { readonly kind: 'show'; readonly view: View; readonly tone: 'refusal'; readonly fault?: Fault }
  | { readonly kind: 'replace'; readonly view: View }
  | { readonly kind: 'nothing' };

/** The whole conversation as one function: the adapters know nothing else of what happens behind it. It never throws. */
export type Dispatch = (speaker: Speaker, intent: Intent) => Promise<Answer>;
