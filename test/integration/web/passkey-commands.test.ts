import { beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../../src/chat/answer.js';
import type { ChatDeps, Turn } from '../../../src/chat/deps.js';
import { linkPasskey, listPasskeys, unlinkPasskey } from '../../../src/chat/passkeys.js';
import { confirmByPasskey } from '../../../src/chat/second-factor.js';
import type { Card } from '../../../src/chat/view.js';
import { identityKey, requestId } from '../../../src/engine/ids.js';
import type { Identity, Person } from '../../../src/engine/person.js';
import { createChatRoom, textOf } from '../../fakes/chat-room.js';
import type { ChatRoom } from '../../fakes/chat-room.js';
import { openPageRig, REQUEST } from './page-rig.js';
import type { PageRig } from './page-rig.js';

/** What the chats say about passkeys, and above all: a link is seen by nobody but the person it is for. */

let rig: PageRig;
let room: ChatRoom;
let deps: ChatDeps;
let dana: Person;

beforeEach(async () => {
  rig = await openPageRig('https://latchkey.example');
  room = createChatRoom();
  // What these commands use of a conversation, which is little of it.
  deps = { ...rig.offers, notifier: room.notifier } as unknown as ChatDeps;
  dana = await rig.person('U0DANA', 'Dana Whitlock');
  return () => rig.close();
});

interface Place {
  readonly on?: 'slack' | 'teams';
  readonly direct?: boolean;
  readonly reachable?: boolean;
}

const turnOf = (person: Person, { on = 'slack', direct = true, reachable = true }: Place = {}): Turn => {
  const own = { platform: on, conversation: `1:1 with ${person.id}` } as const;
  const identity: Identity = {
    key: identityKey(on, 'X1'),
    platform: on,
    name: person.name,
    ...(reachable ? { address: own } : {}),
  };
  return {
    speaker: { identity, direct, conversation: direct ? own : { platform: on, conversation: 'a channel' } },
    person: { ...person, identities: [identity] },
    on,
    reading: { zone: 'UTC', today: rig.now() },
  };
};

const cardIn = (answer: Answer): Card => {
  if (answer.kind === 'nothing' || answer.view.kind !== 'card') throw new Error(answer.kind);
  return answer.view;
};

const linkIn = (card: Card | undefined): string | undefined =>
  card?.buttons.flatMap((button) => (button.verb === 'open' ? [button.href] : []))[0];

const said = (answer: Answer): string => textOf(cardIn(answer));

describe('/jit link passkey', () => {
  it('gives a link that makes a passkey, for five minutes', async () => {
    const card = cardIn(await linkPasskey(deps, turnOf(dana)));
    expect(textOf(card)).toContain('works once and is good for 5 minutes');
    const link = linkIn(card) ?? '';
    expect(link).toMatch(/^https:\/\/latchkey\.example\/page\/passkey-enrol\/[\w-]{43}$/u);
    expect((await rig.fetch(link)).status).toBe(200);
  });

  it('gives none where others read along, and where browsers would refuse to use it', async () => {
    expect(said(await linkPasskey(deps, turnOf(dana, { on: 'teams', direct: false })))).toMatch(/^Not here/u);
    expect(linkIn(cardIn(await linkPasskey(deps, turnOf(dana, { on: 'teams' }))))).toBeDefined();
    for (const publicUrl of ['http://bot.example', 'https://10.0.0.7', 'http://127.0.0.1:3978', 'https://[::1]']) {
      const elsewhere = { ...deps, settings: { ...deps.settings, publicUrl } };
      expect(said(await linkPasskey(elsewhere, turnOf(dana)))).toMatch(/set PUBLIC_URL/u);
    }
  });

  it('lists and removes one’s own, but not the last one: that is for owners', async () => {
    expect(said(await listPasskeys(deps, turnOf(dana)))).toContain('/jit link passkey makes one');
    await rig.enrol(dana, rig.authenticator(), 'Pixel 9');
    expect(said(await listPasskeys(deps, turnOf(dana)))).toContain('Pixel 9 · made 12:00 · never used');
    expect(said(await unlinkPasskey(deps, turnOf(dana), 'Pixle 9', undefined))).toMatch(/Did you mean Pixel 9\?/u);
    expect(said(await unlinkPasskey(deps, turnOf(dana), 'pixel 9', undefined))).toMatch(/your only passkey/u);

    const olga = await rig.person('U0OLGA', 'Olga Reyes');
    const asOlga = { ...turnOf(olga), person: olga };
    const mallory = turnOf(await rig.person('U0MALLORY', 'Mallory'));
    const named = 'slack:U0DANA';
    expect(said(await unlinkPasskey(deps, mallory, 'Pixel 9', named))).toMatch(/Only admins of Latchkey/u);
    const owned = { ...deps, settings: { ...deps.settings, owners: [identityKey('slack', 'U0OLGA')] } };
    expect(said(await unlinkPasskey(owned, asOlga, 'Pixel 9', named))).toContain('Pixel 9 of Dana Whitlock is removed');
    expect(await rig.stores.passkeys.ofPerson([dana.id])).toEqual([]);
    expect(await rig.stores.audit.read({ people: [dana.id] }, 1)).toMatchObject([
      { event: { what: 'passkey.removed', by: olga.id, about: [dana.id] } },
    ]);
  });
});

it('of two passkeys taken away at the same moment one stays: the chat alone must not enrol the next', async () => {
  const first = rig.authenticator();
  await rig.enrol(dana, first, 'One');
  await rig.stores.passkeys.add({
    credentialId: 'second',
    person: dana.id,
    publicKey: 'AA',
    counter: 0,
    transports: [],
    name: 'Two',
    createdAt: rig.now(),
  });
  await Promise.all(['One', 'Two'].map((name) => unlinkPasskey(deps, turnOf(dana), name, undefined)));
  expect(await rig.stores.passkeys.ofPerson([dana.id])).toHaveLength(1);
});

describe('an approval that needs a second factor', () => {
  it('tells whoever has no passkey how to make one, and names no request that there is not', async () => {
    expect(said(await confirmByPasskey(deps, turnOf(dana), REQUEST.id, undefined))).toContain('/jit link passkey');
    expect(said(await confirmByPasskey(deps, turnOf(dana), requestId('R-NONE'), undefined))).toMatch(/^No request/u);
  });

  it('answers with the link in Slack, where only the person who clicked sees the answer', async () => {
    await rig.enrol(dana, rig.authenticator());
    const answer = await confirmByPasskey(deps, turnOf(dana, { direct: false }), REQUEST.id, 'fine');
    expect(linkIn(cardIn(answer))).toMatch(/\/page\/passkey-approve\//u);
    expect(room.history).toEqual([]);
  });

  it('puts the link into the 1:1 chat in Teams, and only there', async () => {
    await rig.enrol(dana, rig.authenticator());
    const own = `1:1 with ${dana.id}`;
    expect((await confirmByPasskey(deps, turnOf(dana, { on: 'teams' }), REQUEST.id, undefined)).kind).toBe('nothing');
    const inChannel = await confirmByPasskey(deps, turnOf(dana, { on: 'teams', direct: false }), REQUEST.id, undefined);
    expect(said(inChannel)).toMatch(/in our own chat/u);
    expect(linkIn(cardIn(inChannel))).toBeUndefined();
    expect(room.cardsIn(own).map(linkIn)).toEqual([expect.any(String), expect.any(String)]);
    expect(room.cardsIn('a channel')).toEqual([]);
    const unreachable = turnOf(dana, { on: 'teams', direct: false, reachable: false });
    expect(said(await confirmByPasskey(deps, unreachable, REQUEST.id, undefined))).toMatch(
      /Write to me in our own chat/u,
    );
  });
});
