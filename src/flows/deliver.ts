import { createHash } from 'node:crypto';
import type { RequestId } from '../engine/ids.js';
import { isNamedBy } from '../engine/person.js';
import type { Address, Person } from '../engine/person.js';
import { quorumsMet } from '../engine/quorum.js';
import type { AccessRequest } from '../engine/request.js';
import { applyEvent } from '../engine/transitions.js';
import { addMs, SECOND } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import { approvalChannels } from './channels.js';
import type { FlowDeps } from './deps.js';
import { LATCHKEY } from './effects.js';
import { approverGroups } from './standing.js';
import { alarm, isMoot, tell } from './notices.js';
import type { Later } from './notices.js';
import { placesOf } from './places.js';
import type { Place, Reader, Readers } from './places.js';
import type { Delivery, LedgerEntry, MessageRef, Notice, Notifier, QueuedEffect, StoredRequest } from './ports.js';
import { isSameAudience } from './readers.js';
import type { FindReaders } from './readers.js';
import type { Told } from './teller.js';
import { transition } from './transition.js';

/** Turns what is to be told into cards; the words are the conversation's. */
export interface Drawing<Card> {
  card(place: Place, request: AccessRequest): Card;
  notice(notice: Notice, request: AccessRequest, reader: Reader): Card;
}

export interface DeliverDeps<Card> extends Pick<
  FlowDeps,
  'clock' | 'deliverer' | 'log' | 'requests' | 'people' | 'config' | 'audit' | 'settings' | 'checkups' | 'nudge'
> {
  readonly notifier: Notifier<Card>;
  readonly drawing: Drawing<Card>;
  readonly findReaders: FindReaders;
}

const RETRY_MS = 5 * SECOND;

/**
 * Performs the effects that a request's transitions left in its outbox, one process at a time, until it is empty.
 * `justSaved` spares it the right that came with the save, and lets it look up meanwhile who reads of it.
 */
export const deliver = async <Card>(deps: DeliverDeps<Card>, id: RequestId, justSaved?: Told): Promise<void> => {
  let known = justSaved;
  for (;;) {
    const foreseen = known?.request;
    const [stored, readers] = await Promise.all([
      deps.deliverer.take(id, known?.toDeliver),
      foreseen && deps.findReaders(foreseen),
    ]);
    if (stored === undefined) return;
    const isForeseen = foreseen !== undefined && isSameAudience(foreseen, stored.request);
    const outcome = await performAll(deps, stored, isForeseen ? readers : undefined);
    known = undefined;
    // Before the refusals are on record, so that a process that dies here leaves them to be met, and named, once more.
    await nameUnreachable(deps, stored.request, outcome.unreachable);
    const left = stored.outbox.length - outcome.done.length;
    const retryAt = left === 0 ? undefined : addMs(deps.clock.now(), outcome.retryAfterMs ?? RETRY_MS);
    const isOwing = await deps.deliverer.giveBack(id, outcome.done, outcome.ledger, retryAt);
    if (left > 0 || !isOwing) return;
  }
};

interface Outcome {
  readonly done: readonly string[];
  readonly ledger: readonly LedgerEntry[];
  /** Approvers whom no message reaches. */
  readonly unreachable: AccessRequest['asked'];
  readonly retryAfterMs?: number;
}

const performAll = async <Card>(
  deps: DeliverDeps<Card>,
  stored: StoredRequest,
  foreseen: Readers | undefined,
): Promise<Outcome> => {
  const cards = stored.outbox.some(({ effect }) => effect.kind === 'cards');
  const readers = cards ? (foreseen ?? (await deps.findReaders(stored.request))) : undefined;
  const synced =
    readers === undefined ? { ledger: [], unreachable: [], later: [] } : await syncCards(deps, stored, readers);
  const results = await Promise.all(
    stored.outbox.map(async (queued): Promise<{ id: string; later?: Later }> => {
      const later =
        queued.effect.kind === 'cards'
          ? synced.later[0]
          : await orLater(deps, stored.request, () => perform(deps, stored.request, queued, readers?.people ?? []));
      return later === undefined ? { id: queued.id } : { id: queued.id, later };
    }),
  );
  const waits = [...results.flatMap(({ later }) => later ?? []), ...synced.later];
  const retryAfterMs = Math.max(0, ...waits.map((wait) => wait.retryAfterMs ?? RETRY_MS));
  for (const { detail } of waits) deps.log.warn({ request: stored.request.id, detail }, 'a message must wait');
  return {
    done: results.flatMap(({ id, later }) => (later === undefined ? [id] : [])),
    ledger: synced.ledger,
    unreachable: synced.unreachable,
    ...(waits.length === 0 ? {} : { retryAfterMs }),
  };
};

/**
 * What throws is tried again, and keeps nothing else from being performed and recorded: a card that was posted and is
 * not on record would be posted twice.
 */
const orLater = async <T>(
  deps: Pick<FlowDeps, 'log'>,
  { id }: AccessRequest,
  work: () => Promise<T>,
): Promise<T | Later> => {
  try {
    return await work();
  } catch (thrown) {
    const described = describeError(thrown);
    deps.log.error({ request: id, ...described }, 'an effect could not be performed');
    return { kind: 'later', detail: described.error };
  }
};

