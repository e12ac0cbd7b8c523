import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SealedEntry } from '../../../src/engine/break-glass.js';
import { breakGlassId, tenantId } from '../../../src/engine/ids.js';
import { HOUR } from '../../../src/lib/clock.js';
import { redacted } from '../../../src/lib/redacted.js';
import { answerText } from '../../fakes/service-desk.js';
import type { Authenticator } from '../../fakes/authenticator.js';
import { openLookRig } from './look-rig.js';
import type { LookRig } from './look-rig.js';
import { askedAt, enrolPasskey } from './passkey-holder.js';

/**
 * A vault that the server itself can open: the one place where an answer carries a password in clear. It does so once a
 * look, to its viewer alone, after they have just shown their own passkey, and what it carried is changed afterwards.
 */

const ONE = breakGlassId(tenantId('contoso'), 'emergency1');

let rig: LookRig;
let phone: Authenticator;

beforeEach(async () => {
  rig = await openLookRig();
  for (const name of ['vaults', 'vaultKeys', 'breakGlass']) await rig.desk.database.collection(name).deleteMany({});
  for (const command of [
    'admin vault set owners --sealed-to server --yes',
    'admin break-glass enable contoso --name emergency1',
  ]) {
    const answer = await rig.desk.say('olga', command);
    if (answer.kind !== 'show' || answer.tone === 'refusal') throw new Error(answerText(answer));
  }
  await rig.desk.settle();
  phone = await enrolPasskey(rig, 'tess');
});

afterEach(() => rig.close());

const approved = async (): Promise<string> => {
  const view = await rig.ask('tess');
  await rig.desk.click('olga', 'approve', view.id);
  await rig.desk.bot.idle();
  return rig.link('tess');
};

const refusals = async (): Promise<readonly unknown[]> =>
  (await rig.desk.stores.audit.read({}, 200))
    .filter(({ event }) => event.what === 'refused')
    .map(({ event }) => [event.by, event.facts['code']])
    .toReversed();

/** What opens the account now, as the server alone can read it. */
const kept = async (): Promise<readonly string[]> => {
  const { candidates = [] } = (await rig.desk.stores.breakGlass.load(ONE)) ?? {};
  const entries = await Promise.all(candidates.map(({ sealed }) => rig.desk.parts.vault.open(sealed)));
  return entries.map((entry) => (JSON.parse(entry.reveal()) as SealedEntry).password);
};

const entriesIn = (text: string): readonly SealedEntry[] => {
  const { accounts } = JSON.parse(text) as { accounts: { candidates: { entry?: string }[] }[] };
  return accounts.flatMap(({ candidates }) =>
    candidates.flatMap(({ entry }) => (entry === undefined ? [] : [JSON.parse(entry) as SealedEntry])),
  );
};

const nextPage = (link: string, text: string): string =>
  link.replace(/[^/]+\/[^/]+$/u, `break-glass-open/${(JSON.parse(text) as { next: string }).next}`);

