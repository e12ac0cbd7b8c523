import { beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '../../../src/engine/person.js';
import { idsOf } from '../../../src/engine/person.js';
import { MINUTE, SECOND } from '../../../src/lib/clock.js';
import type { Authenticator, Lies } from '../../fakes/authenticator.js';
import { openPageRig, REQUEST } from './page-rig.js';
import type { Heard, PageRig } from './page-rig.js';

/** The second factor over real HTTP: only the person of a link, by a passkey of theirs, on our page, once. */

let rig: PageRig;
let dana: Person;
let phone: Authenticator;

beforeEach(async () => {
  rig = await openPageRig('https://latchkey.example/bot');
  dana = await rig.person('U0DANA', 'Dana Whitlock');
  phone = rig.authenticator();
  return () => rig.close();
});

const GONE = /This link is not good any more.*Ask for a new one/u;

const passkeysOf = (person: Person) => rig.stores.passkeys.ofPerson(idsOf(person));

const begun = async (link: string) => {
  const { body } = await rig.post(link, 'begin', {});
  if (body.options === undefined) throw new Error(body.problem);
  return body.options;
};

const confirm = async (link: string, authenticator = phone, lies: Lies = {}): Promise<Heard> =>
  rig.post(link, 'finish', { answer: authenticator.prove(await begun(link), lies) });

const enrolled = async (): Promise<void> => {
  expect((await rig.enrol(dana, phone)).status).toBe(200);
};

/** Refused, nothing approved, and the link still good for an honest try. */
const expectRefused = async (heard: Heard, link: string, problem: RegExp): Promise<void> => {
  expect(heard.status).toBe(409);
  expect(heard.body.problem).toMatch(problem);
  expect(rig.approvals).toEqual([]);
  expect((await rig.fetch(link)).status).toBe(200);
};

describe('a passkey', () => {
  it('is enrolled on one page and approves on another, once', async () => {
    const made = await rig.enrol(dana, phone, '  My\u202E  phone ');
    expect(made.body.done).toMatchObject({ title: 'Passkey created', lines: [expect.stringContaining('My phone')] });
    expect(await passkeysOf(dana)).toMatchObject([{ name: 'My phone', transports: ['internal'], counter: 0 }]);

    const link = await rig.confirmLink(dana);
    const page = await (await rig.fetch(link)).text();
    expect(page).toContain('Dana Fox wants User Administrator in Contoso');
    expect(page).toContain(REQUEST.reason);
    expect(page).toContain('<strong>Dana Whitlock</strong>');
    expect((await confirm(link)).body.done?.title).toBe('Approved: Dana Fox gets in (R-7K2M)');
    expect(rig.approvals).toMatchObject([
      { person: { id: dana.id }, on: 'slack', request: REQUEST.id, note: 'agreed by phone', factor: 'passkey' },
    ]);
    expect(await passkeysOf(dana)).toMatchObject([{ counter: 1, lastUsedAt: expect.any(Date) }]);
    expect((await rig.fetch(link)).status).toBe(404);
  });

  it('is on record before it exists', async () => {
    await enrolled();
    const [passkey] = await passkeysOf(dana);
    expect(await rig.stores.audit.read({ people: [dana.id] }, 5)).toMatchObject([
      { event: { what: 'passkey.enrolled', by: dana.id, on: 'slack', facts: { credential: passkey?.credentialId } } },
    ]);
  });

  it('still counts after its owner was joined with another identity', async () => {
    await enrolled();
    const other = await rig.person('U1DANA', 'Dana W.');
    await rig.stores.people.join(other.id, dana.id);
    const joined = await rig.stores.people.byId(other.id);
    expect((await confirm(await rig.confirmLink(joined ?? other))).status).toBe(200);
    expect(rig.approvals).toMatchObject([{ person: { id: other.id } }]);
  });

  it('beside the first is only made with proof of one that is there', async () => {
    await enrolled();
    rig.pass(SECOND);
    const tablet = rig.authenticator();
    const link = await rig.enrolLink(dana);
    const asked = await rig.post(link, 'begin', {});
    expect(asked.body.step).toBe('prove');
    const lie = tablet.create({ ...asked.body.options!, rp: { id: 'latchkey.example' } });
    const bold = await rig.post(link, 'finish', { answer: lie, name: 'Stolen' });
    await expectRefused(bold, link, /not one of yours/u);

    const proven = await rig.post(link, 'finish', { answer: phone.prove(await begun(link)) });
    expect(proven.body.step).toBe('create');
    const made = await rig.post(link, 'finish', { answer: tablet.create(proven.body.options!), name: 'my phone' });
    expect(made.status).toBe(200);
    expect((await passkeysOf(dana)).map(({ name }) => name)).toEqual(['My phone', 'my phone 2']);
  });

  it('that somebody began to make before there was a first one is not made after it', async () => {
    const [early, late] = [await rig.enrolLink(dana), await rig.enrolLink(dana)];
    const options = await begun(early);
    const answer = phone.create(await begun(late));
    expect((await rig.post(late, 'finish', { answer })).status).toBe(200);
    const heard = await rig.post(early, 'finish', { answer: rig.authenticator().create(options) });
    await expectRefused(heard, early, /attempt is over/u);
    expect(await passkeysOf(dana)).toHaveLength(1);
  });

  it('is not made of an answer from another site, for another question, unverified, framed or with certificates', async () => {
    const link = await rig.enrolLink(dana);
    const lies: readonly Lies[] = [
      { origin: 'https://evil.example' },
      { challenge: 'AAAA' },
      { rpID: 'evil.example' },
      { unverified: true },
      { crossOrigin: true },
      { certified: true },
    ];
    for (const lie of lies) {
      const heard = await rig.post(link, 'finish', { answer: phone.create(await begun(link), lie) });
      await expectRefused(heard, link, /not accepted/u);
    }
    expect(await passkeysOf(dana)).toEqual([]);
    expect(rig.logged.filter((line) => line.startsWith('a new passkey was not accepted'))).toHaveLength(lies.length);
  });

  it('of one person is nobody else’s', async () => {
    await enrolled();
    const mallory = await rig.person('U0MALLORY', 'Mallory');
    const link = await rig.enrolLink(mallory);
    const answer = { ...phone.create(await begun(link)), id: (await passkeysOf(dana))[0]?.credentialId };
    expect((await rig.post(link, 'finish', { answer })).status).toBe(409);
    expect(await passkeysOf(mallory)).toEqual([]);
  });
});

describe('an approval', () => {
  beforeEach(enrolled);

  it('is not given by an answer from another site, for another question, unverified, framed or forged', async () => {
    const link = await rig.confirmLink(dana);
    const lies: readonly Lies[] = [
      { origin: 'https://evil.example' },
      { challenge: 'AAAA' },
      { rpID: 'evil.example' },
      { unverified: true },
      { crossOrigin: true },
      { forged: true },
    ];
    for (const lie of lies) await expectRefused(await confirm(link, phone, lie), link, /not accepted/u);
    expect((await confirm(link)).status).toBe(200);
  });

  it('is given once, however often the same answer is sent, at once and afterwards', async () => {
    const link = await rig.confirmLink(dana);
    const answer = phone.prove(await begun(link));
    const heard = await Promise.all([1, 2, 3, 4].map(() => rig.post(link, 'finish', { answer })));
    const refused = heard.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(3);
    for (const { body } of refused) expect(body.problem).toMatch(/attempt is over|This link is not good any more/u);
    expect(await rig.post(link, 'finish', { answer })).toMatchObject({
      status: 404,
      body: { problem: expect.stringMatching(GONE) },
    });
    expect(rig.approvals).toHaveLength(1);
  });

  it('is given once from two tabs: what one of them was asked before counts no more, and both are told to try again', async () => {
    const link = await rig.confirmLink(dana);
    const first = await begun(link);
    const second = await begun(link);
    const heard = await rig.post(link, 'finish', { answer: phone.prove(first) });
    await expectRefused(heard, link, /not accepted/u);
    expect((await rig.post(link, 'finish', { answer: phone.prove(second) })).body.problem).toMatch(
      /Press the button again/u,
    );
    expect((await confirm(link)).status).toBe(200);
    expect(rig.approvals).toHaveLength(1);
  });

  it('is not given by an answer that was given on another link', async () => {
    const [one, other] = [await rig.confirmLink(dana), await rig.confirmLink(dana)];
    const answer = phone.prove(await begun(one));
    await begun(other);
    await expectRefused(await rig.post(other, 'finish', { answer }), other, /not accepted/u);
  });

  it('is not given by somebody else’s passkey', async () => {
    const mallory = await rig.person('U0MALLORY', 'Mallory');
    const theirs = rig.authenticator();
    expect((await rig.enrol(mallory, theirs)).status).toBe(200);
    const link = await rig.confirmLink(dana);
    await expectRefused(await confirm(link, theirs), link, /not one of yours/u);
  });

  it('is not given by a copy of a passkey that has been used less, and the copy is on record', async () => {
    const copy = phone.copy();
    await confirm(await rig.confirmLink(dana));
    await confirm(await rig.confirmLink(dana));
    expect(rig.approvals).toHaveLength(2);
    const heard = await confirm(await rig.confirmLink(dana), copy);
    expect(heard.body.problem).toMatch(/there may be a copy of it/u);
    expect(rig.approvals).toHaveLength(2);
    expect(await rig.stores.audit.read({ people: [dana.id] }, 1)).toMatchObject([
      { event: { what: 'passkey.copied' } },
    ]);
  });

  it('is not given by a passkey that was removed meanwhile', async () => {
    const link = await rig.confirmLink(dana);
    const answer = phone.prove(await begun(link));
    const [passkey] = await passkeysOf(dana);
    await rig.stores.passkeys.remove(passkey?.credentialId ?? '');
    await expectRefused(await rig.post(link, 'finish', { answer }), link, /not one of yours/u);
  });

  it('is not given by somebody whose chat account was closed after the link was sent', async () => {
    const link = await rig.confirmLink(dana);
    const answer = phone.prove(await begun(link));
    await rig.deactivate(dana);
    expect((await rig.post(link, 'finish', { answer })).status).toBe(404);
    expect((await rig.fetch(link)).status).toBe(404);
    expect(rig.approvals).toEqual([]);
  });

  it('is over after five minutes, also for an answer that was asked for before', async () => {
    const link = await rig.confirmLink(dana);
    const answer = phone.prove(await begun(link));
    rig.pass(5 * MINUTE - SECOND);
    expect((await rig.fetch(link)).status).toBe(200);
    rig.pass(SECOND);
    expect(await rig.post(link, 'finish', { answer })).toMatchObject({
      status: 404,
      body: { problem: expect.stringMatching(GONE) },
    });
    expect(rig.approvals).toEqual([]);
  });

  it('is not given by nonsense', async () => {
    const link = await rig.confirmLink(dana);
    const [passkey] = await passkeysOf(dana);
    const id = passkey?.credentialId;
    for (const answer of [
      null,
      'x',
      7,
      [],
      { id },
      { id, rawId: id, type: 'public-key', response: {} },
      { id: { $ne: '' } },
    ]) {
      await begun(link);
      expect((await rig.post(link, 'finish', { answer })).status).toBe(409);
    }
    expect((await rig.post(link, 'finish', [])).status).toBe(409);
    expect(rig.approvals).toEqual([]);
  });
});

it('no token reaches the log, whatever goes wrong', async () => {
  await enrolled();
  const link = await rig.confirmLink(dana);
  await confirm(link, phone, { forged: true });
  await rig.post(link, 'finish', '{"answer":');
  expect(rig.logged.length).toBeGreaterThan(0);
  expect(rig.logged.filter((line) => line.includes(link.split('/').at(-1) ?? link))).toEqual([]);
});
