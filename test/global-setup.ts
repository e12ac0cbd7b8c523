import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { createLog } from '../src/lib/log.js';
import { startEngine } from '../src/store/engine-process.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The MongoDB server of this test run, embedded or named by MONGODB_URI. */
    readonly mongodbUri: string;
  }
}

/** One database server for all test files; each takes its own database from it (test/fakes/database.ts). */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['MONGODB_URI'];
  if (given !== undefined && given !== '') {
    project.provide('mongodbUri', given);
    return async () => undefined;
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-tests-'));
  const engine = await startEngine({ dataDir, log: createLog('warn') });
  project.provide('mongodbUri', engine.uri);
  return async () => {
    await engine.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
