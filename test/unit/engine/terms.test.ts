import { describe, expect, it } from 'vitest';
import { groupId } from '../../../src/engine/ids.js';
import type { Demands, Quorum } from '../../../src/engine/rule.js';
import { strictest } from '../../../src/engine/terms.js';
import { HOUR, MINUTE } from '../../../src/lib/clock.js';
import { aRule, demanding } from '../../fakes/fixtures.js';

const quorum = (
  group: string,
  count: number,
  escalation?: { readonly to: string; readonly afterMs: number },
): Quorum => ({
  group: groupId(group),
  groupName: group,
  count,
  ...(escalation === undefined
    ? {}
    : { escalation: { group: groupId(escalation.to), groupName: escalation.to, afterMs: escalation.afterMs } }),
});

const together = (...all: readonly Partial<Demands>[]): Demands =>
  strictest(all.map((demands) => aRule({ demands: demanding(demands) })));

describe('of several readings the stricter one holds', () => {
  it.each<[string, readonly Partial<Demands>[], Partial<Demands>]>([
    ['the shorter limit', [{ longestMs: HOUR }, { longestMs: 2 * HOUR }], { longestMs: HOUR }],
    ['the shorter wait', [{ pendingMs: 2 * HOUR }, { pendingMs: HOUR }], { pendingMs: HOUR }],
    ['the fewer denials', [{ denials: 3 }, { denials: 2 }], { denials: 2 }],
    [
      'self-approval only where all allow it',
      [{ selfApproval: true }, { selfApproval: false }],
      { selfApproval: false },
    ],
    ['self-approval where all do', [{ selfApproval: true }, { selfApproval: true }], { selfApproval: true }],
    ['a second factor where any asks for it', [{ secondFactor: true }, {}], { secondFactor: true }],
    ['a ticket where any asks for it', [{}, { ticket: {} }], { ticket: {} }],
    ['the ticket with a pattern', [{ ticket: {} }, { ticket: { pattern: 'INC' } }], { ticket: { pattern: 'INC' } }],
  ])('%s', (_, all, expected) => {
    expect(together(...all)).toMatchObject(expected);
    expect(together(...all.toReversed())).toMatchObject(expected);
  });

  it.each<[string, readonly Quorum[], readonly Quorum[]]>([
    ['of one group the most that is asked of it', [quorum('A', 1), quorum('A', 2)], [quorum('A', 2)]],
    ['of several groups each', [quorum('A', 1), quorum('B', 1)], [quorum('A', 1), quorum('B', 1)]],
    [
      'the later of two escalations, and the greater count',
      [quorum('A', 2, { to: 'B', afterMs: MINUTE }), quorum('A', 1, { to: 'B', afterMs: HOUR })],
      [quorum('A', 2, { to: 'B', afterMs: HOUR })],
    ],
    [
      'both, where only one lets others count in time',
      [quorum('A', 1, { to: 'B', afterMs: MINUTE }), quorum('A', 1)],
      [quorum('A', 1, { to: 'B', afterMs: MINUTE }), quorum('A', 1)],
    ],
  ])('%s', (_, quorums, expected) => {
    const combined = together(...quorums.map((one) => ({ quorums: [one] }))).quorums;
    expect(combined).toEqual(expected);
    expect(together({ quorums }).quorums).toEqual(expected);
  });

  it('no rule at all allows no time at all', () => {
    expect(strictest([])).toMatchObject({ longestMs: 0, selfApproval: false });
  });
});
