import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { loadCertificate } from '../src/sandbox/certificate.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the certificate lies that every test process trusts; a sandbox in this folder is trusted. */
    readonly sandboxFolder: string;
  }
}

/** Node reads NODE_EXTRA_CA_CERTS only as it starts, so the certificate is made before the test processes are. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-sandbox-'));
  const { caFile } = await loadCertificate(folder);
  process.env['NODE_EXTRA_CA_CERTS'] = caFile;
  project.provide('sandboxFolder', folder);
  return () => rm(folder, { recursive: true, force: true });
};
