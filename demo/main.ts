import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addRules, allowPasses, journey, setUp } from './once.js';
import { ANY, dataDirOf, LEAD, PREFERRED, startWorld, TECHNICIAN } from './world.js';
import type { World } from './world.js';

/** `npm run demo`: everything on this machine, nothing to configure. With `--once` the whole journey by itself. */

const FOLDER = fileURLToPath(new URL('../.data/demo', import.meta.url));

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1).padStart(6)} s`;

const runOnce = async (): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-demo-'));
  const begin = performance.now();
  try {
    const world = await startWorld(folder, ANY);
    console.log(`${seconds(performance.now() - begin)}  bot, database, local Entra ID and two Teams windows are up`);
    try {
      await journey(world, (step, ms) => console.log(`${seconds(ms)}  ${step}`));
    } catch (thrown) {
      console.error(world.bot.output());
      throw thrown;
    } finally {
      await world.stop();
    }
    console.log(`${seconds(performance.now() - begin)}  in all; every step held`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const [TECHNICIAN_FIRST, LEAD_FIRST] = [TECHNICIAN, LEAD].map(({ name }) => name.split(' ')[0]);

const guide = (world: World): string => `
Latchkey is running. Open two windows side by side:

  ${TECHNICIAN.name}, technician   ${world.technician.url}
  ${LEAD.name}, lead and owner   ${world.lead.url}

In ${TECHNICIAN_FIRST}'s window type:   jit request
Approve in ${LEAD_FIRST}'s window, then press Reveal credential in ${TECHNICIAN_FIRST}'s.

More to type, as ${TECHNICIAN_FIRST}:
  jit can contoso                       what may be asked for there, and who has to agree
  jit request contoso --role "Exchange Administrator" --for 2m --reason "Mailbox migration"
  jit request contoso --role "Global Administrator" --reason "Just in case"     a refusal that says why
  jit request contoso --role "Exchange Administrator" --for 1h --tap --reason "A new laptop"     with an access pass
  jit extend ID 2m                      while it is live: the rules and the lead are asked again

and as ${LEAD_FIRST}:
  jit admin rule test contoso --as "${TECHNICIAN.name}" --role "Exchange Administrator" --for 5h
  jit admin rule set "Leads approve Exchange" --max 8h --ticket yes
  jit link passkey                      a passkey of this browser; then: jit admin rule set … --passkey yes
  jit admin tenant test contoso         what Latchkey may do there, and what is missing
  jit admin audit --since 1h            who did what, and what was refused
  jit admin export                      all of the configuration as YAML
  jit help admin                        the rest

The local Entra ID, with two customers:   ${world.entraUrl}/_sandbox/state
The chain of the audit log, checked:      DATA_DIR=${relative(process.cwd(), dataDirOf(FOLDER))} npm run audit -- verify
Ctrl-C stops everything; the next start begins anew.
`;

const runUntilStopped = async (): Promise<void> => {
  // Each demo begins anew, whatever an earlier one left there: the local Entra ID forgets its users too.
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const begin = performance.now();
  const world = await startWorld(FOLDER, PREFERRED);
  await setUp(world);
  await addRules(world);
  await allowPasses(world);
  console.log(`${guide(world)}(started in ${seconds(performance.now() - begin).trim()})`);
  const stopped = new Promise<'stopped'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('stopped'));
  });
  // Ctrl-C reaches the bot as well, and is no news then.
  const end = await Promise.race([stopped, world.bot.exited.then(() => 'died' as const)]);
  if (end === 'died') console.error(`The bot has ended by itself:\n${world.bot.output()}`);
  await world.stop();
};

await (process.argv.includes('--once') ? runOnce() : runUntilStopped());