describe('a look at a vault that is sealed to the server', () => {
  it('hands out in its one answer what signs in, uncached, and has it changed', async () => {
    const link = await approved();
    const [password = ''] = await kept();
    const page = await fetch(link);
    const options = await askedAt(rig, link);
    const answered = await fetch(`${link}/take`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: rig.origin, 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({ answer: phone.prove(options) }),
    });
    expect([page.headers.get('cache-control'), answered.headers.get('cache-control')]).toEqual([
      'no-store',
      'no-store',
    ]);
    const text = await answered.text();
    expect(answered.status).toBe(200);
    const [entry] = entriesIn(text);
    expect(entry?.password).toBe(password);
    expect(rig.desk.canSignIn({ upn: entry!.upn, password: entry!.password })).toMatchObject({ ok: true });
    for (const before of [await page.text(), JSON.stringify(options)]) expect(before).not.toContain(password);

    // The rotation is due at the end of the look, and at once where the viewer is done.
    expect(await rig.desk.stores.breakGlass.load(ONE)).toMatchObject({ rotateFor: 'revealed' });
    expect((await rig.post(nextPage(link, text), 'done')).status).toBe(200);
    await rig.desk.settle();
    expect((await kept())[0]).not.toBe(password);
    expect(rig.desk.canSignIn({ upn: entry!.upn, password }).ok).toBe(false);
    expect(rig.desk.canSignIn({ upn: entry!.upn, password: (await kept())[0] ?? '' }).ok).toBe(true);
  });

  it('has what was shown changed by itself where the viewer just goes away', async () => {
    const link = await approved();
    const [password = ''] = await kept();
    const taken = await rig.post(link, 'take', { answer: phone.prove(await askedAt(rig, link)) });
    expect(taken.status).toBe(200);
    await rig.desk.pass(HOUR);
    const { upn } = (await rig.desk.stores.breakGlass.load(ONE))!;
    expect(rig.desk.canSignIn({ upn, password }).ok).toBe(false);
  });

  it('gives nothing without an answer, to another’s passkey, to lies or to an answer given before; nothing is lost', async () => {
    const stranger = await enrolPasskey(rig, 'dana');
    const [link, password = ''] = [await approved(), ...(await kept())];
    const tess = await rig.idOf('tess');
    const expectNothing = async (answer: unknown, code: string, words: RegExp): Promise<void> => {
      const heard = await rig.post(link, 'take', answer === undefined ? {} : { answer });
      expect(heard.status).toBe(409);
      expect(heard.body.problem).toMatch(words);
      expect(Object.keys(heard.body)).toEqual(['problem']);
      expect(heard.text).not.toContain(password);
      expect((await rig.newest()).state).toBe('approved');
      expect((await rig.desk.stores.breakGlass.load(ONE))?.rotateFor).not.toBe('revealed');
      expect((await refusals()).at(-1)).toEqual([tess, code]);
    };
    // Before anything was asked, and then in the place of an answer.
    await expectNothing(undefined, 'passkey.again', /Press the button again/u);
    await askedAt(rig, link);
    await expectNothing(undefined, 'passkey.unknown', /not one of yours/u);
    await expectNothing(stranger.prove(await askedAt(rig, link)), 'passkey.unknown', /not one of yours/u);
    for (const lie of [{ forged: true }, { unverified: true }, { origin: 'https://evil.example' }]) {
      await expectNothing(phone.prove(await askedAt(rig, link), lie), 'passkey.refused', /not accepted/u);
    }
    // An answer to the question before, and one that was sent already.
    const early = phone.prove(await askedAt(rig, link));
    await askedAt(rig, link);
    await expectNothing(early, 'passkey.refused', /not accepted/u);
    await expectNothing(early, 'passkey.again', /Press the button again/u);
    expect((await rig.post(link, 'take', { answer: phone.prove(await askedAt(rig, link)) })).status).toBe(200);
  });

  it('gives nothing a second time: not by the link, and to the same window only by another proof', async () => {
    const link = await approved();
    const [password = ''] = await kept();
    const answer = phone.prove(await askedAt(rig, link));
    const both = await Promise.all([rig.post(link, 'take', { answer }), rig.post(link, 'take', { answer })]);
    const [taken, ...others] = both.toSorted((one, other) => one.status - other.status);
    expect([taken?.status, others.map(({ status }) => status)]).toEqual([200, [expect.toSatisfy((s) => s >= 400)]]);
    others.push(await rig.post(link, 'take', { answer }), await rig.post(link, 'begin'));
    expect(others.slice(1).map(({ status }) => status)).toEqual([404, 404]);
    const open = nextPage(link, taken?.text ?? '');
    others.push(await rig.post(open, 'current'), await rig.post(open, 'current', { answer }));
    for (const { status, text } of others) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(text).not.toContain(password);
    }
    const again = await rig.post(open, 'current', { answer: phone.prove(await askedAt(rig, open)) });
    expect(entriesIn(again.text).map((entry) => entry.password)).toContain(password);
    expect((await rig.audited()).filter((what) => what === 'break-glass.shown')).toHaveLength(1);
  });

  it('hands out nothing else that is sealed to the server, wherever in the database it was moved', async () => {
    const [newest] = (await rig.desk.stores.breakGlass.load(ONE))!.candidates;
    const entry = JSON.parse((await rig.desk.parts.vault.open(newest!.sealed)).reveal()) as SealedEntry;
    const others: readonly string[] = [
      JSON.stringify({ ...entry, upn: 'emergency1@fabrikam.onmicrosoft.com', password: 'of-another-account' }),
      JSON.stringify({ ...entry, directoryId: 'another', password: 'of-another-directory' }),
      JSON.stringify('secret-of-an-app'),
      'secret-that-is-no-json',
    ];
    const candidate = async (text: string, index: number) => ({
      number: 100 + index,
      sealed: await rig.desk.parts.vault.seal(redacted(text)),
      recipients: [],
      at: rig.desk.parts.clock.now(),
    });
    await rig.desk.database
      .collection('breakGlass')
      .updateOne(
        { 'account.name': 'emergency1' },
        { $push: { 'account.candidates': { $each: await Promise.all(others.map(candidate)), $position: 0 } as never } },
      );
    const link = await approved();
    const taken = await rig.post(link, 'take', { answer: phone.prove(await askedAt(rig, link)) });
    expect(entriesIn(taken.text)).toEqual([entry]);
    expect(taken.body.accounts?.[0]?.candidates).toHaveLength(1 + others.length);
    expect(taken.text).not.toMatch(/of-another|secret-/u);
    expect(rig.desk.complaints.filter((said) => said.startsWith('something else is kept'))).toHaveLength(others.length);
  });

  it('is not even asked for by somebody without a passkey', async () => {
    const [passkey] = await rig.desk.stores.passkeys.ofPerson([await rig.idOf('tess')]);
    await rig.desk.stores.passkeys.remove(passkey?.credentialId ?? '');
    expect(await rig.desk.hear('tess', 'break-glass contoso --reason "Nobody else can sign in"')).toContain(
      '/jit link passkey',
    );
    expect(await rig.desk.stores.views.list({}, 1)).toEqual([]);
  });
});
