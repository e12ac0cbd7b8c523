import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** By how long they make somebody wait: what waits for real processes, or for whole journeys, must not come last. */
const FIRST = ['unanswered.test.ts', '/e2e/crash', '/e2e/demo', '/e2e/', '/journey/', '/integration/'];

const rankOf = ({ moduleId }: TestSpecification): number => {
  const rank = FIRST.findIndex((part) => moduleId.includes(part));
  return rank === -1 ? FIRST.length : rank;
};

class LongestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((one, other) => rankOf(one) - rankOf(other)));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Separate processes: tests open databases, servers and signal handlers, which threads would share.
    pool: 'forks',
    // Loading the modules once a file would take longer than most files do; no test leaves anything behind in them.
    isolate: false,
    // One more than two cores carry: the longest tests mostly wait.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    globalSetup: ['test/global-setup.ts', 'test/sandbox-trust.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 15_000,
    restoreMocks: true,
  },
});
