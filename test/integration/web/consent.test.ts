import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CONTOSO, FABRIKAM } from '../../../src/sandbox/seed.js';
import { MINUTE, SECOND } from '../../../src/lib/clock.js';
import { openConsentRig } from './consent-rig.js';
import type { ConsentRig, Visit, Visitor } from './consent-rig.js';

/**
 * A tenant is connected only when its administrator agreed, somebody of it signed in, both in one browser, by a link that
 * an owner was given, and the directory itself lets the app in. Whatever else arrives changes nothing and says so.
 */

let rig: ConsentRig;

beforeAll(async () => {
  rig = await openConsentRig();
});

beforeEach(() => rig.reset());

afterAll(() => rig.close());

const BY_ID = `admin tenant connect contoso --id ${CONTOSO.id}`;

/** As far as the sign-in: its address, and the browser that goes there. */
const consented = async (command = BY_ID, tenant = CONTOSO.id) => {
  const browser = rig.browser();
  const callback = await rig.agree(await rig.linkFor('olga', command), tenant);
  const onward = await browser.visit(callback);
  return { browser, callback, onward };
};

const finished = async (browser: Visitor, onward: Visit, user = 'grace@contoso.com') => {
  const callback = await rig.signIn(onward.location, user);
  return { callback, page: await browser.visit(callback) };
};

const changed = (url: string, change: Readonly<Record<string, string | undefined>>): string => {
  const next = new URL(url);
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) next.searchParams.delete(name);
    else next.searchParams.set(name, value);
  }
  return next.toString();
};

const expectNothing = async (page: Visit, words: RegExp): Promise<void> => {
  expect(page.text).toMatch(words);
  expect(page.text).toContain('Nothing is connected');
  expect(page.status).toBe(400);
  expect(await rig.tenants()).toEqual([]);
};

describe('a consent that goes its whole way', () => {
  it('connects the tenant, and says in the browser and in the chat who authorised it and what was granted', async () => {
    const { browser, onward } = await consented();
    expect(onward.status).toBe(303);
    expect(await rig.tenants()).toEqual([]);
    const { page } = await finished(browser, onward);
    expect(page.text).toMatch(/Contoso is connected[\s\S]*Grace Global \(grace@contoso\.com\)/u);
    expect(page.text).toContain(CONTOSO.id);
    expect(rig.chat().at(-1)).toMatch(
      /^✅ Contoso is connected[\s\S]*Authorised by: Grace Global \(grace@contoso\.com\)\nWhen: /u,
    );
    expect(rig.chat().at(-1)).toMatch(/Permissions: (all \d+|\d+ of \d+) granted/u);
    const [tenant] = await rig.desk.stores.config.tenants.all();
    expect(tenant).toMatchObject({ id: 'contoso', directoryId: CONTOSO.id, authorised: { upn: 'grace@contoso.com' } });
    const [line] = await rig.desk.stores.audit.read({}, 1);
    expect(line?.event).toMatchObject({
      what: 'tenant.added',
      facts: { authorisedBy: 'Grace Global (grace@contoso.com)' },
    });
  });

  it('takes whichever tenant answers where none was named, under the name that was typed', async () => {
    const { browser, onward } = await consented('admin tenant connect fab --domain fabrikam.com', FABRIKAM.id);
    const { page } = await finished(browser, onward, 'gil@fabrikam.com');
    expect(page.text).toContain('Fabrikam is connected');
    expect(await rig.tenants()).toEqual(['fab']);
  });

  it('names each permission that is missing, and what it is for', async () => {
    const { browser, onward } = await consented();
    rig.control(CONTOSO.id, 'permissions', { revoke: ['GroupMember.ReadWrite.All'] });
    const { page } = await finished(browser, onward);
    expect(page.text).toMatch(/GroupMember\.ReadWrite\.All<\/strong> to put accounts into groups/u);
    expect(rig.chat().at(-1)).toContain('Not granted: GroupMember.ReadWrite.All to put accounts into groups');
  });

  it('waits while Entra passes the consent on, on a page that is good in that browser alone', async () => {
    const { browser, onward } = await consented();
    const callback = await rig.signIn(onward.location, 'grace@contoso.com');
    rig.control(CONTOSO.id, 'permissions', { revoke: ['Organization.Read.All', 'Domain.Read.All'] });
    const first = await browser.visit(callback);
    expect(first.text).toContain('Almost there');
    rig.control(CONTOSO.id, 'permissions', { grant: ['Organization.Read.All', 'Domain.Read.All'] });
    const again = new URL(first.refresh.replace(/^.*url=/u, ''), callback).toString();
    expect((await rig.browser().visit(again)).text).toContain('Nothing is connected');
    expect(await rig.tenants()).toEqual([]);
  });

  it('connects from the page that asks again, once Entra has', async () => {
    const { browser, onward } = await consented();
    const callback = await rig.signIn(onward.location, 'grace@contoso.com');
    rig.control(CONTOSO.id, 'permissions', { revoke: ['Organization.Read.All', 'Domain.Read.All'] });
    const first = await browser.visit(callback);
    rig.control(CONTOSO.id, 'permissions', { grant: ['Organization.Read.All', 'Domain.Read.All'] });
    const again = new URL(first.refresh.replace(/^.*url=/u, ''), callback).toString();
    expect((await browser.visit(again)).text).toContain('Contoso is connected');
  });

  it('gives up after a minute, and says so in both places', async () => {
    const { browser, onward } = await consented();
    const callback = await rig.signIn(onward.location, 'grace@contoso.com');
    rig.control(CONTOSO.id, 'permissions', { revoke: ['Organization.Read.All', 'Domain.Read.All'] });
    let page = await browser.visit(callback);
    while (page.refresh !== '') {
      rig.desk.entra.pass(10 * SECOND);
      page = await browser.visit(new URL(page.refresh.replace(/^.*url=/u, ''), callback).toString());
    }
    await expectNothing(page, /lacks the right/u);
    expect(rig.chat().at(-1)).toMatch(/contoso is not connected/u);
  });
});

