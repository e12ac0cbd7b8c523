import type { Goal, Unit, Verdict } from './row.js';

const HEAD = ['row', 'ours', 'beside', 'ratio', 'goal', 'holds'] as const;

const DIGITS: Readonly<Record<Unit, number>> = { s: 2, ms: 1, MB: 0, calls: 0, '/s': 0 };

const amount = (value: number, unit: Unit): string => `${value.toFixed(DIGITS[unit])} ${unit}`;

const goalText = ({ kind, limit }: Goal, unit: Unit): string =>
  kind === 'below'
    ? `<= ${limit} ${unit}`
    : kind === 'faster'
      ? `>= ${limit} times faster`
      : `ratio ${kind === 'times' ? '>=' : '<='} ${limit}`;

/** `row | ours | beside | ratio | goal | holds`, and below it what each yardstick is. */
export const table = (verdicts: readonly Verdict[]): string => {
  const rows = verdicts.map(({ name, unit, ours, beside, ratio, goal, holds }) => [
    name,
    amount(ours, unit),
    amount(beside, unit),
    ratio.toFixed(2),
    goalText(goal, unit),
    holds ? 'yes' : 'NO',
  ]);
  const widths = HEAD.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const render = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(' | ')
      .trimEnd();
  const notes = verdicts.map(({ name, yardstick, samples }) => `${name}: beside ${yardstick}; medians of ${samples}`);
  const rule = widths.map((width) => '-'.repeat(width)).join('-|-');
  return [render(HEAD), rule, ...rows.map(render), '', ...notes].join('\n');
};
