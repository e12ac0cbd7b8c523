import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { breakGlassId, organizationId, tenantId, vaultOf } from '../../../src/engine/ids.js';
import { fingerprintOf } from '../../../src/engine/vault-keys.js';
import { addMs, DAY, MINUTE } from '../../../src/lib/clock.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { aSealedIdentity, openVaultRig } from './vault-rig.js';
import type { VaultRig } from './vault-rig.js';

/**
 * Who gets a key to a vault, and how: only a member, by a link of their own that works once, with a key that their browser
 * proves to hold; a first one counts, another waits for a second person. Whatever changes who can open the vault has
 * everything in it rotated at once, and leaves a line in the log.
 */

let rig: VaultRig;

const ACCOUNT = breakGlassId(tenantId('contoso'), 'emergency1');
const VAULT = vaultOf(organizationId('contoso'));

beforeAll(async () => {
  rig = await openVaultRig();
  await rig.desk.say('olga', `admin tenant add contoso --id ${CONTOSO.id} --organization contoso`);
});

afterAll(() => rig.close());

beforeEach(async () => {
  const { database } = rig.desk;
  await Promise.all(['vaults', 'vaultKeys', 'breakGlass'].map((name) => database.collection(name).deleteMany({})));
  await rig.desk.say('dana', 'admin vault set contoso --sealed-to recipients --member me --member luis@msp.example');
  await keepAccount();
});

const farAhead = () => addMs(rig.desk.parts.clock.now(), DAY);

const keepAccount = () =>
  rig.desk.stores.breakGlass.insert({
    id: ACCOUNT,
    tenant: tenantId('contoso'),
    name: 'emergency1',
    upn: 'emergency1@contoso.onmicrosoft.com',
    origin: 'made',
    isAdministrator: true,
    candidates: [{ number: 1, sealed: 'sealed', recipients: [], at: rig.desk.parts.clock.now() }],
    rotateAt: farAhead(),
  });

/** Whether the account is to be rotated now; from then on it is planned for later again. */
const rotates = async (): Promise<boolean> => {
  const { breakGlass } = rig.desk.stores;
  const account = await breakGlass.load(ACCOUNT);
  const now = rig.desk.parts.clock.now();
  await rig.desk.database.collection('breakGlass').deleteMany({});
  await keepAccount();
  return account?.rotateAt !== undefined && account.rotateAt <= now && account.rotateFor === 'recipients';
};

const enrol = async (who: 'dana' | 'luis', more: object = {}) =>
  rig.enrol(await rig.linkFor(who, 'vault enrol'), await rig.key(), more);

describe('a first key', () => {
  it('counts at once, rotates what is kept, and admins are told with what they can compare', async () => {
    const key = await rig.key();
    const sent = await rig.enrol(await rig.linkFor('dana', 'vault enrol'), key);
    expect(sent).toMatchObject({ status: 200, done: { title: 'Your key is in use' } });
    expect(await rig.keys()).toMatchObject([{ recipient: key.recipient, state: 'current' }]);
    expect(await rotates()).toBe(true);
    expect(rig.chat('luis').at(-1)).toContain('Dana Whitlock has a key to the vault of Contoso');
    expect(rig.chat('luis').at(-1)).toContain(fingerprintOf(key.recipient));
    expect((await rig.told())[0]).toBe('vault.enrolled');
    expect(await rig.desk.hear('dana', 'vault status')).toContain(fingerprintOf(key.recipient));
    expect(await rig.everything()).not.toContain(key.identity);
  });

  it('is one of two that are made at the same time: the other waits', async () => {
    const links = [await rig.linkFor('dana', 'vault enrol'), await rig.linkFor('dana', 'vault enrol')];
    const sent = await Promise.all(links.map(async (link) => rig.enrol(link, await rig.key())));
    expect(sent.map(({ status }) => status)).toEqual([200, 200]);
    expect((await rig.keys()).map(({ state }) => state).toSorted()).toEqual(['current', 'waiting']);
  });

  it('cannot be had again by leaving and joining: whoever has had one waits', async () => {
    await enrol('dana');
    await enrol('luis');
    await rig.desk.say('luis', 'admin vault remove contoso dana@msp.example --yes');
    await rig.desk.say('luis', 'admin vault add contoso dana@msp.example');
    expect((await enrol('dana')).done?.title).toBe('Your key waits for a second person');
  });
});

