import { armor, Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { textOf } from '../../fakes/chat-room.js';
import { answerText, openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk, Who } from '../../fakes/service-desk.js';
import { breakGlassId, directoryUserId, tenantId, vaultOf, viewId } from '../../../src/engine/ids.js';
import type { PersonId, ViewId } from '../../../src/engine/ids.js';
import type { Candidate, SealedEntry } from '../../../src/engine/break-glass.js';
import type { BreakGlassView } from '../../../src/engine/break-glass-view.js';
import type { OrganizationVault } from '../../../src/engine/vault.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { addMs, DAY } from '../../../src/lib/clock.js';
import { redacted } from '../../../src/lib/redacted.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { createPages } from '../../../src/web/pages.js';
import type { PageListener } from '../../../src/web/pages.js';
import { createPasskeyCeremony } from '../../../src/web/passkey-ceremony.js';
import { createWeb } from '../../../src/web/server.js';
import { lookPages } from '../../../src/web/look-pages.js';

export const PASSWORD = 'Kx7-mPq9-vTz4-hWn8-rBd6-gYc3-sJf5';
export const OLDER = 'Old-mPq9-vTz4-hWn8-rBd6-gYc3-sJf5';
export const PASSPHRASE = 'orbit-velvet-canyon-plume';
export const UPN = 'emergency1@contoso.onmicrosoft.com';
const CONTOSO_ID = tenantId('contoso');
const ACCOUNT = breakGlassId(CONTOSO_ID, 'emergency1');

export interface Heard {
  readonly status: number;
  readonly text: string;
  readonly body: {
    readonly problem?: string;
    readonly next?: string;
    readonly accounts?: readonly {
      readonly upn: string;
      readonly candidates: readonly { readonly sealed: string }[];
    }[];
    readonly keys?: readonly { readonly sealedIdentity: string; readonly sealedBy: string }[];
  };
}

const newIdentity = async () => {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
};

/** Contoso with one break-glass account, whose passwords are sealed to Tess and Dana; the whole bot and its pages. */
export const openLookRig = async () => {
  let pages: PageListener | undefined;
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silent };
  const web = createWeb({ pages: async (...visit) => pages?.(...visit), ready: async () => true, log: silent });
  const origin = `http://localhost:${await web.listen(0, '127.0.0.1')}`;
  const desk: ServiceDesk = await openServiceDesk({
    settings: { owners: [PEOPLE.olga.key], approvalChannels: [], publicUrl: origin },
  });
  const { stores, parts, bot } = desk;
  const deps = { ...parts, nudge: () => {}, nudgeLook: bot.nudgeLook, ceremony: createPasskeyCeremony(origin) };
  pages = createPages({
    pages: lookPages({ deps, approveLook: bot.approveLook }),
    publicUrl: origin,
    clock: parts.clock,
    log: parts.log,
  });
  await desk.say('olga', 'help');
  await setUpContoso(desk);
  await desk.say(
    'olga',
    'admin rule add "Emergencies" --subject "Service desk" --subject "Service desk leads" --tenant contoso --break-glass',
  );

  const idOf = async (who: Who): Promise<PersonId> => {
    const person = await stores.people.byIdentity(PEOPLE[who].key);
    if (person === undefined) throw new Error(`nobody is ${who}`);
    return person.id;
  };
  const identities: Partial<Record<Who, string>> = {};
  const vault: OrganizationVault = {
    id: vaultOf(undefined),
    mode: 'recipients',
    members: [await idOf('tess'), await idOf('dana')],
    rotateEveryMs: DAY,
  };
  await stores.vaults.save(vault, undefined);
  const recipients: string[] = [];
  for (const who of ['tess', 'dana'] as const) {
    const { identity, recipient } = await newIdentity();
    const encrypter = new Encrypter();
    encrypter.setPassphrase(PASSPHRASE);
    encrypter.setScryptWorkFactor(12);
    identities[who] = identity;
    recipients.push(recipient);
    await stores.vaults.addKey({
      id: `K-${who.toUpperCase()}`,
      vault: vault.id,
      person: await idOf(who),
      recipient,
      sealedIdentity: armor.encode(await encrypter.encrypt(identity)),
      sealedBy: 'passphrase',
      state: 'current',
      enrolledAt: parts.clock.now(),
    });
  }
  const sealed = async (password: string, more: Partial<SealedEntry> = {}): Promise<string> =>
    parts.sealer.seal(
      { tenant: 'Contoso', directoryId: CONTOSO.id, upn: UPN, password, at: parts.clock.now().toISOString(), ...more },
      recipients,
    );
  const at = parts.clock.now();
  await stores.breakGlass.insert({
    id: ACCOUNT,
    tenant: CONTOSO_ID,
    name: 'emergency1',
    upn: UPN,
    origin: 'made',
    objectId: directoryUserId('aaaaaaaa-0000-4000-8000-0000000000aa'),
    isAdministrator: true,
    candidates: [
      { number: 2, sealed: await sealed(PASSWORD), recipients, at, answer: { kind: 'set', at } },
      {
        number: 1,
        sealed: await sealed(OLDER),
        recipients,
        at: addMs(at, -DAY),
        answer: { kind: 'set', at: addMs(at, -DAY) },
      },
    ],
    rotateAt: addMs(at, DAY),
    rotatedAt: at,
  });

  const chat = (who: Who) => desk.room.cardsIn(PEOPLE[who].address?.conversation ?? '');
  const newest = async (): Promise<BreakGlassView> => {
    const [view] = await stores.views.list({}, 1);
    if (view === undefined) throw new Error('no look');
    return view;
  };
  return {
    desk,
    origin,
    idOf,
    newest,
    chat: (who: Who): readonly string[] => chat(who).map(textOf),
    buttons: (who: Who): readonly string[] => chat(who).flatMap(({ buttons }) => buttons.map(({ verb }) => verb)),
    view: async (id: ViewId) => (await stores.views.load(id))?.view,
    /** The open identity of somebody's key, as only their browser ever holds it. */
    identity: (who: Who): string => identities[who] ?? '',
    /** The same key, sealed by a passkey now. */
    resealKey: async (
      who: Who,
      sealedNow: { readonly passkey: string; readonly sealedIdentity: string },
    ): Promise<void> => {
      const key = await stores.vaults.key(`K-${who.toUpperCase()}`);
      if (key === undefined) throw new Error(`${who} has no key`);
      await stores.vaults.removeKey(key.id);
      await stores.vaults.addKey({ ...key, ...sealedNow, sealedBy: 'passkey' });
    },
    /** One more key of theirs, which no passphrase opens that they know by now. Returns what takes it away again. */
    addForgottenKey: async (who: Who): Promise<() => Promise<unknown>> => {
      const key = await stores.vaults.key(`K-${who.toUpperCase()}`);
      if (key === undefined) throw new Error(`${who} has no key`);
      const sealedIdentity = key.sealedIdentity.replaceAll(/\n\w{9}/gu, '\nAAAAAAAAA');
      const id = `${key.id}-2`;
      await stores.vaults.addKey({ ...key, id, recipient: (await newIdentity()).recipient, sealedIdentity });
      return () => stores.vaults.removeKey(id);
    },
    account: () => stores.breakGlass.load(ACCOUNT),
    sealed,
    /** As sealed as an entry, and none. */
    sealedText: (text: string): Promise<string> => parts.sealer.sealText(redacted(text), recipients),
    /** Puts these passwords on record in the place of what is there, newest first. */
    hold: async (candidates: readonly Omit<Candidate, 'recipients'>[]): Promise<void> => {
      const held = candidates.map((one) => ({ ...one, recipients }));
      await desk.database
        .collection('breakGlass')
        .updateOne({ 'account.name': 'emergency1' }, { $set: { 'account.candidates': held } });
    },
    /** Makes the account's user in the directory, so that its password can be changed there. */
    makeUser: async (): Promise<void> => {
      changeTenant(desk.entra.sandbox.world, CONTOSO.id, 'users', { userPrincipalName: UPN, displayName: UPN });
      const user = desk.entra.sandbox.world.tenants.get(CONTOSO.id)?.users.withKey(UPN)[0];
      await desk.database
        .collection('breakGlass')
        .updateOne({ 'account.name': 'emergency1' }, { $set: { 'account.objectId': user?.id } });
    },
    /** Asks, lets the messages go out, and tells the look. */
    ask: async (who: Who = 'tess', more = ''): Promise<BreakGlassView> => {
      const answer = await desk.say(who, `break-glass contoso --reason "Nobody else can sign in" ${more}`);
      if (answer.kind !== 'show' || answer.tone === 'refusal') throw new Error(answerText(answer));
      await bot.idle();
      const [id = ''] = /V-[0-9A-Z]+/u.exec(answerText(answer)) ?? [];
      const stored = await stores.views.load(viewId(id));
      return stored?.view ?? newest();
    },
    link: (who: Who): string => {
      const links = chat(who).flatMap(({ buttons }) =>
        buttons.flatMap((button) => ('href' in button ? [button.href] : [])),
      );
      const last = links.at(-1);
      if (last === undefined) throw new Error(`${who} has no link`);
      return last;
    },
    post: async (link: string, action: string, body: unknown = {}): Promise<Heard> => {
      const response = await fetch(`${link}/${action}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin, 'sec-fetch-site': 'same-origin' },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, text, body: JSON.parse(text) as Heard['body'] };
    },
    opened: async (who: Who, armored: string): Promise<string> => {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identities[who] ?? '');
      return decrypter.decrypt(armor.decode(armored), 'text');
    },
    audited: async (): Promise<readonly string[]> =>
      (await stores.audit.read({}, 200)).map(({ event }) => event.what).toReversed(),
    deactivate: (who: Who) => stores.identities.deactivate(PEOPLE[who].key, parts.clock.now()),
    close: async () => {
      await web.close();
      await desk.close();
    },
  };
};

export type LookRig = Awaited<ReturnType<typeof openLookRig>>;
