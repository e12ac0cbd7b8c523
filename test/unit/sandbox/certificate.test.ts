import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { loadCertificate } from '../../../src/sandbox/certificate.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-certificate-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the certificate of the sandbox', () => {
  it('vouches for loopback by both its names, signed by an authority of its own', async () => {
    const { cert, caFile } = await loadCertificate(folder);
    const leaf = new X509Certificate(cert);
    const authority = new X509Certificate(await readFile(caFile));
    expect(leaf.checkHost('localhost')).toBe('localhost');
    expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(leaf.verify(authority.publicKey)).toBe(true);
    expect([authority.ca, leaf.ca]).toEqual([true, false]);
  });

  it('is made once, also when two start at the same time', async () => {
    const [one, other] = await Promise.all([loadCertificate(folder), loadCertificate(folder)]);
    const later = await loadCertificate(folder);
    expect(new X509Certificate(later.cert).verify(new X509Certificate(await readFile(later.caFile)).publicKey)).toBe(
      true,
    );
    expect([one.cert, other.cert]).toContain(later.cert);
  });

  it('is made anew when what is there is broken', async () => {
    const { caFile } = await loadCertificate(folder);
    await writeFile(join(dirname(caFile), 'cert.pem'), 'broken');
    const { cert } = await loadCertificate(folder);
    expect(new X509Certificate(cert).checkHost('localhost')).toBe('localhost');
  });
});
