import nock from 'nock';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppCredential, TenantApp } from '../../../src/entra/credential.js';
import { createReach } from '../../../src/entra/reach.js';
import { systemClock } from '../../../src/lib/clock.js';
import { silentLog } from '../../../src/lib/log.js';
import { systemRandom } from '../../../src/lib/random.js';
import { redacted } from '../../../src/lib/redacted.js';
import type { Redacted } from '../../../src/lib/redacted.js';
import { ok } from '../../../src/lib/result.js';
import { CLIENT_ID, CLIENT_SECRET, closeNetwork, reopenNetwork, TENANT } from '../../fakes/graph.js';

/** A tenant with an app of its own is reached by that app alone, at the login authority and Graph of its own cloud. */

const OWN = '77777777-0000-4000-8000-000000000007';
const GOVERNMENT = { login: 'https://login.microsoftonline.us', graph: 'https://graph.microsoft.us' };

beforeEach(closeNetwork);
afterEach(reopenNetwork);

/** The forms that were posted to the login authority, for which any Graph then answers. */
const serve = (login: string, graph: string): URLSearchParams[] => {
  const forms: URLSearchParams[] = [];
  nock(login)
    .persist()
    .post(/\/token/)
    .reply((_uri, body) => {
      forms.push(new URLSearchParams(body as Record<string, string>));
      return [200, { token_type: 'Bearer', expires_in: 3600, access_token: 't' }];
    });
  nock(graph).persist().get('/v1.0/organization').reply(200, {});
  return forms;
};

const ask = (appOf: () => Promise<TenantApp | undefined>) => {
  const { inTenant } = createReach({
    config: { clientId: CLIENT_ID, credential: { kind: 'secret', secret: redacted(CLIENT_SECRET) }, cloud: 'global' },
    appOf,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  });
  return () =>
    inTenant(TENANT.directoryId, async (graph, patience) => {
      const got = await graph.send({ method: 'GET', path: '/organization' }, patience);
      return got.ok
        ? ok({ clientId: graph.clientId, address: graph.graphAddress })
        : { ok: false, error: got.error.fault };
    });
};

const app = (credential: AppCredential, version = '1'): TenantApp => ({
  clientId: OWN,
  credential,
  cloud: 'usgov',
  version,
});
const secret = (text: string): AppCredential => ({ kind: 'secret', secret: redacted(text) });
const pem = (text: string): AppCredential => ({ kind: 'pem', pem: redacted(text) });

describe('an app of a tenant’s own', () => {
  it('speaks for itself in its own cloud', async () => {
    const forms = serve(GOVERNMENT.login, GOVERNMENT.graph);
    const got = await ask(async () => app(secret('own')))();
    expect(got).toEqual({ ok: true, value: { clientId: OWN, address: GOVERNMENT.graph } });
    expect(forms.map((form) => [form.get('client_id'), form.get('client_secret')])).toEqual([[OWN, 'own']]);
    expect(forms[0]?.get('scope')).toContain(`${GOVERNMENT.graph}/.default`);
  });

  it('is asked for a new token when it has another version, and only then', async () => {
    const forms = serve(GOVERNMENT.login, GOVERNMENT.graph);
    let current = app(secret('first'));
    const asked = ask(async () => current);
    await asked();
    current = app(secret('second'));
    await asked();
    current = app(secret('second'), '2');
    await asked();
    await asked();
    expect(forms.map((form) => form.get('client_secret'))).toEqual(['first', 'second']);
  });

  it('gives way to the configured one where the tenant has none', async () => {
    const forms = serve('https://login.microsoftonline.com', 'https://graph.microsoft.com');
    const got = await ask(() => Promise.resolve(undefined))();
    expect(got).toMatchObject({ value: { clientId: CLIENT_ID, address: 'https://graph.microsoft.com' } });
    expect(forms.map((form) => form.get('client_secret'))).toEqual([CLIENT_SECRET]);
  });

  it('proves itself by a certificate that is kept as text', async () => {
    const forms = serve(GOVERNMENT.login, GOVERNMENT.graph);
    const made = await generate([{ name: 'commonName', value: 'latchkey' }]);
    expect(await ask(async () => app(pem(`${made.private}\n${made.cert}`)))()).toMatchObject({ ok: true });
    expect(forms[0]?.get('client_assertion')?.split('.')).toHaveLength(3);
  });

  it.each([
    ['none at all', () => Promise.resolve('rubbish')],
    ['empty', () => Promise.resolve('')],
    ['without its private key', async () => (await generate([{ name: 'commonName', value: 'latchkey' }])).cert],
  ])('with a certificate that is %s is a fault of the credential', async (_what, text) => {
    serve(GOVERNMENT.login, GOVERNMENT.graph);
    const credential = pem(await text());
    const got = await ask(async () => app(credential))();
    expect(got).toMatchObject({ ok: false, error: { code: 'directory.credential' } });
    expect(JSON.stringify(got)).not.toContain(
      (credential as { pem: Redacted<string> }).pem.reveal().slice(28, 60) || '#',
    );
  });
});
