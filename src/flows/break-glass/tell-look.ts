/** Tells everybody concerned what has become of a look: each message posted once and changed afterwards. */
import { createHash } from 'node:crypto';
import type { BreakGlassView, ViewMessage } from '../../engine/break-glass-view.js';
import type { ViewId } from '../../engine/ids.js';
import { toldOf } from '../../engine/look.js';
import { addMs, MINUTE, SECOND } from '../../lib/clock.js';
import type { FlowDeps } from '../deps.js';
import type { PageAddress } from '../page-links.js';
import type { Notifier } from '../ports.js';
import { linkTo } from './link-look.js';
import { recordLook } from './look-audit.js';
import { lookPlaces, requesterPlace } from './look-places.js';
import type { LookPlace, LookRole } from './look-places.js';
import { rotateAfter } from './look-rotation.js';

/** Turns what is to be told into cards; the words are the conversation's. */
export interface LookDrawing<Card> {
  /** `link`: for whoever looks, and for nobody else; without an address it was used, or its time is over. */
  card(role: LookRole, view: BreakGlassView, zone: string | undefined, page?: PageAddress): Card;
}

export type TellLookDeps<Card> = Pick<
  FlowDeps,
  | 'clock'
  | 'random'
  | 'log'
  | 'views'
  | 'people'
  | 'config'
  | 'settings'
  | 'audit'
  | 'announcements'
  | 'pageLinks'
  | 'breakGlass'
> & { readonly notifier: Notifier<Card>; readonly lookDrawing: LookDrawing<Card> };

const CLAIM_MS = MINUTE;
const RETRY_MS = 10 * SECOND;
const MOST_ROUNDS = 20;

/** One process at a time, until nothing is left to tell. */
export const tellLook = async <Card>(deps: TellLookDeps<Card>, id: ViewId): Promise<void> => {
  const right = `look/${id}`;
  const now = deps.clock.now();
  if (!(await deps.announcements.claim(right, now, addMs(now, CLAIM_MS)))) return;
  try {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const stored = await deps.views.load(id);
      if (stored === undefined) return;
      const { messages, behind } = await tellAll(deps, stored.view);
      // Whoever changed it meanwhile has more to be told: once more, from what stands now.
      if (await keep(deps, id, stored.version, messages, behind)) return;
    }
  } finally {
    await deps.announcements.release(right);
  }
};

interface Told {
  readonly messages: readonly ViewMessage[];
  /** Whether somebody could not be told now and shall be later. */
  readonly behind: boolean;
}

const tellAll = async <Card>(deps: TellLookDeps<Card>, view: BreakGlassView): Promise<Told> => {
  await recordLook(deps, view);
  if (view.state === 'open') await rotateAfter(deps, view);
  const known = new Map(view.messages.map((message) => [message.key, message]));
  let behind = false;
  for (const place of await lookPlaces(deps, view)) {
    const told = await tellOne(deps, view, place, known.get(place.key));
    if (told === 'later') behind = true;
    else if (told !== undefined) known.set(place.key, told);
  }
  const link = await tellLink(deps, view, known);
  return { messages: [...known.values()], behind: behind || link === 'later' };
};

/** The message as it stands now; `undefined`: there is none and there need be none. */
const tellOne = async <Card>(
  deps: TellLookDeps<Card>,
  view: BreakGlassView,
  { key, role, address, zone, mayPost }: LookPlace,
  known: ViewMessage | undefined,
): Promise<ViewMessage | 'later' | undefined> => {
  const card = deps.lookDrawing.card(role, view, zone);
  const shown = createHash('sha256').update(JSON.stringify(card)).digest('base64url');
  if (known?.shown === shown || (known === undefined && !mayPost)) return known;
  const delivery =
    known === undefined
      ? await deps.notifier.post(address, card)
      : await deps.notifier.update({ address: known.address, message: known.message }, card);
  if (delivery.kind === 'sent') return { key, address, message: delivery.ref.message, shown };
  if (delivery.kind === 'later') return 'later';
  deps.log.warn({ look: view.id, to: address, detail: delivery.detail }, 'a message about a look could not be put');
  // One that cannot be changed any more is left as it is.
  return known === undefined ? undefined : { ...known, shown };
};

const LINK = /^link\//u;

/**
 * The link goes out once the look may be had: in an emergency only after somebody who oversees it was told. What was sent
 * before stops offering itself when it no longer leads anywhere.
 */
const tellLink = async <Card>(
  deps: TellLookDeps<Card>,
  view: BreakGlassView,
  known: Map<string, ViewMessage>,
): Promise<'later' | 'done'> => {
  const sent = [...known.values()].filter(({ key }) => LINK.test(key));
  if (view.state === 'approved') {
    if (sent.length > 0) return 'done';
    if (view.emergency && ![...known.keys()].some((key) => key.startsWith('alarm/'))) return 'later';
    const message = await postLink(deps, view, 1);
    if (message === undefined) return 'later';
    known.set(message.key, message);
    return 'done';
  }
  for (const message of sent.filter(({ shown }) => shown !== 'spent')) {
    const card = deps.lookDrawing.card('link', view, undefined);
    const delivery = await deps.notifier.update({ address: message.address, message: message.message }, card);
    if (delivery.kind === 'later') return 'later';
    known.set(message.key, { ...message, shown: 'spent' });
  }
  return 'done';
};

const postLink = async <Card>(
  deps: TellLookDeps<Card>,
  view: BreakGlassView,
  number: number,
): Promise<ViewMessage | undefined> => {
  const place = await requesterPlace(deps, view);
  if (place === undefined) return undefined;
  const page = await linkTo(deps, view);
  const delivery = await deps.notifier.post(place.address, deps.lookDrawing.card('link', view, place.zone, page));
  if (delivery.kind !== 'sent') return undefined;
  return { key: `link/${number}`, address: place.address, message: delivery.ref.message, shown: 'offered' };
};

/** One more link, for whoever let the last one run out. `false`: no message reaches them now. */
export const sendAnotherLink = async <Card>(deps: TellLookDeps<Card>, view: BreakGlassView): Promise<boolean> => {
  const message = await postLink(deps, view, view.messages.filter(({ key }) => LINK.test(key)).length + 1);
  if (message === undefined) return false;
  for (let race = 0; race < MOST_ROUNDS; race += 1) {
    const stored = await deps.views.load(view.id);
    if (stored === undefined) return true;
    const { view: current, version } = stored;
    const key = `link/${current.messages.filter((one) => LINK.test(one.key)).length + 1}`;
    const next = { ...current, messages: [...current.messages, { ...message, key }], dueAt: deps.clock.now() };
    if (await deps.views.save(next, version)) return true;
  }
  return true;
};

const keep = async <Card>(
  deps: TellLookDeps<Card>,
  id: ViewId,
  version: number,
  messages: readonly ViewMessage[],
  behind: boolean,
): Promise<boolean> => {
  const stored = await deps.views.load(id);
  if (stored === undefined) return true;
  const retryAt = behind ? addMs(deps.clock.now(), RETRY_MS) : undefined;
  if (stored.version === version) return deps.views.save(toldOf(stored.view, messages, retryAt), version);
  const merged = new Map([...stored.view.messages, ...messages].map((message) => [message.key, message]));
  await deps.views.save({ ...stored.view, messages: [...merged.values()] }, stored.version);
  return false;
};
