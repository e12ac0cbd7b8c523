/**
 * Packs the Teams app for upload, filled in for one bot:
 *
 *   npm run teams:package -- APP_ID https://latchkey.example.com
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32, deflateRawSync } from 'node:zlib';

const NO_ID = '00000000-0000-0000-0000-000000000000';
const NO_ADDRESS = 'https://latchkey.example.com';
const MIDNIGHT_1980 = 0x00210000; // the oldest date a zip can hold: the same input makes the same file

const root = fileURLToPath(new URL('..', import.meta.url));
const target = `${root}.data/latchkey-teams.zip`;
const [appId, address = NO_ADDRESS] = process.argv.slice(2);

if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(appId ?? '') || !address.startsWith('https://')) {
  console.error('Usage: npm run teams:package -- MICROSOFT_APP_ID [PUBLIC_URL]');
  process.exit(1);
}

const fields = (...values) =>
  Buffer.concat(
    values.map(([size, value]) => {
      const field = Buffer.alloc(size);
      field.writeUIntLE(value, 0, size);
      return field;
    }),
  );

/** What a local and a central header of a zip say alike about an entry. */
const shared = ({ name, data, packed }) =>
  fields(
    [2, 20],
    [2, 0],
    [2, 8],
    [4, MIDNIGHT_1980],
    [4, crc32(data)],
    [4, packed.length],
    [4, data.length],
    [2, name.length],
    [2, 0],
  );

const localHeader = (entry) => Buffer.concat([fields([4, 0x04034b50]), shared(entry), Buffer.from(entry.name)]);

const centralHeader = (entry, offset) =>
  Buffer.concat([
    fields([4, 0x02014b50], [2, 20]),
    shared(entry),
    fields([2, 0], [2, 0], [2, 0], [4, 0], [4, offset]),
    Buffer.from(entry.name),
  ]);

const zip = (files) => {
  const entries = files.map(([name, data]) => ({ name, data, packed: deflateRawSync(data) }));
  const bodies = entries.map((entry) => Buffer.concat([localHeader(entry), entry.packed]));
  const offsets = bodies.map((_body, i) => bodies.slice(0, i).reduce((sum, { length }) => sum + length, 0));
  const directory = Buffer.concat(entries.map((entry, i) => centralHeader(entry, offsets[i])));
  const size = bodies.reduce((sum, { length }) => sum + length, 0);
  const end = fields(
    [4, 0x06054b50],
    [4, 0],
    [2, entries.length],
    [2, entries.length],
    [4, directory.length],
    [4, size],
    [2, 0],
  );
  return Buffer.concat([...bodies, directory, end]);
};

const read = (name) => readFileSync(`${root}manifests/teams/${name}`);
const manifest = read('manifest.json')
  .toString('utf8')
  .replaceAll(NO_ID, appId)
  .replaceAll(NO_ADDRESS, address.replace(/\/$/, ''));

mkdirSync(`${root}.data`, { recursive: true });
writeFileSync(
  target,
  zip([
    ['manifest.json', Buffer.from(manifest)],
    ['color.png', read('color.png')],
    ['outline.png', read('outline.png')],
  ]),
);
console.log(`Made ${target}: upload it in Teams (Apps, Manage your apps, Upload an app).`);
