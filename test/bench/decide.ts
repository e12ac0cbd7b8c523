import { decide as decideBy } from '../../src/engine/decide.js';
import { casbin, casbinCached, cedar } from './decide-rivals.js';
import type { Rival } from './decide-rivals.js';
import { casesOf, organizations } from './decide-world.js';
import type { PlainOrganization } from './decide-world.js';
import type { Reading, Row } from './row.js';

const TIMES = 15;
const WARM_UP = 3;

/** Ours answers this often a turn, so that a turn is long enough to be timed. */
const REPEATS = 20;

/** Over every organization, each with its own enforcer or policy set. */
interface Contender {
  readonly name: string;
  readonly repeats: number;
  answer(): Promise<readonly boolean[]>;
}

const ours = (all: readonly PlainOrganization[]): Contender => {
  const cases = all.flatMap(casesOf);
  return {
    name: 'Latchkey',
    repeats: REPEATS,
    answer: () => Promise.resolve(cases.map(({ ask, book }) => decideBy(ask, book).kind !== 'refuse')),
  };
};

const rival = async (
  all: readonly PlainOrganization[],
  open: (organization: PlainOrganization) => Rival | Promise<Rival>,
): Promise<Contender> => {
  const rivals: Rival[] = [];
  for (const organization of all) rivals.push(await open(organization));
  return {
    name: rivals[0]?.name ?? 'nobody',
    repeats: 1,
    answer: async () => {
      const answers: (readonly boolean[])[] = [];
      for (const one of rivals) answers.push(await one.answer());
      return answers.flat();
    },
  };
};

/** Decisions a second. */
const timed = async ({ answer, repeats }: Contender): Promise<number> => {
  let answered = 0;
  const before = performance.now();
  for (let repeat = 0; repeat < repeats; repeat += 1) answered += (await answer()).length;
  return (answered * 1_000) / (performance.now() - before);
};

/** Nobody is fast who answers something else. */
const assertAgreement = async (contenders: readonly Contender[]): Promise<void> => {
  const answers = await Promise.all(contenders.map(({ answer }) => answer()));
  const [first = []] = answers;
  for (const [index, other] of answers.entries()) {
    const differs = first.findIndex((allowed, question) => allowed !== other[question]);
    if (differs !== -1 || other.length !== first.length) {
      throw new Error(`${contenders[index]?.name} answers question ${differs} otherwise`);
    }
  }
  const allowed = first.filter(Boolean).length;
  if (allowed < first.length / 10 || allowed > (first.length * 9) / 10) throw new Error('the questions are no mix');
};

/** Turn by turn, so that what else the machine does disturbs all alike. */
const measure = async (contenders: readonly Contender[]): Promise<ReadonlyMap<Contender, readonly number[]>> => {
  const taken = new Map(contenders.map((contender) => [contender, [] as number[]]));
  for (let time = 0; time < WARM_UP + TIMES; time += 1) {
    for (const [contender, samples] of taken) {
      const rate = await timed(contender);
      if (time >= WARM_UP) samples.push(rate);
    }
  }
  return taken;
};

const faster = async (one: Contender, other: Contender): Promise<Contender> => {
  const taken = await measure([one, other]);
  const total = (contender: Contender): number => (taken.get(contender) ?? []).reduce((sum, rate) => sum + rate, 0);
  return total(one) >= total(other) ? one : other;
};

export const decide: Row = {
  name: 'decide',
  measure: async () => {
    const all = organizations();
    const us = ours(all);
    const [sync, cached] = [await rival(all, casbin), await rival(all, casbinCached)];
    const preparsed = await rival(all, cedar);
    await assertAgreement([us, sync, cached, preparsed]);
    const bestOfCasbin = await faster(sync, cached);
    const taken = await measure([us, bestOfCasbin, preparsed]);
    const reading = (beside: Contender, limit: number): Reading => ({
      name: `decide, beside ${beside.name.split(' ')[0]}`,
      unit: '/s',
      ours: taken.get(us) ?? [],
      beside: taken.get(beside) ?? [],
      yardstick: `${beside.name} on the same ${all[0]?.rules.length} rules an organization, and without reasons`,
      goal: { kind: 'times', limit },
    });
    return [reading(bestOfCasbin, 10), reading(preparsed, 40)];
  },
};
