import type { RequestId } from '../engine/ids.js';
import type { Person } from '../engine/person.js';
import type { AccessRequest } from '../engine/request.js';
import { isZone } from '../engine/when.js';
import { offerConfirmation } from '../flows/passkey-confirm.js';
import type { PageAddress } from '../flows/page-links.js';
import { MINUTE } from '../lib/clock.js';
import type { Answer } from './answer.js';
import { card, nothing, refuse, show } from './answers.js';
import { approvalCard } from './approval-card.js';
import type { ChatDeps, Turn } from './deps.js';
import { line } from './say.js';
import type { Card } from './view.js';

/**
 * The answer to an approval that needs a second factor: a link to the page that asks for it, for this person's eyes
 * alone. In Slack the answer itself is that. In Teams the answer to a click is one line of text, so the link goes into
 * their 1:1 chat.
 */
export const confirmByPasskey = async (
  deps: ChatDeps,
  turn: Turn,
  id: RequestId,
  note: string | undefined,
): Promise<Answer> => {
  const offered = await offerConfirmation(deps, turn.person, turn.on, id, note);
  if (!offered.ok) return refuse(offered.error, turn.reading);
  const view = confirmCard(id, offered.value, turn);
  return turn.on === 'slack' ? show(view) : sendAlone(deps, turn, view);
};

const confirmCard = (id: RequestId, page: PageAddress, turn: Turn): Card =>
  pageCard(turn, page, {
    title: `Approving ${id} needs your passkey`,
    label: `Confirm ${id}`,
    text: 'The page shows what you approve and asks for your passkey. Nothing is approved before that.',
  });

/** A card that carries a one-time link. It may be shown to that person alone. */
export const pageCard = (
  { reading }: Pick<Turn, 'reading'>,
  { url, expiresAt }: PageAddress,
  { title, label, text }: { readonly title: string; readonly label: string; readonly text: string },
): Card => {
  const minutes = Math.max(1, Math.round((expiresAt.getTime() - reading.today.getTime()) / MINUTE));
  return card(
    title,
    [line(text), line(`The link is for you alone, works once and is good for ${minutes} minutes.`)],
    [{ verb: 'open', id: '', label, style: 'primary', href: url.reveal() }],
  );
};

/** Puts a card with a link where only this person reads it. */
export const sendAlone = async (deps: ChatDeps, { speaker, person, reading }: Turn, view: Card): Promise<Answer> => {
  const own = person.identities.find(({ key }) => key === speaker.identity.key)?.address;
  const address = speaker.direct ? speaker.conversation : own;
  const delivery = address === undefined ? undefined : await deps.notifier.post(address, view);
  if (delivery?.kind !== 'sent') return refuse({ code: 'direct-only' }, reading);
  return speaker.direct ? nothing : show(card('I have sent you a link in our own chat: confirm there'));
};

/** What the page says is being approved. */
export const wordsOfApproval = (request: AccessRequest, approver: Person): Pick<Card, 'title' | 'lines'> => {
  const zone = approver.identities
    .map((identity) => identity.zone)
    .find((known) => known !== undefined && isZone(known));
  return approvalCard(request, zone);
};

/** What the page says once the approval counts. */
export const wordsOfApproved = ({ id, state, requesterName }: AccessRequest): Pick<Card, 'title' | 'lines'> =>
  state === 'pending'
    ? { title: `Your approval of ${id} counts; more are needed`, lines: [] }
    : { title: `Approved: ${requesterName} gets in (${id})`, lines: [] };
