/** A process that writes audit lines until it is killed, and prints the id of each that it was told is written. */
import { silentLog } from '../../src/lib/log.js';
import { createAuditLog } from '../../src/store/audit.js';
import { connect } from '../../src/store/connection.js';

const [uri = '', name = ''] = process.argv.slice(2);
const { db } = await connect({ uri }, { log: silentLog });
const audit = createAuditLog(db);

const write = async (id: string): Promise<void> => {
  await audit.append(id, { what: 'written', at: new Date(0), by: name, facts: {} });
  process.stdout.write(`${id}\n`);
};

for (let round = 0; ; round += 1) {
  await Promise.all([1, 2, 3, 4, 5].map((line) => write(`${name}-${round}-${line}`)));
}