describe('a link', () => {
  it('works once, for five minutes, and for nobody who guesses', async () => {
    const link = await rig.linkFor('dana', 'vault enrol');
    const late = await rig.linkFor('luis', 'vault enrol');
    expect((await rig.enrol(link, await rig.key())).status).toBe(200);
    expect((await rig.enrol(link, await rig.key())).status).toBe(404);
    const guessed = link.replace(/[^/]+$/u, 'A'.repeat(43));
    expect((await rig.enrol(guessed, await rig.key())).status).toBe(404);
    expect((await rig.enrol(late.replace('vault-enrol', 'vault-recovery'), await rig.key())).status).toBe(404);
    rig.desk.entra.pass(6 * MINUTE);
    expect((await rig.enrol(late, await rig.key())).status).toBe(404);
    expect(await rig.keys()).toHaveLength(1);
  });

  it('is taken by no other site, and leads nowhere for whoever is no member any more', async () => {
    const link = await rig.linkFor('luis', 'vault enrol');
    const evil = await rig.post(link, 'begin', { recipient: 'age1' }, { origin: 'https://evil.example' });
    expect(evil.status).toBe(403);
    const key = await rig.key();
    const { challenge } = await rig.post(link, 'begin', { recipient: key.recipient });
    await rig.desk.say('dana', 'admin vault remove contoso luis@msp.example --yes');
    const proof = await rig.open(key.identity, challenge ?? '');
    const sealedIdentity = await aSealedIdentity();
    const sent = await rig.post(link, 'finish', {
      ...key,
      identity: undefined,
      proof,
      sealedIdentity,
      sealedBy: 'passphrase',
    });
    expect(sent).toMatchObject({ status: 409 });
    expect(sent.problem).toContain('You are not a member of the vault of Contoso');
    expect(await rig.keys()).toEqual([]);
  });

  it('is given to members alone', async () => {
    expect(await rig.desk.hear('tess', 'vault enrol')).toContain('not a member of any vault');
    await rig.desk.say('tess', 'admin vault set fabrikam --sealed-to recipients --member me');
    expect(await rig.desk.hear('tess', 'vault enrol contoso')).toContain('not a member of the vault of contoso');
  });
});

describe('what a browser sends', () => {
  it('is kept only if it is a whole key that the browser holds; every refusal is on record', async () => {
    const sealed = await aSealedIdentity();
    const bent = sealed.replace(/\n(.)/u, (_, first: string) => `\n${first === 'A' ? 'B' : 'A'}`);
    const lines = sealed.split('\n');
    const cases: readonly object[] = [
      { proof: 'guessed' },
      { recipient: (await rig.key()).recipient },
      { sealedIdentity: 'AGE-SECRET-KEY-1QQQQ' },
      { sealedIdentity: bent },
      { sealedIdentity: [...lines.slice(0, -3), ...lines.slice(-2)].join('\n') },
      { sealedBy: 'passkey', passkey: 'AGE-PLUGIN-FIDO2PRF-1QQQQ' },
    ];
    for (const more of cases) {
      const sent = await enrol('dana', more);
      expect(sent).toMatchObject({ status: 409 });
      expect(sent.problem).toContain('nothing was kept');
      expect((await rig.told())[0]).toBe('refused');
    }
    const link = await rig.linkFor('dana', 'vault enrol');
    for (const recipient of ['age1yubikey1qwerty', 'AGE-SECRET-KEY-1', `age1pq1${'q'.repeat(60)}`, 7]) {
      expect((await rig.post(link, 'begin', { recipient })).status).toBe(409);
    }
    expect(await rig.keys()).toEqual([]);
    // A refused attempt costs the link nothing.
    expect((await rig.enrol(link, await rig.key())).status).toBe(200);
  });

  it('is no key that another organization has already', async () => {
    await rig.desk.say('tess', 'admin vault set fabrikam --sealed-to recipients --member me');
    const key = await rig.key();
    expect((await rig.enrol(await rig.linkFor('tess', 'vault enrol'), key)).status).toBe(200);
    expect((await rig.enrol(await rig.linkFor('dana', 'vault enrol'), key)).status).toBe(409);
    expect(await rig.keys()).toEqual([]);
  });
});

describe('a key that would replace another', () => {
  const replaced = async (): Promise<string> => {
    await enrol('dana');
    await rotates();
    expect((await enrol('dana')).done?.title).toBe('Your key waits for a second person');
    return (await rig.keys()).find(({ state }) => state === 'waiting')?.id ?? 'none';
  };

  it('waits until another admin confirms it, and then is the only one of its person', async () => {
    const id = await replaced();
    expect(await rotates()).toBe(false);
    expect(rig.chat('luis').at(-1)).toContain('made another key to the vault of Contoso');
    expect(await rig.desk.hear('dana', `vault confirm ${id}`)).toContain('That key is your own');
    expect(await rig.desk.hear('tess', `vault confirm ${id}`)).toContain('No key');
    await rig.desk.click('luis', 'vault-confirm', id);
    expect(await rig.keys()).toMatchObject([{ id, state: 'current' }]);
    expect(await rotates()).toBe(true);
    expect((await rig.told()).slice(0, 1)).toEqual(['vault.confirmed']);
    expect(await rig.desk.hear('luis', `vault confirm ${id}`)).toContain('counts already');
    expect(rig.chat('dana').at(-1)).toContain('confirmed the new key');
  });

  it('is gone when it is turned down, and the one that counts goes on', async () => {
    const id = await replaced();
    await rig.desk.click('luis', 'vault-refuse', id);
    expect(await rig.keys()).toMatchObject([{ state: 'current' }]);
    expect(await rig.desk.hear('luis', `vault confirm ${id}`)).toContain('No key');
  });

  it('is confirmed and turned down at once: whoever comes second hears so, and a key is left', async () => {
    const id = await replaced();
    await Promise.all([rig.desk.click('luis', 'vault-confirm', id), rig.desk.click('olga', 'vault-refuse', id)]);
    expect((await rig.keys()).filter(({ state }) => state === 'current')).toHaveLength(1);
  });
});