/** `undefined`: performed, or never possible; otherwise when to try again. */
const perform = async <Card>(
  deps: DeliverDeps<Card>,
  request: AccessRequest,
  { id, effect }: QueuedEffect,
  people: readonly Person[],
): Promise<Later | undefined> => {
  switch (effect.kind) {
    case 'cards':
      return undefined;
    case 'audit':
      await deps.audit.append(id, effect.event);
      return undefined;
    case 'notice': {
      const person = people.find((one) => isNamedBy(one, effect.to)) ?? (await deps.people.byId(effect.to));
      if (person === undefined || (await isMoot(deps, request, effect.notice, person))) return undefined;
      return tell(deps, request, effect.notice, person);
    }
    case 'alarm':
      return alarm(deps, request, effect.notice);
    default:
      return effect satisfies never;
  }
};

interface Synced {
  readonly ledger: readonly LedgerEntry[];
  readonly unreachable: AccessRequest['asked'];
  readonly later: readonly Later[];
}

/** Posts the cards that are missing and updates those that show something else than the request now is. */
const syncCards = async <Card>(
  deps: DeliverDeps<Card>,
  { request, ledger }: StoredRequest,
  readers: Readers,
): Promise<Synced> => {
  const places = placesOf(request, readers);
  const results = await Promise.all(
    places.map(async (place) => {
      const entry = ledger.find(({ key }) => key === place.key);
      const synced = await orLater(deps, request, () => syncCard(deps, place, request, entry));
      return { place, ...('kind' in synced ? { delivery: synced } : synced) };
    }),
  );
  const refused = results.filter(({ place, delivery }) => place.approver && delivery?.kind === 'unreachable');
  const reached = new Set(
    results.flatMap(({ place, delivery }) => (delivery?.kind === 'unreachable' ? [] : [place.approver?.id])),
  );
  return {
    ledger: results.flatMap(({ entry }) => entry ?? []),
    unreachable: refused.flatMap(({ place: { approver } }) =>
      approver === undefined || reached.has(approver.id) ? [] : [approver],
    ),
    later: results.flatMap(({ delivery }) => (delivery?.kind === 'later' ? [delivery] : [])),
  };
};

/** The message id of a place that refused the post, so that it is not tried for each change. */
const REFUSED = '';

const syncCard = async <Card>(
  deps: DeliverDeps<Card>,
  place: Place,
  request: AccessRequest,
  entry: LedgerEntry | undefined,
): Promise<{ readonly entry?: LedgerEntry; readonly delivery?: Delivery }> => {
  if (entry === undefined && !place.mayPost) return {};
  if (entry?.ref.message === REFUSED) return {};
  const card = deps.drawing.card(place, request);
  const shown = fingerprint(card);
  if (entry?.shown === shown) return {};
  const delivery =
    entry === undefined ? await deps.notifier.post(place.address, card) : await deps.notifier.update(entry.ref, card);
  if (delivery.kind === 'sent') return { entry: { key: place.key, ref: delivery.ref, shown }, delivery };
  if (delivery.kind === 'later') return { delivery };
  deps.log.warn({ request: request.id, place: place.key, detail: delivery.detail }, 'a card cannot be shown here');
  return { entry: { key: place.key, ref: refusedRef(place.address), shown }, delivery };
};

const refusedRef = (address: Address): MessageRef => ({ address, message: REFUSED });

/** Tells whether a message shows what it should without keeping what it shows. */
export const fingerprint = (card: unknown): string =>
  createHash('sha256').update(JSON.stringify(card)).digest('base64url').slice(0, 22);

/** Approvers whom no card reached are named; when too few are left to decide, the request is called off at once. */
const nameUnreachable = async <Card>(
  deps: DeliverDeps<Card>,
  request: AccessRequest,
  people: AccessRequest['asked'],
): Promise<void> => {
  if (people.length === 0 || request.state !== 'pending') return;
  const now = deps.clock.now();
  const channels = await approvalChannels(deps);
  // One write for both: who is named is asked no more, and would not be missed a second time.
  const named = await transition(deps, request.id, LATCHKEY, async (current) => {
    const without = applyEvent(current, { type: 'unreachable', people }, now);
    // A channel's card is there for everybody.
    if (!without.ok || channels.length > 0) return without;
    if (await mayStillAgree(deps, without.value)) return without;
    const calledOff = `Too few of those who may approve it can be reached: not ${without.value.unreachable.join(', ')}.`;
    return applyEvent(without.value, { type: 'cancel', calledOff }, now);
  });
  if (named.ok) return;
  deps.log.info({ request: request.id, code: named.error.code }, 'decided before unreachable approvers were named');
};

/**
 * Whether those who were reached, with those who have agreed already, are enough for each quorum; but for one that
 * others will be asked for, too.
 */
const mayStillAgree = async (
  deps: Pick<FlowDeps, 'config' | 'people' | 'settings'>,
  request: AccessRequest,
): Promise<boolean> => {
  const ids = [...request.asked.map(({ id }) => id), ...request.approvals.map(({ person }) => person)];
  const groups = await approverGroups(deps, request);
  const quorums = request.quorums.filter(({ escalation }) => escalation === undefined || escalation.at !== undefined);
  return quorumsMet(quorums, await deps.people.byIds(ids), groups);
};
