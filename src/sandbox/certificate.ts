import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { generate } from 'selfsigned';

import { addMs, DAY, systemClock } from '../lib/clock.js';

/** A certificate for loopback and the authority that vouches for it, made once and kept while it is good. */

export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** PEM of the authority, for `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string;
}

const FOLDER = 'sandbox-certificate';
const VALID_MS = 365 * DAY;
const RENEWED_BEFORE_MS = 7 * DAY;

const load = async (folder: string): Promise<Certificate | undefined> => {
  const caFile = join(folder, 'ca.pem');
  try {
    const [cert, key, ca] = await Promise.all(
      ['cert.pem', 'key.pem', 'ca.pem'].map((name) => readFile(join(folder, name), 'utf8')),
    );
    if (cert === undefined || key === undefined || ca === undefined) return undefined;
    const leaf = new X509Certificate(cert);
    // Clients judge validity by the machine's clock, whatever time the sandbox plays.
    const isGood =
      new Date(leaf.validTo) > addMs(systemClock.now(), RENEWED_BEFORE_MS) &&
      leaf.verify(new X509Certificate(ca).publicKey);
    return isGood ? { cert, key, caFile } : undefined;
  } catch {
    return undefined;
  }
};

const make = async (): Promise<Readonly<Record<string, string>>> => {
  const validity = { notBeforeDate: addMs(systemClock.now(), -DAY), notAfterDate: addMs(systemClock.now(), VALID_MS) };
  const common = { ...validity, keyType: 'ec', algorithm: 'sha256' } as const;
  // The authority's key is thrown away: nothing else can ever be signed by what a client was told to trust.
  const ca = await generate([{ name: 'commonName', value: 'Latchkey sandbox authority' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const leaf = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...common,
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { 'ca.pem': ca.cert, 'cert.pem': leaf.cert, 'key.pem': leaf.private };
};

/** The certificate kept below `folder`, made anew when there is none or it is about to run out. */
export const loadCertificate = async (folder: string): Promise<Certificate> => {
  const home = join(folder, FOLDER);
  const kept = await load(home);
  if (kept !== undefined) return kept;

  await mkdir(folder, { recursive: true });
  const workshop = await mkdtemp(join(folder, `${FOLDER}-`));
  for (const [name, pem] of Object.entries(await make())) await writeFile(join(workshop, name), pem, { mode: 0o600 });
  await rm(home, { recursive: true, force: true });
  // Renamed as a whole, so that two sandboxes starting at once never mix one's certificate with the other's authority.
  await rename(workshop, home).catch(() => rm(workshop, { recursive: true, force: true }));
  const made = await load(home);
  if (made === undefined) throw new Error(`no usable certificate in ${home}`);
  return made;
};
