import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { redacted } from '../../../src/lib/redacted.js';
import { VaultError } from '../../../src/vault/vault-error.js';
import { createVault, generateIdentity } from '../../../src/vault/vault.js';

const SECRET = 'Kp7#mWx4_Rt9?Zb2=Nd6@Hq3';

const reasonOf = async (opening: Promise<unknown>): Promise<string> => {
  try {
    await opening;
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(VaultError);
    return (thrown as VaultError).reason;
  }
  return 'opened';
};

describe('the vault', () => {
  it('opens what it sealed, and shows nothing of it on the way', async () => {
    const vault = await createVault({ identities: [await generateIdentity()] });
    const sealed = await vault.seal(redacted(SECRET));
    const opened = await vault.open(sealed);
    expect(opened.reveal()).toBe(SECRET);
    expect(`${sealed} ${inspect(opened)} ${JSON.stringify(opened)}`).not.toContain(SECRET);
  });

  it('seals in a form that other age tools read: armored text', async () => {
    const vault = await createVault({ identities: [await generateIdentity()] });
    expect(await vault.seal(redacted(SECRET))).toMatch(
      /^-----BEGIN AGE ENCRYPTED FILE-----\n[\w+/=\n]+-----END AGE ENCRYPTED FILE-----\n$/,
    );
  });

  it('never seals the same secret to the same text', async () => {
    const vault = await createVault({ identities: [await generateIdentity()] });
    expect(await vault.seal(redacted(SECRET))).not.toBe(await vault.seal(redacted(SECRET)));
  });

  it.each(['', 'ä€🔑', 'x'.repeat(100_000)])('keeps every secret as it is', async (secret) => {
    const vault = await createVault({ identities: [await generateIdentity()] });
    expect((await vault.open(await vault.seal(redacted(secret)))).reveal()).toBe(secret);
  });

  it('opens old values after a new identity was put in front, and seals for the new one alone', async () => {
    const [older, newer] = [await generateIdentity(), await generateIdentity()];
    const before = await createVault({ identities: [older] });
    const after = await createVault({ identities: [newer, older] });
    const old = await before.seal(redacted(SECRET));
    expect((await after.open(old)).reveal()).toBe(SECRET);
    const fresh = await after.seal(redacted(SECRET));
    expect(await reasonOf(before.open(fresh))).toBe('foreign');
    expect((await (await createVault({ identities: [newer] })).open(fresh)).reveal()).toBe(SECRET);
  });

  it('says so where no identity of its own opens a value', async () => {
    const stranger = await createVault({ identities: [await generateIdentity()] });
    const vault = await createVault({ identities: [await generateIdentity(), await generateIdentity()] });
    expect(await reasonOf(vault.open(await stranger.seal(redacted(SECRET))))).toBe('foreign');
  });

  it('opens nothing that was tampered with', async () => {
    const vault = await createVault({ identities: [await generateIdentity()] });
    const sealed = await vault.seal(redacted(SECRET));
    const lines = sealed.split('\n');
    const last = lines.at(-3) ?? '';
    lines[lines.length - 3] = (last.startsWith('A') ? 'B' : 'A') + last.slice(1);
    for (const text of [lines.join('\n'), sealed.slice(0, -60), 'not sealed at all', '']) {
      expect(await reasonOf(vault.open(text))).toBe('damaged');
    }
  });

  it('refuses what is no identity, without repeating it', async () => {
    const opening = createVault({ identities: [redacted('AGE-SECRET-KEY-1NOTAKEY')] });
    await expect(opening).rejects.toThrow(VaultError);
    await expect(opening).rejects.not.toThrow(/NOTAKEY/);
  });

  it('refuses an old identity that is none at the start, not when it is first needed', async () => {
    const opening = createVault({ identities: [await generateIdentity(), redacted('age1notaprivatekey')] });
    expect(await reasonOf(opening)).toBe('bad-identity');
  });
});
