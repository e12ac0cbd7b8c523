import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { SANDBOX_APP } from '../../../src/sandbox/seed.js';
import { REPOSITORY } from '../../repository.js';
import { startRig, type Rig } from './rig.js';

/** Guarantee: Microsoft's own identity and Graph libraries work against the sandbox, trusting nothing but its certificate. */

const run = promisify(execFile);

const JOURNEY = fileURLToPath(new URL('journey.ts', import.meta.url));

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

const journey = async (env: NodeJS.ProcessEnv): Promise<unknown> => {
  const { url } = rig.sandbox;
  const { clientId, clientSecret } = SANDBOX_APP;
  const args = ['--import', 'tsx', JOURNEY, url, clientId, clientSecret, 'jit.megan@contoso.com', 'Harbour-Teal-4711'];
  const { stdout } = await run(process.execPath, args, { cwd: REPOSITORY, env: { ...process.env, ...env } });
  return JSON.parse(stdout);
};

it('take an account from creation through roles to disabled', async () => {
  expect(await journey({ NODE_EXTRA_CA_CERTS: rig.sandbox.caFile })).toEqual({
    wrongSecret: 'AADSTS7000215',
    unknownTenant: 'AADSTS90002',
    assertion: true,
    batch: [201, 201],
    held: 2,
    active: { ok: true, roles: ['Helpdesk Administrator', 'Reports Reader'], groups: [] },
    stripped: { ok: true, roles: [], groups: [] },
    closed: { ok: false, reason: 'disabled', roles: [], groups: [] },
    again: '404 Request_ResourceNotFound',
  });
});
