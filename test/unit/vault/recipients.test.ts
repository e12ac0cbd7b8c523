import {
  armor,
  Decrypter,
  Encrypter,
  generateHybridIdentity,
  generateIdentity,
  identityToRecipient,
} from 'age-encryption';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SealedEntry } from '../../../src/engine/break-glass.js';
import { redacted } from '../../../src/lib/redacted.js';
import { createKeyRecipient } from '../../../src/vault/key-recipient.js';
import { createRecipientSealer } from '../../../src/vault/recipients.js';
import { VaultError } from '../../../src/vault/vault-error.js';
import { createVault } from '../../../src/vault/vault.js';

const ENTRY: SealedEntry = {
  tenant: 'contoso',
  directoryId: 'aaaaaaaa-0000-4000-8000-000000000001',
  upn: 'emergency1@contoso.onmicrosoft.com',
  password: 'Kp7#mWx4_Rt9?Zb2=Nd6@Hq3',
  at: '2026-03-02T12:00:00.000Z',
};

const sealer = createRecipientSealer();

const aPair = async () => {
  const { identity, recipient } = await sealer.generate();
  return { identity: identity.reveal(), recipient };
};

/** With the library alone, as a browser or the age tool would. */
const openedBy = async (identity: string, sealed: string): Promise<string> => {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return await decrypter.decrypt(armor.decode(sealed), 'text');
};

const faultOf = async (work: Promise<unknown>): Promise<string> => {
  const thrown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(thrown).toBeInstanceOf(VaultError);
  return (thrown as VaultError).reason;
};

describe('what is sealed to people', () => {
  it('opens with the identity of each of them alone, and tells nobody else anything', async () => {
    const [one, two, stranger] = await Promise.all([aPair(), aPair(), aPair()]);
    const sealed = await sealer.seal(ENTRY, [one.recipient, two.recipient]);
    for (const { identity } of [one, two]) expect(JSON.parse(await openedBy(identity, sealed))).toEqual(ENTRY);
    await expect(openedBy(stranger.identity, sealed)).rejects.toThrow('no identity matched');
    const clear = Buffer.from(sealed.replaceAll(/-----.*-----/gu, ''), 'base64').toString('latin1');
    for (const secret of [ENTRY.password, ENTRY.upn]) expect(sealed + clear).not.toContain(secret);
  });

  it('is an armored age file of one stanza a person, different each time', async () => {
    const { recipient } = await aPair();
    const [one, two] = await Promise.all([sealer.seal(ENTRY, [recipient]), sealer.seal(ENTRY, [recipient])]);
    expect(one).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n[\w+/=\n]+-----END AGE ENCRYPTED FILE-----\n$/u);
    expect(one).not.toBe(two);
    const header = Buffer.from(armor.decode(one)).toString('latin1').split('\n---')[0];
    expect(header).toMatch(/^age-encryption\.org\/v1\n-> X25519 [\w+/]{43}\n[\w+/]{43}$/u);
  });

  it('is read as the library reads its own, for any text and any number of keys, ours and its own mixed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.integer({ min: 1, max: 4 }),
        async (text, many) => {
          const pairs = await Promise.all(Array.from({ length: many }, aPair));
          const mixed = new Encrypter();
          for (const [index, { recipient }] of pairs.entries()) {
            mixed.addRecipient(index % 2 === 0 ? createKeyRecipient(recipient) : recipient);
          }
          const byBoth = armor.encode(await mixed.encrypt(text));
          const byUs = await sealer.sealText(
            redacted(text),
            pairs.map(({ recipient }) => recipient),
          );
          for (const { identity } of pairs) {
            const vault = await createVault({ identities: [redacted(identity)] });
            expect((await vault.open(byBoth)).reveal()).toBe(text);
            expect(await openedBy(identity, byUs)).toBe(text);
          }
        },
      ),
      { numRuns: 10 },
    );
  });

  it('stays shut once a single character of it was changed', async () => {
    const { identity, recipient } = await aPair();
    const sealed = await sealer.seal(ENTRY, [recipient]);
    const bytes = Buffer.from(armor.decode(sealed));
    // Every byte is covered: the header by its code, the rest by the cipher.
    for (let place = 0; place < bytes.length; place += 3) {
      const tampered = Buffer.from(bytes);
      tampered[place] = (tampered[place] ?? 0) ^ 1;
      const vault = await createVault({ identities: [redacted(identity)] });
      expect(['damaged', 'foreign']).toContain(await faultOf(vault.open(armor.encode(tampered))));
    }
  });

  it('stays shut once something was cut off', async () => {
    const { identity, recipient } = await aPair();
    const bytes = armor.decode(await sealer.seal(ENTRY, [recipient]));
    const vault = await createVault({ identities: [redacted(identity)] });
    expect(await faultOf(vault.open(armor.encode(bytes.subarray(0, -1))))).toBe('damaged');
  });
});

describe('a recipient', () => {
  it('is the public key of an age identity, and nothing else is', async () => {
    const { identity, recipient } = await aPair();
    expect(recipient).toBe(await identityToRecipient(identity));
    expect(await sealer.isRecipient(recipient)).toBe(true);
    const last = recipient.at(-1) === 'q' ? 'p' : 'q';
    const others = [
      '',
      'age1',
      identity,
      ` ${recipient}`,
      `${recipient}\n`,
      recipient.toUpperCase(),
      recipient.slice(0, -1),
      recipient.slice(0, -1) + last,
      await identityToRecipient(await generateHybridIdentity()),
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIYqJTXuPvzVnPDY3rXTv5Fhpgvb9mmRdYFWQMAUMVTK',
    ];
    for (const other of others) expect([other, await sealer.isRecipient(other)]).toEqual([other, false]);
    // The checksum is right, but the point is one on which everybody agrees: such a key would seal nothing.
    const weak = `age1${'q'.repeat(52)}5cu47z`;
    expect(() => new Encrypter().addRecipient(weak)).not.toThrow();
    expect(await sealer.isRecipient(weak)).toBe(false);
  });

  it('that is none stops the sealing, rather than being left out; and so does there being none', async () => {
    const { recipient } = await aPair();
    expect(await faultOf(sealer.seal(ENTRY, [recipient, 'age1nobody']))).toBe('bad-recipient');
    expect(await faultOf(sealer.seal(ENTRY, []))).toBe('no-recipient');
  });

  it('is agreed upon by both, whichever of the two made the pair', async () => {
    const identity = await generateIdentity();
    const sealed = await sealer.seal(ENTRY, [await identityToRecipient(identity)]);
    expect(JSON.parse(await openedBy(identity, sealed))).toEqual(ENTRY);
  });
});
