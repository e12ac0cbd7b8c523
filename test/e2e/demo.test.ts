import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

// The first thing anybody tries must work, and work again. Two at once share no port, folder or database, so that nothing
// one leaves behind can be in the way of another.

const TSX = createRequire(import.meta.url).resolve('tsx/cli');
const DEMO = fileURLToPath(new URL('../../demo/main.ts', import.meta.url));

const runOnce = (): Promise<{ readonly stdout: string }> =>
  promisify(execFile)(process.execPath, [TSX, DEMO, '--once'], { timeout: 180_000 });

test('the demo carries the whole journey by itself, and once more beside itself', async () => {
  for (const { stdout } of await Promise.all([runOnce(), runOnce()])) {
    expect(stdout).toContain('the credential no longer signs in');
    expect(stdout).toContain('in all; every step held');
  }
}, 240_000);
