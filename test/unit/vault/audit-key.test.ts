import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseHead, printHead } from '../../../src/engine/audit-head.js';
import { systemRandom } from '../../../src/lib/random.js';
import { redacted } from '../../../src/lib/redacted.js';
import {
  auditKeyIn,
  auditKeyKeptIn,
  createHeadSigner,
  createHeadVerifier,
  generateAuditKey,
} from '../../../src/vault/audit-key.js';

const HEAD = { seq: 1234, hash: '0123456789abcdef'.repeat(4) };

describe('a signed head', () => {
  const key = generateAuditKey(systemRandom);
  const signer = createHeadSigner([key]);
  const signed = signer.sign(HEAD);

  it('is confirmed by its key and by the public key, and by no other', () => {
    const stranger = createHeadSigner([generateAuditKey(systemRandom)]);
    expect(signer.confirms(signed)).toBe(true);
    expect(createHeadVerifier(signer.publicKey)?.confirms(signed)).toBe(true);
    expect(stranger.confirms(signed)).toBe(false);
    expect(createHeadVerifier(stranger.publicKey)?.confirms(signed)).toBe(false);
  });

  it('is confirmed for its line and hash alone', () => {
    expect(signer.confirms({ ...signed, seq: 1233 })).toBe(false);
    expect(signer.confirms({ ...signed, hash: HEAD.hash.replace('0', '1') })).toBe(false);
    expect(signer.confirms({ ...signed, signature: 'A'.repeat(86) })).toBe(false);
    expect(signer.confirms({ ...signed, signature: '' })).toBe(false);
  });

  it('is the same each time, so that two processes announce one head', () => {
    const line = { ...HEAD, id: 'ignored' };
    expect(createHeadSigner([key]).sign(line)).toEqual(signed);
  });

  it('outlives its key, while that stands behind the new one', () => {
    const replaced = createHeadSigner([generateAuditKey(systemRandom), key]);
    expect(replaced.confirms(signed)).toBe(true);
    expect(replaced.sign(HEAD)).not.toEqual(signed);
    expect(signer.confirms(replaced.sign(HEAD))).toBe(false);
  });

  it('is one line in a chat, and is read back from it', () => {
    const printed = printHead(signed);
    expect(printed).toMatch(/^LK1\.1234\.[0-9a-f]{64}\.[\w-]{86}$/u);
    expect(parseHead(printed)).toEqual(signed);
    expect(parseHead(` \`${printed}\`\n`)).toEqual(signed);
  });

  it.each(['', 'LK1', 'LK1.0.a.b', 'LK2', 'LK1.01', 'x'])('is not read out of %j', (start) => {
    const [, ...rest] = printHead(signed).split('.');
    expect(parseHead(start)).toBeUndefined();
    expect(parseHead(`${start}.${rest.slice(1).join('.')}`)).toBeUndefined();
    expect(parseHead(`${start} ${printHead(signed)}`.trim())).toEqual(start === '' ? signed : undefined);
  });

  it('is what it always was: heads are checked years later', () => {
    const old = createHeadSigner([redacted('a key that never changes, for this test alone')]);
    expect(old.publicKey).toBe('LKP1.PpCg8JCYYtXsDy__2CWT1cL99y8OSFdtsIoKaJXRW9w');
    expect(old.sign(HEAD).signature).toBe(
      'yQhrTb8ZDdAsU4nwB8hJqphuweVWNMGlOOU2x0T76ThUSGPckB1TEWaCaY_L1BBHlt6JjpAQGlakOOXwCqZ6Aw',
    );
  });
});

it.each(['', 'LKP1.', 'LKP1.short', `LKP2.${'A'.repeat(43)}`])('no public key: %j', (text) => {
  expect(createHeadVerifier(text)).toBeUndefined();
});

describe('a key kept beside the data', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-audit-key-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is made once, for its owner alone, and only where a bot starts', async () => {
    expect(await auditKeyKeptIn(folder)).toBeUndefined();
    const made = await Promise.all(Array.from({ length: 50 }, () => auditKeyIn(folder, systemRandom)));
    const kept = await auditKeyKeptIn(folder);
    expect(new Set([...made, kept].map((key) => key?.reveal())).size).toBe(1);
    expect(kept?.reveal().length).toBeGreaterThanOrEqual(43);
    expect(await readdir(folder)).toEqual(['audit-key']);
    expect((await stat(join(folder, 'audit-key'))).mode & 0o777).toBe(0o600);
  });
});