describe('taking keys away', () => {
  it('rotates at once, asks first, and never takes the last one from what is kept', async () => {
    await enrol('dana');
    rig.desk.entra.pass(MINUTE);
    await enrol('luis');
    await rotates();
    const luis = (await rig.keys())[1]?.id ?? 'none';
    expect(await rig.desk.hear('dana', `admin vault remove ${luis}`)).toContain(`Remove key ${luis}?`);
    expect(await rig.keys()).toHaveLength(2);
    await rig.desk.click('dana', 'admin-remove', `vault/${luis}`);
    expect(await rig.keys()).toHaveLength(1);
    expect(await rotates()).toBe(true);
    const last = (await rig.keys())[0]?.id ?? 'none';
    expect(await rig.desk.hear('luis', `admin vault remove ${last} --yes`)).toContain('the last key');
    expect(await rig.desk.hear('luis', 'admin vault remove contoso dana@msp.example --yes')).toContain('the last key');
    expect(await rig.keys()).toHaveLength(1);
  });

  it('two last keys at once: one stays', async () => {
    await enrol('dana');
    await enrol('luis');
    const [first, second] = (await rig.keys()).map(({ id }) => id);
    await Promise.all([
      rig.desk.say('dana', `admin vault remove ${second} --yes`),
      rig.desk.say('luis', `admin vault remove ${first} --yes`),
    ]);
    expect((await rig.keys()).length).toBeGreaterThanOrEqual(1);
  });
});

describe('a recovery key', () => {
  it('is made by an admin of the organization, proven, rotates, and is taken out again', async () => {
    await enrol('dana');
    await rotates();
    const link = await rig.linkFor('luis', 'admin vault recovery contoso');
    const key = await rig.key();
    const { challenge } = await rig.post(link, 'begin', { recipient: key.recipient });
    const guessed = await rig.post(link, 'finish', { recipient: key.recipient, proof: 'guessed' });
    expect(guessed.status).toBe(409);
    const again = await rig.post(link, 'begin', { recipient: key.recipient });
    // A riddle is put once: the first one is solved in vain.
    const stale = await rig.open(key.identity, challenge ?? '');
    expect((await rig.post(link, 'finish', { recipient: key.recipient, proof: stale })).status).toBe(409);
    expect(again.status).toBe(200);
    const { challenge: third } = await rig.post(link, 'begin', { recipient: key.recipient });
    const proof = await rig.open(key.identity, third ?? '');
    expect((await rig.post(link, 'finish', { recipient: key.recipient, proof })).status).toBe(200);
    expect((await rig.desk.stores.vaults.of(VAULT))?.recovery).toMatchObject({ recipient: key.recipient });
    expect(await rotates()).toBe(true);
    expect(rig.chat('dana').at(-1)).toContain('made a recovery key');
    expect(await rig.desk.hear('dana', 'admin vault recovery contoso --remove')).toContain('To do it, type');
    await rig.desk.say('dana', 'admin vault recovery contoso --remove --yes');
    expect((await rig.desk.stores.vaults.of(VAULT))?.recovery).toBeUndefined();
    expect(await rotates()).toBe(true);
    expect(await rig.everything()).not.toContain(key.identity);
  });

  it('is not for admins of another organization', async () => {
    expect(await rig.desk.hear('tess', 'admin vault recovery contoso')).toContain('No organization');
  });
});

describe('setting a vault up', () => {
  it('is never done in silence, and sealing to the server is said plainly and asked for twice', async () => {
    await rig.desk.database.collection('vaults').deleteMany({});
    expect(await rig.desk.hear('dana', 'admin vault set contoso')).toContain('say recipients or server');
    expect(await rig.desk.hear('dana', 'admin vault set contoso --sealed-to server')).toContain('can read every one');
    expect(await rig.desk.stores.vaults.of(VAULT)).toBeUndefined();
    expect(await rig.desk.hear('dana', 'admin vault set contoso --sealed-to server --yes')).toContain('to the server');
    expect((await rig.desk.stores.vaults.of(VAULT))?.mode).toBe('server');
    expect(rig.chat('luis').at(-1)).toContain('sealed to server');
    expect(await rig.desk.hear('dana', 'vault enrol')).toContain('not a member of any vault');
    expect(await rig.desk.hear('dana', 'admin vault set contoso --sealed-to recipients --every 12h')).toContain('12 h');
    expect(await rotates()).toBe(true);
    expect(await rig.desk.hear('dana', 'admin vault set contoso --every 1m')).toContain('an hour at least');
  });
});
