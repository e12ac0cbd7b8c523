import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const globalSetup = 'test/global-setup.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Separate processes: tests open databases, servers and signal handlers, which threads would share.
    pool: 'forks',
    maxWorkers: 2,
    ...(existsSync(globalSetup) ? { globalSetup } : {}),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 15_000,
    restoreMocks: true,
  },
});
