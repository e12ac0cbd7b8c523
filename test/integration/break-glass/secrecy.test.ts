import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { armor, Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { enrolledCard, recoveryCard } from '../../../src/chat/vault-cards.js';
import type { Answer } from '../../../src/chat/answer.js';
import type { SealedEntry } from '../../../src/engine/break-glass.js';
import { breakGlassId, tenantId } from '../../../src/engine/ids.js';
import { DAY, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { systemRandom } from '../../../src/lib/random.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import * as secrets from '../../../src/sandbox/secrets.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { OPEN_LOOK_PAGE } from '../../../src/flows/break-glass/look-visit.js';
import { openCopies } from '../../../src/vault/copies.js';
import { createPages } from '../../../src/web/pages.js';
import type { PageListener } from '../../../src/web/pages.js';
import { createPasskeyCeremony } from '../../../src/web/passkey-ceremony.js';
import { createWeb } from '../../../src/web/server.js';
import type { Web } from '../../../src/web/server.js';
import { lookPages } from '../../../src/web/look-pages.js';
import { vaultPages } from '../../../src/web/vault-pages.js';
import { aSealedIdentity } from '../web/vault-rig.js';
import { openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk, Who } from '../../fakes/service-desk.js';

/**
 * Over a whole life of break-glass accounts, no password and no access pass that the directory ever took stands in clear
 * anywhere but in the hands of the vault's members: not in the database, the log, the audit log, the metrics, any answer
 * over HTTP, any message or the folder of copies.
 */

/** Everything that the local Entra was ever given to keep, before it keeps a digest of it. */
const accepted = new Set<string>();

const noteAccepted = (): void => {
  const { digest } = secrets;
  vi.spyOn(secrets, 'digest').mockImplementation((secret) => {
    accepted.add(secret);
    return digest(secret);
  });
};

/** Something that somebody else than a member of the vault could read. */
interface Piece {
  readonly where: string;
  readonly text: string;
}

/** As it may stand in JSON, in HTML, in an address or encoded. */
const guises = (secret: string): readonly string[] => {
  const html = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const bytes = Buffer.from(secret);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    html,
    html.replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
    encodeURIComponent(secret),
    bytes.toString('hex'),
    // Within a longer text, base64 depends on where it begins.
    ...[0, 1, 2].map((shift) => {
      const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
        .toString('base64')
        .replaceAll('=', '');
      return encoded.slice(shift === 0 ? 0 : 4, -2);
    }),
  ];
};

const leaks = (pieces: readonly Piece[], secrets: Iterable<string>): readonly string[] => {
  const wanted = [...secrets].flatMap(guises);
  return pieces.filter(({ text }) => wanted.some((guise) => text.includes(guise))).map(({ where }) => where);
};

interface Key {
  readonly identity: string;
  readonly recipient: string;
}

let desk: ServiceDesk;
let web: Web;
let origin: string;
let copyFolder: string;

/** What was answered over HTTP and in the chat. */
const heard: Piece[] = [];
const keys = new Map<Who, Key>();

const ONE = breakGlassId(tenantId('contoso'), 'emergency1');

const http = async (path: string, init?: RequestInit): Promise<string> => {
  const url = path.startsWith('http') ? path : `${origin}${path}`;
  const response = await fetch(url, init);
  const text = await response.text();
  const where = `HTTP ${init?.method ?? 'GET'} ${new URL(url).pathname.replace(/[\w-]{43}/u, 'TOKEN')}`;
  heard.push({ where, text: `${JSON.stringify([...response.headers])}\n${text}` });
  return text;
};

const post = async (link: string, action: string, body: object): Promise<Record<string, unknown>> =>
  JSON.parse(
    await http(`${link}/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin, 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify(body),
    }),
  ) as Record<string, unknown>;

const note = (who: Who, what: string, answer: Answer): Answer => {
  heard.push({ where: `answer to ${who}: ${what}`, text: JSON.stringify(answer) });
  return answer;
};

const say = async (who: Who, text: string): Promise<string> => {
  const answer = note(who, text, await desk.say(who, text));
  if (answer.kind === 'show' && answer.tone === 'refusal') throw new Error(JSON.stringify(answer.view));
  return JSON.stringify(answer);
};

const linkIn = (answer: string): string => {
  const link = /"href":"(?<link>[^"]+)"/u.exec(answer)?.groups?.['link'];
  if (link === undefined) throw new Error(`no link in ${answer}`);
  return link;
};

const open = async (sealed: string, { identity }: Key): Promise<string> => {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return decrypter.decrypt(armor.decode(sealed), 'text');
};

/** As the page's script does it: the key is made here, and only proves itself there. */
const enrol = async (who: Who): Promise<void> => {
  const identity = await generateX25519Identity();
  const key = { identity, recipient: await identityToRecipient(identity) };
  const link = linkIn(await say(who, 'vault enrol'));
  await http(link);
  const begun = await post(link, 'begin', { recipient: key.recipient });
  const proof = await open(String(begun['challenge']), key);
  const sealedIdentity = await aSealedIdentity();
  const done = await post(link, 'finish', { recipient: key.recipient, sealedIdentity, proof, sealedBy: 'passphrase' });
  if (done['done'] === undefined) throw new Error(JSON.stringify(done));
  keys.set(who, key);
};

/** What a member of the vault holds in the end: what opens the account now. */
const passwords = async (who: Who): Promise<readonly string[]> => {
  const key = keys.get(who);
  const account = await desk.stores.breakGlass.load(ONE);
  if (key === undefined || account === undefined) throw new Error(`nothing to open for ${who}`);
  const entries = await Promise.all(account.candidates.map(({ sealed }) => open(sealed, key)));
  return entries.map((entry) => (JSON.parse(entry) as SealedEntry).password);
};

interface Shown {
  readonly next: string;
  readonly accounts: readonly { readonly upn: string; readonly candidates: readonly { readonly sealed: string }[] }[];
}

/** Dana asks, Olga agrees, and Dana's browser opens what the page is given: a password that lets her in, and a pass. */
const look = async (): Promise<void> => {
  await say('dana', 'break-glass contoso --reason "Drill" --access-pass');
  await desk.settle();
  const [view] = await desk.stores.views.list({ tenant: tenantId('contoso') }, 1);
  await say('olga', `approve ${view?.id}`);
  await desk.settle();
  const mine = desk.room.cardsIn(PEOPLE.dana.address?.conversation ?? '').map((card) => JSON.stringify(card));
  const link = linkIn(mine.findLast((card) => card.includes('/page/break-glass/')) ?? 'no message');
  const key = keys.get('dana')!;
  await http(link);
  await post(link, 'begin', {});
  const shown = (await post(link, 'take', {})) as unknown as Shown;
  const [account] = shown.accounts;
  const entries = await Promise.all(account!.candidates.map(({ sealed }) => open(sealed, key)));
  const tried = entries.map((entry) => {
    const { upn, password } = JSON.parse(entry) as SealedEntry;
    return desk.canSignIn({ upn, password }).ok;
  });
  expect(tried).toContain(true);
  const openPage = link.replace(/\/page\/.*$/u, `/page/${OPEN_LOOK_PAGE}/${shown.next}`);
  await http(openPage);
  const pass = await post(openPage, 'pass', { upn: account!.upn });
  expect(pass).toEqual({ endsAt: expect.any(String), sealed: expect.any(String) });
  const accessPass = await open(String(pass['sealed']), key);
  expect(accepted).toContain(accessPass);
  expect(desk.canSignIn({ upn: account!.upn, accessPass }).ok).toBe(true);
  await post(openPage, 'current', {});
  await desk.pass(5 * MINUTE);
  await chores();
  await say('olga', 'admin break-glass drill contoso --done');
  await post(openPage, 'done', {});
  await desk.bot.rotate(ONE);
  await desk.settle();
  // The pass has most of its hour left, and ends with the look all the same.
  expect(desk.canSignIn({ upn: account!.upn, accessPass }).ok).toBe(false);
  // The link is spent.
  await http(link);
  await post(link, 'take', {});
};

const rotateWithFaults = async (): Promise<void> => {
  const { add, clear } = desk.entra.sandbox.world.faults;
  for (const fault of [
    { kind: 'drop-after-write' },
    { kind: 'server-error', status: 500 },
    { kind: 'html', status: 502 },
    { kind: 'truncated' },
    { kind: 'wrong-shape', status: 404, body: {}, afterWrite: true },
  ] as const) {
    add({ ...fault, match: { service: 'graph' }, times: 2 });
    await desk.say('olga', 'admin break-glass rotate contoso');
    clear();
    for (let hours = 0; hours < 3; hours += 1) await desk.pass(HOUR);
    await chores();
    // Among them what the directory never took: that stays secret, too.
    for (const password of await passwords('olga')) accepted.add(password);
  }
};

const chores = async (): Promise<void> => {
  for (const { run } of desk.bot.chores) await run();
};

/** Everything that anybody but the members of the vault can get at. */
const everything = async (): Promise<readonly Piece[]> => {
  const collections = await desk.database.collections();
  const documents = await Promise.all(
    collections.map(async (each) =>
      (await each.find().toArray()).map((one) => ({
        where: `database ${each.collectionName}`,
        text: JSON.stringify(one),
      })),
    ),
  );
  const files = (await readdir(copyFolder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const copies = files.map(async ({ parentPath, name }) => ({
    where: `copy ${name}`,
    text: await readFile(join(parentPath, name), 'utf8'),
  }));
  return [
    ...documents.flat(),
    ...(await Promise.all(copies)),
    ...desk.logged.map((text) => ({ where: 'log', text })),
    ...desk.room.history.map((card) => ({ where: `message ${card.title}`, text: JSON.stringify(card) })),
    ...heard,
  ];
};

beforeAll(async () => {
  copyFolder = await mkdtemp(join(tmpdir(), 'latchkey-secrecy-'));
  let pages: PageListener | undefined;
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silent };
  web = createWeb({ pages: async (...visit) => pages?.(...visit), ready: async () => true, log: silent });
  origin = `http://localhost:${await web.listen(0, '127.0.0.1')}`;
  const settings = { owners: [PEOPLE.olga.key], approvalChannels: [], publicUrl: origin };
  desk = await openServiceDesk({ settings, copies: await openCopies(copyFolder, systemRandom) });
  const { clock, log } = desk.parts;
  const forVaults = vaultPages({ deps: desk.parts, enrolled: enrolledCard, recovery: recoveryCard });
  const { approveLook, nudgeLook } = desk.bot;
  const forLooks = lookPages({
    deps: { ...desk.parts, nudgeLook, ceremony: createPasskeyCeremony(origin) },
    approveLook,
  });
  pages = createPages({ pages: [...forVaults, ...forLooks], publicUrl: origin, clock, log });
  await setUpContoso(desk);
});

afterAll(async () => {
  await web.close();
  await desk.close();
  await rm(copyFolder, { recursive: true, force: true });
});

describe('a whole life of break-glass accounts', () => {
  it('goes from the vault to the end of the accounts', { timeout: 120_000 }, async () => {
    // What is set from here on is Latchkey's doing.
    noteAccepted();
    changeTenant(desk.entra.sandbox.world, CONTOSO.id, 'licences', { plans: ['P1'] });
    changeTenant(desk.entra.sandbox.world, CONTOSO.id, 'access-pass-policy', { state: 'enabled' });
    await say(
      'olga',
      'admin vault set owners --sealed-to recipients --member olga@msp.example --member dana@msp.example',
    );
    await enrol('olga');
    await enrol('dana');
    await say('olga', 'admin rule add Emergencies --subject "Service desk leads" --tenant contoso --break-glass --tap');
    await say('olga', 'admin break-glass enable contoso');
    await desk.pass(MINUTE);
    await say('olga', 'admin break-glass rotate contoso');
    await desk.pass(2 * DAY);
    await rotateWithFaults();
    await chores();
    await say('olga', 'admin break-glass drill contoso');
    await look();
    await desk.pass(10 * MINUTE);
    await chores();
    await say('olga', 'admin break-glass status');
    await say('olga', 'admin break-glass show contoso');
    await say('olga', 'admin break-glass check contoso');
    await say('olga', 'admin audit list');
    for (const path of ['/metrics', '/healthz', '/readyz', '/page/assets/page.js', '/nowhere']) await http(path);
    note('olga', 'disable', await desk.click('olga', 'admin-break-glass-disable', 'disable/contoso'));
    await desk.pass(DAY);
    expect((await desk.stores.breakGlass.load(ONE))?.rotateAt).toBeUndefined();
  });

  it('had the directory take many passwords, which members of the vault can open', async () => {
    expect(accepted.size).toBeGreaterThanOrEqual(10);
    const kept = await passwords('olga');
    expect(kept.filter((password) => accepted.has(password))).not.toEqual([]);
  });

  it('leaves no password and no access pass in clear anywhere', async () => {
    const pieces = await everything();
    const places = new Set(pieces.map(({ where }) => where.split(' ')[0]));
    expect(places).toEqual(new Set(['HTTP', 'answer', 'copy', 'database', 'log', 'message']));
    expect(leaks(pieces, accepted)).toEqual([]);
  });
});

describe('the search', () => {
  const secret = () => [...accepted][3] ?? '';

  it.each([
    ['as it is', (text: string) => text],
    ['in JSON', (text: string) => JSON.stringify({ password: text })],
    ['in an address', (text: string) => `?q=${encodeURIComponent(text)}`],
    ['in hex', (text: string) => Buffer.from(text).toString('hex')],
    ['in base64', (text: string) => Buffer.from(`{"password":"${text}"}`).toString('base64')],
  ])('finds a password that stands somewhere %s', (_, guise) => {
    const planted = { where: 'planted', text: `something ${guise(secret())} more` };
    expect(leaks([planted, { where: 'else', text: 'nothing' }], accepted)).toEqual(['planted']);
  });

  it('reads whatever is in the database, the folder and the log', async () => {
    await desk.database.collection('planted').insertOne({ deep: [{ password: secret() }] });
    await writeFile(join(copyFolder, 'planted'), secret());
    desk.parts.log.info({ detail: secret() }, 'planted');
    expect(leaks(await everything(), accepted)).toEqual(['database planted', 'copy planted', 'log']);
  });
});
