import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nock from 'nock';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AppCredential } from '../../../src/entra/credential.js';
import { redacted } from '../../../src/lib/redacted.js';
import { CLIENT_ID, closeNetwork, reopenNetwork, stageDirectory, TENANT, TOKEN } from '../../fakes/graph.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-credential-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(closeNetwork);
afterEach(reopenNetwork);

/** The forms that were posted to this login authority. */
const acceptTokens = (authority: string): URLSearchParams[] => {
  const forms: URLSearchParams[] = [];
  const tenant = TENANT.directoryId;
  nock(authority)
    .persist()
    .get(`/${tenant}/v2.0/.well-known/openid-configuration`)
    .reply(200, {
      issuer: `${authority}/${tenant}/v2.0`,
      authorization_endpoint: `${authority}/${tenant}/oauth2/v2.0/authorize`,
      token_endpoint: `${authority}/${tenant}/oauth2/v2.0/token`,
      jwks_uri: `${authority}/keys`,
    });
  nock(authority)
    .persist()
    .post(/\/token/)
    .reply((_uri, body) => {
      forms.push(new URLSearchParams(body as Record<string, string>));
      return [200, { token_type: 'Bearer', expires_in: 3600, access_token: TOKEN }];
    });
  return forms;
};

const acceptCalls = (graph: string): string[] => {
  const tokens: string[] = [];
  nock(graph)
    .persist()
    .get(/^\/v1\.0\//)
    .reply(function answer() {
      tokens.push(String(this.req.headers['authorization']));
      return [200, { value: [] }];
    });
  return tokens;
};

describe('each cloud', () => {
  it.each([
    ['global', 'https://login.microsoftonline.com', 'https://graph.microsoft.com'],
    ['usgov', 'https://login.microsoftonline.us', 'https://graph.microsoft.us'],
    ['usdod', 'https://login.microsoftonline.us', 'https://dod-graph.microsoft.us'],
    // The SDK knows by heart that China's login authority answers under another of its names.
    ['china', 'https://login.partner.microsoftonline.cn', 'https://microsoftgraph.chinacloudapi.cn'],
  ] as const)('%s has its own login authority, Graph and token', async (cloud, authority, graph) => {
    const forms = acceptTokens(authority);
    const tokens = acceptCalls(graph);
    expect(await stageDirectory({ cloud }).directory.roles(TENANT)).toEqual({ ok: true, value: [] });
    expect(forms[0]?.get('scope')).toContain(`${graph}/.default`);
    expect(tokens).toEqual([`Bearer ${TOKEN}`]);
  });
});

describe('another authority and Graph', () => {
  it('are asked without Microsoft’s being asked whether they are genuine', async () => {
    const forms = acceptTokens('https://login.test:8443');
    const tokens = acceptCalls('https://graph.test:8444');
    const { directory } = stageDirectory({
      authorityHost: 'https://login.test:8443',
      graphBaseUrl: 'https://graph.test:8444',
    });
    expect(await directory.roles(TENANT)).toEqual({ ok: true, value: [] });
    expect(forms).toHaveLength(1);
    expect(tokens).toEqual([`Bearer ${TOKEN}`]);
  });
});

describe('the app proves itself', () => {
  const proveBy = async (credential: AppCredential): Promise<URLSearchParams | undefined> => {
    const [form] = await signIn(credential);
    return form;
  };

  const signIn = async (credential: AppCredential): Promise<readonly URLSearchParams[]> => {
    const forms = acceptTokens('https://login.microsoftonline.com');
    acceptCalls('https://graph.microsoft.com');
    const { directory } = stageDirectory({ credential });
    const first = await directory.roles(TENANT);
    const second = await directory.roles(TENANT);
    expect([first, second]).toEqual([
      { ok: true, value: [] },
      { ok: true, value: [] },
    ]);
    return forms;
  };

  it('by a secret, once for many calls', async () => {
    const forms = await signIn({ kind: 'secret', secret: redacted('s') });
    expect(forms.map((form) => form.get('client_secret'))).toEqual(['s']);
  });

  it('by a certificate, signing for this tenant’s authority', async () => {
    const path = join(folder, 'app.pem');
    const pems = await generate([{ name: 'commonName', value: 'latchkey' }]);
    await writeFile(path, `${pems.private}\n${pems.cert}`);
    const form = await proveBy({ kind: 'certificate', path });
    const [, payload = ''] = form?.get('client_assertion')?.split('.') ?? [];
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      iss: CLIENT_ID,
      aud: expect.stringContaining(TENANT.directoryId),
    });
  });

  it('by the platform’s own token', async () => {
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'header.payload.signature\n');
    const form = await proveBy({ kind: 'federated', tokenFile });
    expect(form?.get('client_assertion')).toBe('header.payload.signature');
  });

  it.each([
    ['certificate', { kind: 'certificate', path: '/nowhere/app.pem' }],
    ['token', { kind: 'federated', tokenFile: '/nowhere/token' }],
  ] as const)('not without its %s, and says so', async (_what, credential) => {
    acceptTokens('https://login.microsoftonline.com');
    expect(await stageDirectory({ credential }).directory.roles(TENANT)).toEqual({
      ok: false,
      error: { code: 'directory.credential', detail: "sign-in: the credential's file cannot be read, ENOENT" },
    });
  });
});
