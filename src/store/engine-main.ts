/** The embedded engine alone, for several bots: prints the MONGODB_URI they all get and runs until it is told to stop. */
import { createLog } from '../lib/log.js';
import { DatabaseFault } from './database-fault.js';
import { startEngine } from './engine-process.js';

const { DATA_DIR: dataDir = '.data', LOG_LEVEL: logLevel = 'warn' } = process.env;

try {
  const engine = await startEngine({ dataDir, log: createLog(logLevel) });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void engine.stop());
  console.log(`MONGODB_URI=${engine.uri}`);
} catch (thrown) {
  if (!(thrown instanceof DatabaseFault)) throw thrown;
  console.error(thrown.message);
  process.exitCode = 1;
}
