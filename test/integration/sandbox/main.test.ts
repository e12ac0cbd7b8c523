import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { REPOSITORY } from '../../repository.js';

let folder: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-sandbox-main-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Starts the program and gives what it printed until it was ready, or until it ended. */
const start = async (env: NodeJS.ProcessEnv): Promise<{ output: string; process: ChildProcess }> => {
  const started = spawn(process.execPath, ['--import', 'tsx', 'src/sandbox/main.ts'], {
    cwd: REPOSITORY,
    env: { ...process.env, DATA_DIR: folder, PORT: '0', ...env },
  });
  child = started;
  let output = '';
  const ready = new Promise<void>((resolve) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes('Look inside:')) resolve();
    };
    started.stdout.on('data', read);
    started.stderr.on('data', read);
    started.once('close', () => resolve());
  });
  await ready;
  return { output, process: started };
};

const variable = (output: string, name: string): string => new RegExp(`^${name}=(.+)$`, 'm').exec(output)?.[1] ?? '';

const statusOf = async (url: string, caFile: string): Promise<number | undefined> => {
  const ca = await readFile(caFile);
  return new Promise((resolve, reject) => {
    request(url, { ca }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
};

it('prints what a bot needs, serves it, and ends cleanly on SIGTERM', async () => {
  const { output, process: started } = await start({});
  expect(output).toContain('Contoso');
  expect(output).toContain('Fabrikam');
  for (const name of ['ENTRA_CLIENT_ID', 'ENTRA_CLIENT_SECRET', 'ENTRA_AUTHORITY_HOST', 'GRAPH_BASE_URL'])
    expect(variable(output, name)).not.toBe('');
  const caFile = variable(output, 'NODE_EXTRA_CA_CERTS');
  expect(await statusOf(`${variable(output, 'GRAPH_BASE_URL')}/_sandbox/state`, caFile)).toBe(200);

  started.kill('SIGTERM');
  const [code] = (await once(started, 'exit')) as [number | null];
  expect(code).toBe(0);
});

it('keeps its certificate, so that a bot need not be told twice', async () => {
  const first = await start({});
  const before = await readFile(variable(first.output, 'NODE_EXTRA_CA_CERTS'), 'utf8');
  first.process.kill('SIGTERM');
  await once(first.process, 'exit');
  const second = await start({});
  expect(await readFile(variable(second.output, 'NODE_EXTRA_CA_CERTS'), 'utf8')).toBe(before);
});

it.each([
  ['PORT', 'eighty'],
  ['HOST', '0.0.0.0'],
])('says in one sentence why it cannot start with %s=%s', async (name, value) => {
  const { output, process: started } = await start({ [name]: value });
  expect(output.trim().split('\n')).toEqual([
    expect.stringMatching(new RegExp(`^The local Entra ID could not start: ${name} `)),
  ]);
  expect(started.exitCode).toBe(1);
});
