import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// The first thing anybody tries must work, and work again.

const TSX = createRequire(import.meta.url).resolve('tsx/cli');
const DEMO = fileURLToPath(new URL('../../demo/main.ts', import.meta.url));

const runOnce = (): Promise<{ readonly stdout: string }> =>
  promisify(execFile)(process.execPath, [TSX, DEMO, '--once'], { timeout: 120_000 });

test('the demo carries the whole journey by itself, twice in a row', async () => {
  for (const _time of ['the first time', 'again']) {
    const { stdout } = await runOnce();
    expect(stdout).toContain('the credential no longer signs in');
    expect(stdout).toContain('in all; every step held');
  }
}, 240_000);
