import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEEP_MS, openers, withAnswer, withCandidate } from '../../../src/engine/break-glass.js';
import type { BreakGlassAccount, Candidate } from '../../../src/engine/break-glass.js';
import { breakGlassId, tenantId } from '../../../src/engine/ids.js';
import { addMs, DAY, HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';

/** Whatever becomes of the writes, the password that the directory holds is on the list, and the list says so. */

const CONTOSO = tenantId('contoso');
const START = new Date('2026-03-01T00:00:00Z');

const account: BreakGlassAccount = {
  id: breakGlassId(CONTOSO, 'emergency1'),
  tenant: CONTOSO,
  name: 'emergency1',
  upn: 'emergency1@contoso.onmicrosoft.com',
  origin: 'made',
  isAdministrator: true,
  candidates: [],
};

/** One rotation as the directory sees it, and as we do. `none`: the process died before it could note the answer. */
interface Write {
  /** Since the one before. */
  readonly afterMs: number;
  readonly fate: 'applied' | 'lost' | 'late';
  readonly lateMs: number;
  readonly answer: 'set' | 'refused' | 'unclear' | 'none';
  readonly answeredAfterMs: number;
}

const clear = <F extends Write['fate'], A extends Write['answer']>(fate: F, answers: readonly A[]) =>
  fc.record({
    afterMs: fc.oneof(
      fc.integer({ min: SECOND, max: 5 * MINUTE }),
      fc.integer({ min: HOUR, max: 3 * DAY }),
      fc.constantFrom(DAY, KEEP_MS - SECOND, KEEP_MS + SECOND),
    ),
    fate: fc.constant(fate),
    lateMs: fc.oneof(fc.integer({ min: 0, max: KEEP_MS }), fc.constant(KEEP_MS)),
    answer: fc.constantFrom(...answers),
    answeredAfterMs: fc.integer({ min: 0, max: 30 * SECOND }),
  });

/** A clear answer is a true one: what was refused was not done, what was set was done by then. */
const writes: fc.Arbitrary<readonly Write[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: clear('applied', ['set', 'set', 'unclear', 'none']) },
    { weight: 2, arbitrary: clear('lost', ['refused', 'unclear', 'none']) },
    { weight: 2, arbitrary: clear('late', ['unclear', 'none']) },
  ),
  { minLength: 1, maxLength: 14 },
);

interface Moment {
  readonly at: Date;
  readonly does: () => void;
}

/** Lets it all happen in the order of time, and looks after each step. */
const live = (plan: readonly Write[], look: (held: string | undefined, known: BreakGlassAccount) => void): void => {
  let known = account;
  let held: string | undefined;
  const moments: Moment[] = [];
  let sentAt = START;
  for (const [index, { afterMs, fate, lateMs, answer, answeredAfterMs }] of plan.entries()) {
    sentAt = addMs(sentAt, Math.max(afterMs, (plan[index - 1]?.answeredAfterMs ?? 0) + 1));
    const at = sentAt;
    const password = `password ${index}`;
    const arrives = (): void => {
      held = password;
    };
    let number = 0;
    moments.push({
      at,
      does: () => {
        known = withCandidate(known, { sealed: password, recipients: ['age1safe'], at });
        number = known.candidates[0]!.number;
      },
    });
    if (fate === 'applied') moments.push({ at, does: arrives });
    if (fate === 'late') moments.push({ at: addMs(at, lateMs), does: arrives });
    const answeredAt = addMs(at, answeredAfterMs);
    if (answer !== 'none') {
      moments.push({ at: answeredAt, does: () => (known = withAnswer(known, number, answer, answeredAt)) });
    }
  }
  // The sort is stable: what belongs to one moment stays in its order.
  for (const { does } of moments.toSorted((one, other) => one.at.getTime() - other.at.getTime())) {
    does();
    look(held, known);
  }
};

const sealedIn = (candidates: readonly Candidate[]): readonly string[] => candidates.map(({ sealed }) => sealed);

describe('the passwords on record', () => {
  it('always have the one among them that the directory holds, and name it as one that opens', () => {
    fc.assert(
      fc.property(writes, (plan) => {
        const missed: string[] = [];
        live(plan, (held, { candidates }) => {
          if (held !== undefined && !sealedIn(openers(candidates)).includes(held)) missed.push(held);
          if (held !== undefined && !sealedIn(candidates).includes(held)) missed.push(held);
        });
        expect(missed).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });

  it('are numbered upwards, newest first, and no number is given twice', () => {
    fc.assert(
      fc.property(writes, (plan) => {
        const byNumber = new Map<number, string>();
        live(plan, (_held, { candidates }) => {
          const numbers = candidates.map(({ number }) => number);
          expect(numbers).toEqual(numbers.toSorted((one, other) => other - one));
          for (const { number, sealed } of candidates) {
            expect(byNumber.get(number) ?? sealed).toBe(sealed);
            byNumber.set(number, sealed);
          }
        });
      }),
    );
  });

  it('stay few: two days of success leave what one day needs, and a month of refusals no more than its last day', () => {
    const rotated = (known: BreakGlassAccount, at: Date, kind: 'set' | 'refused' | 'unclear'): BreakGlassAccount => {
      const next = withCandidate(known, { sealed: at.toISOString(), recipients: [], at });
      return withAnswer(next, next.candidates[0]!.number, kind, addMs(at, SECOND));
    };
    let known = account;
    for (let hour = 0; hour < 24 * 30; hour += 1) known = rotated(known, addMs(START, hour * HOUR), 'refused');
    expect(known.candidates).toHaveLength(24);
    for (let hour = 0; hour < 48; hour += 1) known = rotated(known, addMs(START, (800 + hour) * HOUR), 'unclear');
    for (let day = 0; day < 4; day += 1) known = rotated(known, addMs(START, 850 * HOUR + day * DAY), 'set');
    expect(known.candidates).toHaveLength(2);
  });

  it('are offered likeliest first: the newest that was set, before whatever is in doubt', () => {
    const at = START;
    const candidate = (number: number, kind?: 'set' | 'refused' | 'unclear'): Candidate => ({
      number,
      sealed: `${number}`,
      recipients: [],
      at,
      ...(kind === undefined ? {} : { answer: { kind, at } }),
    });
    const all = [
      candidate(5),
      candidate(4, 'refused'),
      candidate(3, 'unclear'),
      candidate(2, 'set'),
      candidate(1, 'set'),
    ];
    expect(openers(all).map(({ number }) => number)).toEqual([2, 5, 3, 1]);
  });
});
