import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Separate processes: tests open databases, servers and signal handlers, which threads would share.
    pool: 'forks',
    maxWorkers: 2,
    globalSetup: ['test/global-setup.ts', 'test/sandbox-trust.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 15_000,
    restoreMocks: true,
  },
});
