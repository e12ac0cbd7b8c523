import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCertificate } from '../../src/sandbox/certificate.js';
import { approveToReady } from './approve-to-ready.js';
import { decideGrowth } from './decide-growth.js';
import { decide } from './decide.js';
import { memory } from './memory.js';
import { endOfAccess } from './end-of-access.js';
import { reconcileRow } from './reconcile.js';
import { rotateRow } from './rotate.js';
import { judge } from './row.js';
import type { Ground, Row, Verdict } from './row.js';
import { startup } from './startup.js';
import { table } from './table.js';

/** `npm run bench [-- ROW …]`: measures, prints the table, and exits with 1 where a goal is missed. */

const ROWS: readonly Row[] = [
  startup,
  memory,
  approveToReady,
  endOfAccess,
  reconcileRow,
  rotateRow,
  decide,
  decideGrowth,
];

const GROUND = 'LATCHKEY_BENCH';

/** As `npm start`. */
const FLAGS = ['--always-sparkplug'];

const chosenRows = (names: readonly string[]): readonly Row[] | undefined => {
  if (!names.every((name) => ROWS.some((row) => row.name === name))) return undefined;
  return names.length === 0 ? ROWS : ROWS.filter(({ name }) => names.includes(name));
};

const measureAll = async (rows: readonly Row[], ground: Ground): Promise<boolean> => {
  const verdicts: Verdict[] = [];
  for (const row of rows) {
    console.error(`measuring ${row.name} ...`);
    const folder = join(ground.folder, row.name);
    await mkdir(folder);
    verdicts.push(...(await row.measure({ ...ground, folder })).map(judge));
  }
  console.log(`\n${table(verdicts)}`);
  // Whoever compares two runs has to know how busy the machine was.
  console.log(`load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores, Node ${process.versions.node}`);
  return verdicts.length >= rows.length && verdicts.every(({ holds }) => holds);
};

/** Node reads NODE_EXTRA_CA_CERTS only as it starts, so the bench makes the certificate and starts itself again. */
const runTrusting = async (): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  try {
    const { caFile } = await loadCertificate(join(folder, 'sandbox'));
    const child = spawn(
      process.execPath,
      [...process.execArgv, ...FLAGS, fileURLToPath(import.meta.url), ...process.argv.slice(2)],
      { stdio: 'inherit', env: { ...process.env, NODE_EXTRA_CA_CERTS: caFile, [GROUND]: folder } },
    );
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 1));
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const rows = chosenRows(process.argv.slice(2));
const folder = process.env[GROUND];
if (rows === undefined) {
  console.error(`There is no such row. Rows: ${ROWS.map(({ name }) => name).join(', ')}`);
  process.exitCode = 1;
} else if (folder === undefined) {
  process.exitCode = await runTrusting();
} else {
  process.exitCode = (await measureAll(rows, { folder, sandboxFolder: join(folder, 'sandbox') })) ? 0 : 1;
}
