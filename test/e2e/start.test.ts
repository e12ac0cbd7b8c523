import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, startProgram } from '../../demo/processes.js';
import { openRig } from './rig.js';
import type { Rig } from './rig.js';

// A bot that cannot work says why, in words for whoever runs it, and is gone; nothing listens meanwhile.

let rig: Rig;
beforeAll(async () => {
  rig = await openRig();
});
afterAll(() => rig.close());

/** What a start that must fail prints; throws when it succeeds. */
const failure = async (env: Readonly<Record<string, string>>): Promise<string> =>
  startProgram('main.js', { DATA_DIR: rig.folder, ...env }, 'Latchkey is listening').then(
    async (program) => {
      await program.stop();
      throw new Error('it started');
    },
    (thrown: unknown) => String(thrown),
  );

const WORKING = {
  HOST: '127.0.0.1',
  SLACK_BOT_TOKEN: 'xoxb-secret-token',
  SLACK_SIGNING_SECRET: 'secret-signing-key',
  SLACK_API_URL: 'http://127.0.0.1:9/api',
  ENTRA_CLIENT_ID: 'app',
  ENTRA_CLIENT_SECRET: 'secret-of-the-app',
  BOOTSTRAP_ADMINS: 'slack:U1',
};

test('every fault of the configuration is told at once, with exit code 1, and nothing listens', async () => {
  const port = await freePort(0);
  const said = await failure({ PORT: String(port), LOG_LEVEL: 'loud', SLACK_SIGNING_SECRET: 'secret-signing-key' });
  expect(said).toContain('ended with 1');
  for (const name of ['LOG_LEVEL', 'SLACK_BOT_TOKEN', 'ENTRA_CLIENT_ID', 'BOOTSTRAP_ADMINS'])
    expect(said).toContain(name);
  expect(said).not.toContain('secret-signing-key');
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow('fetch failed');
});

test('a Teams door without authentication does not open towards the network', async () => {
  const said = await failure({ ...WORKING, TEAMS_AUTH: 'none', PUBLIC_URL: 'https://bot.example' });
  expect(said).toContain('ended with 1');
  expect(said).toMatch(/TEAMS_AUTH=none.*PUBLIC_URL/u);
});

test.each<[string, () => Promise<Readonly<Record<string, string>>>, string]>([
  ['a vault key that is damaged', async () => ({ VAULT_IDENTITY: 'AGE-SECRET-KEY-1SECRETSECRET' }), 'age identity'],
  [
    'a database that does not answer',
    async () => ({
      MONGODB_URI: 'mongodb://bot:secret-password@127.0.0.1:9/?serverSelectionTimeoutMS=500',
      VAULT_IDENTITY: 'AGE-SECRET-KEY-1SECRETSECRET',
      AUDIT_KEY: 'secret-secret-secret-secret-secret',
    }),
    '127.0.0.1:9',
  ],
])(
  '%s is told in a sentence',
  async (_what, env, expected) => {
    const said = await failure({ ...WORKING, PORT: '0', ...(await env()) });
    expect(said).toContain('ended with 1');
    expect(said).toContain(expected);
    expect(said).not.toMatch(/secret|SECRETSECRET|\n\s+at /u);
  },
  60_000,
);

test('a port that is taken is told in a sentence', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  const said = await failure({ ...WORKING, PORT: String(port) });
  taken.close();
  expect(said).toContain('ended with 1');
  expect(said).toContain(`127.0.0.1:${port}`);
  expect(said).not.toMatch(/\n\s+at /u);
}, 60_000);
