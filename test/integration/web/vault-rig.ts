import { armor, Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { answerText, openServiceDesk, PEOPLE } from '../../fakes/service-desk.js';
import type { ServiceDesk, Who } from '../../fakes/service-desk.js';
import { textOf } from '../../fakes/chat-room.js';
import { enrolledCard, recoveryCard } from '../../../src/chat/vault-cards.js';
import type { VaultKey } from '../../../src/engine/vault.js';
import { organizationId, vaultOf } from '../../../src/engine/ids.js';
import { createPages } from '../../../src/web/pages.js';
import type { PageListener } from '../../../src/web/pages.js';
import { createWeb } from '../../../src/web/server.js';
import { vaultPages } from '../../../src/web/vault-pages.js';

export interface Sent {
  readonly status: number;
  readonly problem?: string;
  readonly challenge?: string;
  readonly done?: { readonly title: string; readonly lines: readonly string[] };
}

/** A key as a browser would make it; the sealing is done once for all of them, since only a page ever opens it. */
export interface MadeKey {
  readonly identity: string;
  readonly recipient: string;
}

/** The whole bot behind a real HTTP server, with two organizations: Contoso, run by Dana and Luis, and Fabrikam. */
export interface VaultRig {
  readonly desk: ServiceDesk;
  readonly origin: string;
  linkFor(who: Who, command: string): Promise<string>;
  /** What a page's own script would send. */
  post(link: string, action: string, body: unknown, headers?: Record<string, string>): Promise<Sent>;
  key(): Promise<MadeKey>;
  open(identity: string, armored: string): Promise<string>;
  /** Begins, proves, and finishes, with whatever is said to differ. */
  enrol(link: string, key: MadeKey, more?: object): Promise<Sent>;
  keys(organization?: string): Promise<readonly VaultKey[]>;
  /** The cards in somebody's own chat. */
  chat(who: Who): readonly string[];
  /** Every name in the log, newest first. */
  told(): Promise<readonly string[]>;
  /** Everything that is kept or was said anywhere, for searches. */
  everything(): Promise<string>;
  close(): Promise<void>;
}

const PASSPHRASE = 'orbit-velvet-canyon-plume';

const sealedOnce = (async () => {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(PASSPHRASE);
  return armor.encode(await encrypter.encrypt(await generateX25519Identity()));
})();

export const aSealedIdentity = (): Promise<string> => sealedOnce;

export const openVaultRig = async (): Promise<VaultRig> => {
  let pages: PageListener | undefined;
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => silent };
  const web = createWeb({ pages: async (...visit) => pages?.(...visit), ready: async () => true, log: silent });
  const origin = `http://localhost:${await web.listen(0, '127.0.0.1')}`;
  const settings = { owners: [PEOPLE.olga.key], approvalChannels: [], publicUrl: origin };
  const desk = await openServiceDesk({ settings });
  const { clock, log } = desk.parts;
  const parts = { deps: desk.parts, enrolled: enrolledCard, recovery: recoveryCard };
  pages = createPages({ pages: vaultPages(parts), publicUrl: origin, clock, log });
  for (const who of ['olga', 'dana', 'luis', 'tess'] as const) await desk.say(who, 'help');
  for (const command of [
    'admin organization add Contoso --admin dana@msp.example --admin luis@msp.example',
    'admin organization add Fabrikam --admin tess@msp.example',
  ]) {
    const answer = await desk.say('olga', command);
    if (answer.kind !== 'show' || answer.tone === 'refusal') throw new Error(answerText(answer));
  }

  const post: VaultRig['post'] = async (link, action, body, headers = {}) => {
    const response = await fetch(`${link}/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin, 'sec-fetch-site': 'same-origin', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, ...((await response.json()) as object) };
  };
  const open: VaultRig['open'] = (identity, armored) => {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    return decrypter.decrypt(armor.decode(armored), 'text');
  };

  return {
    desk,
    origin,
    post,
    open,
    linkFor: async (who, command) => {
      const answer = await desk.say(who, command);
      const buttons = answer.kind === 'show' && answer.view.kind === 'card' ? answer.view.buttons : [];
      const link = buttons.flatMap((button) => ('href' in button ? [button.href] : []))[0];
      if (link === undefined) throw new Error(answerText(answer));
      return link;
    },
    key: async () => {
      const identity = await generateX25519Identity();
      return { identity, recipient: await identityToRecipient(identity) };
    },
    enrol: async (link, { identity, recipient }, more = {}) => {
      const begun = await post(link, 'begin', { recipient });
      const proof = begun.challenge === undefined ? 'none' : await open(identity, begun.challenge);
      const sealedIdentity = await aSealedIdentity();
      return post(link, 'finish', { recipient, sealedIdentity, proof, sealedBy: 'passphrase', ...more });
    },
    keys: (organization = 'contoso') => desk.stores.vaults.keys(vaultOf(organizationId(organization))),
    chat: (who) => desk.room.cardsIn(PEOPLE[who].address?.conversation ?? '').map(textOf),
    told: async () => (await desk.stores.audit.read({}, 200)).map(({ event }) => event.what),
    everything: async () => {
      const collections = await desk.database.collections();
      const documents = await Promise.all(collections.map((one) => one.find().toArray()));
      const chats = (['olga', 'dana', 'luis', 'tess'] as const).flatMap((who) =>
        desk.room.cardsIn(PEOPLE[who].address?.conversation ?? '').map(textOf),
      );
      return [JSON.stringify(documents), ...desk.logged, ...chats].join('\n');
    },
    close: async () => {
      await web.close();
      await desk.close();
    },
  };
};