describe('what is not a consent', () => {
  it('a refusal that also says admin_consent=True connects nothing, and uses the link up', async () => {
    const link = await rig.linkFor('olga', BY_ID);
    const callback = await rig.agree(link, CONTOSO.id);
    const declined = changed(callback, {
      error: 'access_denied',
      error_description: 'AADSTS65004: <b>User</b> declined',
    });
    await expectNothing(await rig.browser().visit(declined), /was not let in/u);
    expect(rig.chat().at(-1)).toContain('contoso is not connected');
    await expectNothing(await rig.browser().visit(callback), /not good any more/u);
  });

  it.each([
    ['nothing at all', { state: undefined, tenant: undefined, admin_consent: undefined }, /not good any more/u],
    ['no state', { state: undefined }, /not good any more/u],
    ['a forged state', { state: 'A'.repeat(43) }, /not good any more/u],
    ['a state of another form', { state: '<script>' }, /not good any more/u],
    ['no tenant', { tenant: undefined }, /did not send everything/u],
    ['a tenant that is none', { tenant: 'contoso.com' }, /did not send everything/u],
    ['no consent', { admin_consent: undefined }, /did not send everything/u],
    ['a consent that says no', { admin_consent: 'False' }, /did not send everything/u],
    ['another tenant than was asked for', { tenant: FABRIKAM.id }, /came from tenant fab41ca0/u],
    ['an error of another kind', { error: 'server_error', error_description: 'AADSTS90033: x' }, /AADSTS90033/u],
  ])('%s', async (_, change, words) => {
    const callback = await rig.agree(await rig.linkFor('olga', BY_ID), CONTOSO.id);
    const page = await rig.browser().visit(changed(callback, change));
    await expectNothing(page, words);
    expect(page.text).not.toContain('<script>');
  });

  it('a state that is brought twice at once takes one browser on, and the other nowhere', async () => {
    const callback = await rig.agree(await rig.linkFor('olga', BY_ID), CONTOSO.id);
    const visits = await Promise.all([1, 2, 3, 4].map(() => rig.browser().visit(callback)));
    expect(visits.map(({ status }) => String(status)).toSorted()).toEqual(['303', '400', '400', '400']);
  });

  it('a link that is older than ten minutes', async () => {
    const callback = await rig.agree(await rig.linkFor('olga', BY_ID), CONTOSO.id);
    rig.desk.entra.pass(10 * MINUTE);
    await expectNothing(await rig.browser().visit(callback), /not good any more/u);
  });

  it('the link of somebody who is no owner any more', async () => {
    const link = await rig.linkFor('luis', BY_ID);
    await rig.desk.say('olga', 'admin person set "Luis Marin" --no-owner');
    await expectNothing(await rig.browser().visit(await rig.agree(link, CONTOSO.id)), /Only (owners|admins)/u);
    await rig.desk.say('olga', 'admin person set "Luis Marin" --owner');
  });

  it('a tenant that was connected meanwhile under that name', async () => {
    const callback = await rig.agree(await rig.linkFor('olga', BY_ID), CONTOSO.id);
    const { browser, onward } = await consented();
    await finished(browser, onward);
    const page = await rig.browser().visit(callback);
    expect(page.text).toContain('There is a tenant contoso already');
    expect(await rig.tenants()).toEqual(['contoso']);
  });

  it('a directory that is connected already, as soon as it is known which one was meant: its app stays as it is', async () => {
    const { tenantApps } = rig.desk.stores;
    const { browser, onward } = await consented();
    await finished(browser, onward);
    const own = { directoryId: CONTOSO.id, clientId: 'own', cloud: 'global', kind: 'federated' } as const;
    await tenantApps.put({ ...own, changedAt: rig.desk.parts.clock.now() });
    const before = await rig.desk.stores.config.tenants.all();
    expect(await rig.desk.hear('olga', `admin tenant connect second --id ${CONTOSO.id}`)).toContain('already');
    // Without an id only the one who consents says which it is.
    const callback = await rig.agree(await rig.linkFor('olga', 'admin tenant connect second'), CONTOSO.id);
    const page = await rig.browser().visit(callback);
    expect(page).toMatchObject({ status: 400, location: '' });
    expect(page.text).toContain('There is a tenant contoso already');
    expect(rig.chat().at(-1)).toContain('There is a tenant contoso already');
    expect(await rig.desk.stores.config.tenants.all()).toEqual(before);
    expect(await tenantApps.of(CONTOSO.id)).toMatchObject(own);
  });

  it('whatever only looks ahead uses nothing up', async () => {
    const callback = await rig.agree(await rig.linkFor('olga', BY_ID), CONTOSO.id);
    await rig.browser().visit(callback, { method: 'HEAD' });
    await rig.browser().visit(callback, { headers: { 'sec-purpose': 'prefetch;prerender' } });
    expect((await rig.browser().visit(callback)).status).toBe(303);
  });
});

