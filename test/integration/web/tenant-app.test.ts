import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeApp, registerApp } from '../../../src/sandbox/app-control.js';
import { CONTOSO, SANDBOX_APP } from '../../../src/sandbox/seed.js';
import { addMs, DAY } from '../../../src/lib/clock.js';
import { openConsentRig } from './consent-rig.js';
import type { ConsentRig } from './consent-rig.js';

/**
 * An app of a tenant's own is taken on a page, tried in the directory, and kept sealed only if that works. Its secret is in
 * no chat, no log and no answer.
 */

const APP = 'b0b0b0b0-0000-4000-8000-000000000001';
const SECRET = 'Own~Secret.of-Contoso_4711';
const OTHER_APP = 'b0b0b0b0-0000-4000-8000-000000000002';
const CONNECT = `admin tenant connect contoso --id ${CONTOSO.id} --own-app`;

let rig: ConsentRig;

beforeAll(async () => {
  rig = await openConsentRig();
  const { world } = rig.desk.entra.sandbox;
  const { permissions, extensionAttributes } = SANDBOX_APP;
  for (const appId of [APP, OTHER_APP]) {
    registerApp(world, {
      appId,
      displayName: 'Own',
      homeTenant: CONTOSO.id,
      secret: SECRET,
      permissions,
      extensionAttributes,
    });
  }
});

beforeEach(async () => {
  await rig.reset();
  for (const appId of [APP, OTHER_APP]) rig.control(CONTOSO.id, 'consent', { appId, granted: true });
});

afterAll(() => rig.close());

const save = async (link: string, form: object, headers: Record<string, string> = {}) => {
  const response = await fetch(`${link}/save`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: rig.origin, 'sec-fetch-site': 'same-origin', ...headers },
    body: JSON.stringify({ clientId: APP, cloud: 'global', ...form }),
  });
  const said = (await response.json()) as { problem?: string; title?: string; lines?: string[] };
  return { status: response.status, ...said };
};

const bySecret = { kind: 'secret', secret: SECRET };

const inUse = async () => rig.desk.stores.tenantApps.of(CONTOSO.id);

/** Certificate and key as PEM, good from now on for so many days. */
const certificate = async (days: number, keyType: 'rsa' | 'ec' = 'rsa') => {
  const now = rig.desk.parts.clock.now();
  const made = await generate([{ name: 'commonName', value: 'own' }], {
    keyType,
    notBeforeDate: addMs(now, -2 * DAY),
    notAfterDate: addMs(now, days * DAY),
  });
  return { cert: made.cert, key: made.private };
};

describe('two owners who connect the same directory at the same moment', () => {
  it('by an app each leave the tenant with the app of the one of them who did', async () => {
    for (let round = 0; round < 3; round += 1) {
      await rig.reset();
      for (const appId of [APP, OTHER_APP]) rig.control(CONTOSO.id, 'consent', { appId, granted: true });
      const links = await Promise.all((['olga', 'luis'] as const).map((who) => rig.linkFor(who, CONNECT)));
      const saved = await Promise.all(
        links.map((link, index) => save(link, { ...bySecret, clientId: index === 0 ? APP : OTHER_APP })),
      );
      expect(new Set(saved.map(({ status }) => status))).toEqual(new Set([200, 409]));
      expect(await rig.tenants()).toEqual(['contoso']);
      expect(await inUse()).toMatchObject({ clientId: saved[0]?.status === 200 ? APP : OTHER_APP });
    }
  });

  it('by a consent and by an app leave it with what the one of them brought who did', async () => {
    for (let round = 0; round < 3; round += 1) {
      await rig.reset();
      rig.control(CONTOSO.id, 'consent', { appId: APP, granted: true });
      const browser = rig.browser();
      const consent = await rig.linkFor('olga', `admin tenant connect contoso --id ${CONTOSO.id}`);
      const onward = await browser.visit(await rig.agree(consent, CONTOSO.id));
      const back = await rig.signIn(onward.location, 'grace@contoso.com');
      const link = await rig.linkFor('luis', CONNECT);
      const [page, saved] = await Promise.all([browser.visit(back), save(link, bySecret)]);
      const isByApp = saved.status === 200;
      expect(page.text).toContain(isByApp ? 'There is a tenant contoso already' : 'Contoso is connected');
      expect(await rig.tenants()).toEqual(['contoso']);
      expect((await inUse())?.clientId).toBe(isByApp ? APP : undefined);
    }
  });
});

