import type { Fault } from '../engine/faults.js';
import type { RequestId } from '../engine/ids.js';
import { whyHidden } from '../flows/concern.js';
import type { MessageRef } from '../flows/ports.js';
import { review } from '../flows/review.js';
import type { Review } from '../flows/review.js';
import type { Answer } from './answer.js';
import { card, nothing, refuse, show } from './answers.js';
import { cleaned, LONGEST_REASON } from './asking.js';
import { faultSentence } from './copy.js';
import { denyForm } from './deny-form.js';
import type { ChatDeps, Turn } from './deps.js';
import { confirmByPasskey } from './second-factor.js';

export interface Decision {
  readonly verdict: Review['verdict'];
  readonly id: RequestId;
  readonly said: string | undefined;
  /** Clicked and not typed: the card that carried the button changes by itself and says it all. */
  readonly clicked: boolean;
  /** The card that was clicked. */
  readonly source?: MessageRef;
}

/** `/jit approve` and `/jit deny`, and the buttons that say the same. */
export const decide = async (deps: ChatDeps, turn: Turn, decision: Decision): Promise<Answer> => {
  const { verdict, id, said, clicked, source } = decision;
  const note = cleaned(said ?? '');
  if (note.length > LONGEST_REASON) {
    return refuse({ code: 'text.too-long', field: 'note', length: note.length, most: LONGEST_REASON }, turn.reading);
  }
  if (verdict === 'deny' && note === '') return denialNeedsReason(deps, turn, decision);
  const noted = note === '' ? {} : { note };
  const from = source === undefined ? {} : { source };
  const foreseen = await turn.foreseen;
  const reviewed = await review(deps, turn.person, turn.on, id, { verdict, ...noted, ...from, foreseen });
  if (!reviewed.ok) {
    // Only whoever may decide it at all comes so far.
    const provable = reviewed.error.code === 'request.second-factor';
    return provable ? confirmByPasskey(deps, turn, id, noted.note) : refuse(reviewed.error, turn.reading);
  }
  return clicked ? nothing : show(card(sayOutcome(verdict, id, reviewed.value)));
};

const sayOutcome = (
  verdict: Review['verdict'],
  id: RequestId,
  { state, requesterName }: { readonly state: string; readonly requesterName: string },
): string => {
  if (state !== 'pending') {
    return verdict === 'deny'
      ? `Denied: ${requesterName} is told why (${id})`
      : `Approved: ${requesterName} gets in (${id})`;
  }
  return verdict === 'deny'
    ? `Your denial of ${id} counts; more are needed to end it`
    : `Your approval of ${id} counts; more are needed`;
};

/** Whoever is denied is owed a reason; the form asks for it. */
const denialNeedsReason = async (deps: ChatDeps, turn: Turn, { id, source }: Decision): Promise<Answer> => {
  const stored = await deps.requests.load(id);
  if (stored === undefined) return refuse({ code: 'request.unknown', asked: id }, turn.reading);
  const hidden = await whyHidden(deps, turn.person, stored, source);
  if (hidden !== undefined) return refuse(hidden, turn.reading);
  const problem = 'Say why, so that they know what to change.';
  const fault: Fault = { code: 'command.usage', problem, topic: 'deny' };
  return { kind: 'show', view: denyForm(id, faultSentence(fault, turn.reading)), tone: 'refusal', fault };
};