describe('what is not the sign-in of whoever consented', () => {
  it('one that comes without a code, or is refused', async () => {
    const one = await consented();
    const callback = await rig.signIn(one.onward.location, 'grace@contoso.com');
    await expectNothing(await one.browser.visit(changed(callback, { code: undefined })), /did not send everything/u);
    const other = await consented();
    const refused = changed(await rig.signIn(other.onward.location, 'grace@contoso.com'), { error: 'access_denied' });
    await expectNothing(await other.browser.visit(refused), /was not let in/u);
  });

  it('one in another browser, for which somebody may have been talked into it', async () => {
    const { browser, onward } = await consented();
    const callback = await rig.signIn(onward.location, 'grace@contoso.com');
    await expectNothing(await rig.browser().visit(callback), /could not be proven/u);
    await expectNothing(await browser.visit(callback), /not good any more/u);
  });

  it("a code of another tenant's user", async () => {
    const { browser, onward } = await consented();
    const own = new URL(await rig.signIn(onward.location, 'grace@contoso.com'));
    const elsewhere = onward.location.replace(CONTOSO.id, FABRIKAM.id);
    const foreign = new URL(await rig.signIn(elsewhere, 'gil@fabrikam.com'));
    const swapped = changed(own.toString(), { code: foreign.searchParams.get('code') ?? '' });
    await expectNothing(await browser.visit(swapped), /could not be proven/u);
  });

  it('a code that was fetched with another challenge or nonce', async () => {
    for (const change of [{ nonce: 'B'.repeat(43) }, { code_challenge: 'C'.repeat(43) }]) {
      const { browser, onward } = await consented();
      const callback = await rig.signIn(changed(onward.location, change), 'grace@contoso.com');
      await expectNothing(await browser.visit(callback), /could not be proven/u);
    }
  });

  it('the code of another consent, or one that was redeemed already', async () => {
    const first = await consented();
    const code = new URL(await rig.signIn(first.onward.location, 'grace@contoso.com')).searchParams.get('code') ?? '';
    const second = await consented();
    const callback = await rig.signIn(second.onward.location, 'grace@contoso.com');
    await expectNothing(await second.browser.visit(changed(callback, { code })), /could not be proven/u);
    const third = await consented();
    const { callback: used } = await finished(third.browser, third.onward);
    await rig.reset();
    expect((await third.browser.visit(used)).text).toContain('not good any more');
    expect(await rig.tenants()).toEqual([]);
  });

  it('a sign-in to a tenant that never let the app in', async () => {
    const browser = rig.browser();
    const link = new URL(await rig.linkFor('olga', BY_ID));
    const forged = `${rig.origin}/entra/consent/callback?admin_consent=True&tenant=${CONTOSO.id}&state=${link.searchParams.get('state') ?? ''}`;
    const onward = await browser.visit(forged);
    let page = await browser.visit(await rig.signIn(onward.location, 'grace@contoso.com'));
    while (page.refresh !== '') {
      rig.desk.entra.pass(10 * SECOND);
      page = await browser.visit(new URL(page.refresh.replace(/^.*url=/u, ''), forged).toString());
    }
    await expectNothing(page, /lacks the right|consent is missing/u);
  });
});