describe('the page', () => {
  it('connects a tenant by an app of its own, whose secret is nowhere to be read afterwards', async () => {
    const link = await rig.linkFor('olga', CONNECT);
    expect((await fetch(link)).status).toBe(200);
    const saved = await save(link, { ...bySecret, expires: '2099-03-31' });
    expect(saved).toMatchObject({ status: 200, title: 'Contoso is connected' });
    expect(await rig.tenants()).toEqual(['contoso']);
    expect(await inUse()).toMatchObject({ clientId: APP, kind: 'secret', expiresAt: new Date('2099-04-01') });
    expect(rig.desk.entra.sandbox.world.requests.since(0).length).toBeGreaterThan(0);
    const everywhere = [
      JSON.stringify(saved),
      JSON.stringify(await rig.desk.database.collection('tenantApps').find().toArray()),
      JSON.stringify(await rig.desk.stores.audit.read({}, 100)),
      ...rig.desk.logged,
      ...rig.chat(),
    ];
    for (const text of everywhere) expect(text).not.toContain(SECRET);
    // The server's app is not let in there, so whatever works works by the tenant's own.
    expect(await rig.desk.parts.directory.describe(CONTOSO.id)).toMatchObject({ ok: true });
    expect((await save(link, bySecret)).status).toBe(404);
  });

  it('changes nothing where Entra does not accept the app, and stays good for another try', async () => {
    const link = await rig.linkFor('olga', CONNECT);
    const refused = await save(link, { ...bySecret, secret: 'wrong-secret' });
    expect(refused).toMatchObject({ status: 409 });
    expect(refused.problem).toMatch(/did not accept that app[\s\S]*Nothing was changed/u);
    expect(await inUse()).toBeUndefined();
    expect(await rig.tenants()).toEqual([]);
    expect((await save(link, bySecret)).status).toBe(200);
  });

  it.each([
    ['a client id that is none', { ...bySecret, clientId: 'own' }, /Application id/u],
    ['no secret', { kind: 'secret', secret: '' }, /Client secret/u],
    ['a day that is over', { ...bySecret, expires: '2020-01-01' }, /that day is over/u],
    ['a day that is none', { ...bySecret, expires: 'soon' }, /a day like/u],
    ['a file that holds no certificate', { kind: 'certificate', pem: 'swordfish' }, /no readable certificate/u],
    ['federation where none is set up', { kind: 'federated' }, /AZURE_FEDERATED_TOKEN_FILE/u],
    ['a field that nobody asked for', { ...bySecret, more: 1 }, /fill it in again/u],
    ['another kind', { kind: 'magic' }, /fill it in again/u],
  ])('refuses %s, and repeats nothing of it', async (_, form, words) => {
    const refused = await save(await rig.linkFor('olga', CONNECT), form);
    expect(refused.status).toBe(409);
    expect(refused.problem).toMatch(words);
    expect(refused.problem).not.toContain('swordfish');
    expect(await inUse()).toBeUndefined();
  });

  it('takes nothing from another site, and shows itself to nobody without a good link', async () => {
    const link = await rig.linkFor('olga', CONNECT);
    expect((await save(link, bySecret, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await fetch(`${rig.origin}/page/tenant-app/${'A'.repeat(43)}`)).status).toBe(404);
    expect(await rig.desk.hear('tess', 'admin tenant app contoso')).toContain('Only');
  });

  it('is good for one of two who send it at once', async () => {
    const link = await rig.linkFor('olga', CONNECT);
    const answers = await Promise.all([save(link, bySecret), save(link, bySecret)]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await rig.tenants()).toEqual(['contoso']);
  });
});

describe('a certificate', () => {
  it('is taken from files in any order, gets a token, and tells its own end', async () => {
    const { cert, key } = await certificate(90);
    changeApp(rig.desk.entra.sandbox.world, APP, { certificates: [{ pem: cert }] });
    const pem = `${key}\n${(await certificate(90)).cert}\n${cert}`;
    const saved = await save(await rig.linkFor('olga', CONNECT), { kind: 'certificate', pem });
    expect(saved).toMatchObject({ status: 200 });
    const app = await inUse();
    expect(app).toMatchObject({ kind: 'certificate' });
    const end = addMs(rig.desk.parts.clock.now(), 90 * DAY).getTime();
    expect(Math.abs((app?.expiresAt?.getTime() ?? 0) - end)).toBeLessThan(2_000);
    expect(await rig.desk.parts.directory.describe(CONTOSO.id)).toMatchObject({ ok: true });
  });

  it('is refused when it has expired, is of another kind, or has no key that fits', async () => {
    const [good, over, other, curve] = await Promise.all([
      certificate(90),
      certificate(-1),
      certificate(90),
      certificate(90, 'ec'),
    ]);
    const cases = [
      [`${over.cert}\n${over.key}`, /has expired on/u],
      [`${good.cert}\n${other.key}`, /belongs to none/u],
      [good.cert, /no readable private key/u],
      [`${curve.cert}\n${curve.key}`, /kind RSA/u],
    ] as const;
    for (const [pem, words] of cases) {
      const refused = await save(await rig.linkFor('olga', CONNECT), { kind: 'certificate', pem });
      expect(refused.problem).toMatch(words);
    }
    expect(await inUse()).toBeUndefined();
  });
});

describe('the app of a connected tenant', () => {
  it('is given and taken back by command, and the log tells both', async () => {
    rig.control(CONTOSO.id, 'consent', { granted: true });
    await rig.desk.say('olga', `admin tenant add contoso --id ${CONTOSO.id}`);
    const saved = await save(await rig.linkFor('olga', 'admin tenant app contoso'), bySecret);
    expect(saved).toMatchObject({ status: 200, title: 'Contoso is reached by its own app' });
    expect(await inUse()).toMatchObject({ clientId: APP });
    expect(await rig.desk.hear('olga', 'admin tenant app contoso --remove')).toContain("server's app again");
    expect(await rig.desk.hear('olga', 'admin tenant app contoso --remove')).toContain('has no app of its own');
    expect(await inUse()).toBeUndefined();
    const told = (await rig.desk.stores.audit.read({}, 3)).map(({ event }) => event.what);
    expect(told).toEqual(['tenant.app-removed', 'tenant.app-changed', 'tenant.added']);
  });
});

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

describe.skipIf(!existsSync(CHROMIUM))('in a browser', () => {
  it('the form takes a secret, and a consent goes its whole way', async () => {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
    try {
      const context = await browser.newContext({ viewport: { width: 375, height: 740 }, ignoreHTTPSErrors: true });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        const isOurs = message.location().url.startsWith(rig.origin);
        if (message.type() === 'error' && isOurs && !message.text().startsWith('Failed to load')) {
          complaints.push(message.text());
        }
      });
      const picture = async (name: string): Promise<void> => {
        const folder = process.env['PICTURES'];
        if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
      };
      await page.goto(await rig.linkFor('olga', CONNECT));
      await page.getByLabel('Application (client) id').fill(APP);
      await picture('app-certificate');
      await page.getByLabel('It proves itself by').selectOption('secret');
      await page.getByLabel('Client secret, its value').fill('wrong');
      await page.getByRole('button', { name: 'Try and save' }).click();
      await page.locator('#status.problem').waitFor();
      await picture('app-problem');
      await page.getByLabel('Client secret, its value').fill(SECRET);
      await page.getByRole('button', { name: 'Try and save' }).click();
      await page.locator('body.done').waitFor();
      await picture('app-done');
      expect(await page.getByRole('heading').textContent()).toBe('Contoso is connected');

      await rig.reset();
      await page.goto(await rig.linkFor('olga', `admin tenant connect contoso --id ${CONTOSO.id}`));
      await page.getByRole('link', { name: 'Accept for Contoso' }).click();
      await page.getByRole('link', { name: 'grace@contoso.com' }).click();
      await page.getByRole('heading', { name: 'Contoso is connected' }).waitFor();
      await picture('consent-done');
      expect(await rig.tenants()).toEqual(['contoso']);
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
