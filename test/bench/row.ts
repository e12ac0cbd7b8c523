/** One row of the bench: what we take, beside what the same thing takes without us, measured in the same run. */
export interface Row {
  readonly name: string;
  /** Each reading becomes a line of the table. */
  measure(ground: Ground): Promise<readonly Reading[]>;
}

/** What every row may use. */
export interface Ground {
  /** Empty, and gone when the bench ends. */
  readonly folder: string;
  /** Where a local Entra ID finds the certificate that this process trusts. */
  readonly sandboxFolder: string;
}

export type Unit = 's' | 'ms' | 'MB' | 'calls' | '/s';

export interface Reading {
  readonly name: string;
  readonly unit: Unit;
  /** Repetitions; their median counts. */
  readonly ours: readonly number[];
  readonly beside: readonly number[];
  /** What `beside` is. */
  readonly yardstick: string;
  readonly goal: Goal;
}

/**
 * `below`: the figure itself, at most. `ratio`: ours to the yardstick, at most. `times`: the same, at least, where more
 * is better. `faster`: the yardstick to ours, at least. All are met by the limit itself too.
 */
export interface Goal {
  readonly kind: 'below' | 'ratio' | 'times' | 'faster';
  readonly limit: number;
}

export interface Verdict extends Pick<Reading, 'name' | 'unit' | 'yardstick' | 'goal'> {
  readonly ours: number;
  readonly beside: number;
  /** Ours to the yardstick; for `faster` the yardstick to ours. */
  readonly ratio: number;
  readonly samples: number;
  readonly holds: boolean;
}

/** Fewer tell nothing. */
const FEWEST_SAMPLES = 3;

/** Nothing passes that was not measured: throws where samples are missing, or are no measurements. */
export const judge = (reading: Reading): Verdict => {
  const { name, unit, yardstick, goal } = reading;
  const ours = median(name, reading.ours);
  const beside = median(name, reading.beside);
  const ratio = goal.kind === 'faster' ? beside / ours : ours / beside;
  const samples = Math.min(reading.ours.length, reading.beside.length);
  return { name, unit, yardstick, goal, ours, beside, ratio, samples, holds: isMet(goal, ours, ratio) };
};

const isMet = ({ kind, limit }: Goal, ours: number, ratio: number): boolean =>
  kind === 'times' || kind === 'faster' ? ratio >= limit : (kind === 'below' ? ours : ratio) <= limit;

const median = (name: string, samples: readonly number[]): number => {
  const sorted = samples.toSorted((one, other) => one - other);
  if (sorted.length < FEWEST_SAMPLES || !sorted.every((sample) => Number.isFinite(sample) && sample > 0)) {
    throw new Error(`${name} was not measured: [${samples.join(', ')}]`);
  }
  const middle = sorted.length / 2;
  const pair = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1);
  return pair.reduce((sum, sample) => sum + sample, 0) / pair.length;
};
