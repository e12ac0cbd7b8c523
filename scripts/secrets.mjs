/** Makes the secrets that docker-compose.yml needs and nobody hands out. Files that exist already are left alone. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateX25519Identity } from 'age-encryption';

const folder = fileURLToPath(new URL('../secrets', import.meta.url));

/** Keeps what is there, so that running this twice cannot lock anybody out of a database or a vault. */
const keepOrMake = async (name, make) => {
  const path = join(folder, name);
  if (existsSync(path)) return readFileSync(path, 'utf8');
  const value = await make();
  // The folder keeps other users of the host out; the file itself is read by the container's user, whoever that is.
  writeFileSync(path, value, { mode: 0o444 });
  console.log(`made secrets/${name}`);
  return value;
};

mkdirSync(folder, { recursive: true, mode: 0o700 });
const password = await keepOrMake('mongo_password', () => randomBytes(24).toString('hex'));
await keepOrMake('mongodb_uri', () => `mongodb://latchkey:${password}@mongo:27017/latchkey?authSource=admin`);
await keepOrMake('vault_identity', () => generateX25519Identity());
await keepOrMake('audit_key', () => randomBytes(32).toString('base64url'));
