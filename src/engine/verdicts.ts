import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { Fault } from './faults.js';
import type { PersonId } from './ids.js';
import type { AccessRequest, Verdict } from './request.js';

/** Somebody's word. `aliases`: the other ids that mean the same person. */
export interface Word {
  readonly type: 'approve' | 'deny';
  readonly verdict: Verdict;
  readonly aliases: readonly PersonId[];
}

/**
 * The request with this word on record: whoever spoke before is heard with their last word alone. The same word again
 * changes nothing and is no fault, as long as it still stands: `value` is then the request itself. Whether enough has
 * been said depends on who still counts, which is for the caller to find out.
 */
export const heard = (request: AccessRequest, word: Word, now: Date): Result<AccessRequest, Fault> => {
  const { type, verdict, aliases } = word;
  const pending = request.state === 'pending';
  const stands = pending || outcomeOf(request) === (type === 'deny' ? 'denied' : 'approved');
  const speaker = [verdict.person, ...aliases];
  if (stands && repeats(request, word, speaker)) return ok(request);
  if (!pending) return err(alreadyDecided(request, type));
  // Its time is over even if nobody was awake to record it.
  if (request.lapsesAt <= now) return err(wrongState({ ...request, state: 'lapsed' }, type));
  const others = (verdicts: readonly Verdict[]): readonly Verdict[] =>
    verdicts.filter(({ person }) => !speaker.includes(person));
  const approvals = others(request.approvals);
  const denials = others(request.denials);
  return ok(
    type === 'approve'
      ? { ...request, approvals: [...approvals, verdict], denials }
      : { ...request, approvals, denials: [...denials, verdict] },
  );
};

/** Whether it is what this person said last. An approval that is now proven by passkey says more than one that was not. */
const repeats = (request: AccessRequest, { type, verdict }: Word, speaker: readonly PersonId[]): boolean => {
  const said = (type === 'deny' ? request.denials : request.approvals).find(({ person }) => speaker.includes(person));
  return said !== undefined && (verdict.factor === undefined || said.factor !== undefined);
};

export const hasSpoken = ({ approvals, denials }: AccessRequest, ids: readonly PersonId[]): boolean =>
  [...approvals, ...denials].some(({ person }) => ids.includes(person));

/** What people decided; nothing where they have not, or where it was called off whatever some of them had said. */
const outcomeOf = ({ state, approvals }: AccessRequest): 'approved' | 'denied' | undefined => {
  if (state === 'denied') return 'denied';
  const open = state === 'pending' || state === 'cancelled' || state === 'lapsed';
  return open || approvals.length === 0 ? undefined : 'approved';
};

const alreadyDecided = (request: AccessRequest, verb: string): Fault => {
  const verdict = outcomeOf(request);
  const last = request.state === 'denied' ? request.denials.at(-1) : request.approvals.at(-1);
  if (verdict === undefined || last === undefined || request.decidedAt === undefined) return wrongState(request, verb);
  return { code: 'request.decided', id: request.id, by: last.name, verdict, at: request.decidedAt };
};

export const wrongState = ({ id, state }: AccessRequest, verb: string): Fault => ({
  code: 'request.wrong-state',
  id,
  state,
  verb,
});

/** The request as its people have decided it. */
export const decided = (request: AccessRequest, state: 'approved' | 'denied', now: Date): AccessRequest => ({
  ...request,
  state,
  decidedAt: now,
});