describe('the command', () => {
  it("gives a link only to owners, under a free and valid name, and to the cloud of the server's app", async () => {
    expect(await rig.desk.hear('tess', BY_ID)).toContain('Only');
    expect(await rig.desk.hear('olga', 'admin tenant connect "!!"')).toContain('letters and digits');
    expect(await rig.desk.hear('olga', 'admin tenant connect contoso --id 12')).toContain('GUID');
    expect(await rig.desk.hear('olga', 'admin tenant connect contoso --cloud china')).toContain('--own-app');
    expect(await rig.desk.hear('olga', 'admin tenant connect contoso --own-app')).toContain('--id');
    const { browser, onward } = await consented();
    await finished(browser, onward);
    expect(await rig.desk.hear('olga', 'admin tenant connect contoso')).toContain('already');
    expect(await rig.desk.hear('olga', `admin tenant connect other --id ${CONTOSO.id}`)).toContain('already');
  });

  it('stores neither the state nor the verifier, and logs neither them nor the code', async () => {
    const { browser, callback, onward } = await consented();
    const stored = JSON.stringify(await rig.desk.database.collection('consents').find().toArray());
    const back = await rig.signIn(onward.location, 'grace@contoso.com');
    await browser.visit(back);
    const secrets = [callback, onward.location, back].flatMap((url) =>
      ['state', 'code'].flatMap((name) => new URL(url).searchParams.get(name) ?? []),
    );
    expect(secrets).toHaveLength(4);
    const everything = `${stored}\n${rig.desk.logged.join('\n')}`;
    for (const secret of secrets) expect(everything).not.toContain(secret);
    expect(rig.desk.complaints).toEqual([]);
  });
});
