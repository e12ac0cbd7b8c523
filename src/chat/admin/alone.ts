import type { Fault } from '../../engine/faults.js';
import type { AdminContext } from './noun.js';

/** Why an answer for the speaker's eyes only cannot be given here: in Slack they alone see it, in a channel of Teams everybody would. */
export const notAlone = ({ turn }: Pick<AdminContext, 'turn'>): Fault | undefined =>
  turn.on === 'teams' && !turn.speaker.direct ? { code: 'direct-only' } : undefined;
