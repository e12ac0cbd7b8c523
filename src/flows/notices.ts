import { idsOf } from '../engine/person.js';
import type { Address, Person } from '../engine/person.js';
import { isApprover } from '../engine/quorum.js';
import type { AccessRequest } from '../engine/request.js';
import { hasSpoken } from '../engine/verdicts.js';
import type { FlowDeps } from './deps.js';
import type { Reader } from './places.js';
import type { Delivery, Notice, Notifier } from './ports.js';
import { adminsOf, approverGroups } from './standing.js';

/** Sends what is told once and never changed. */
export interface NoticeDeps<Card> extends Pick<FlowDeps, 'log' | 'people' | 'config' | 'settings' | 'checkups'> {
  readonly notifier: Notifier<Card>;
  readonly drawing: { notice(notice: Notice, request: AccessRequest, reader: Reader): Card };
}

/** Not now: to be tried again. */
export type Later = Delivery & { readonly kind: 'later' };

/** That something has not ended is told only while it has not. */
const isPast = ({ state }: AccessRequest, notice: Notice): boolean =>
  (notice === 'overdue' || notice === 'late') && state !== 'closing';

/** A reminder is for those alone who still can and should say something when it is sent. */
export const isMoot = async (
  deps: Pick<FlowDeps, 'people' | 'config' | 'settings'>,
  request: AccessRequest,
  notice: Notice,
  person: Person,
): Promise<boolean> => {
  if (notice !== 'reminder') return isPast(request, notice);
  if (request.state !== 'pending' || hasSpoken(request, idsOf(person))) return true;
  return !isApprover(request, person, await approverGroups(deps, request));
};

/** While a tenant is paused, one alarm speaks for all that cannot end there, and says at last what has ended. */
const isToldByTenant = async (
  { checkups }: Pick<FlowDeps, 'checkups'>,
  { tenant }: AccessRequest,
  notice: Notice,
): Promise<boolean> =>
  (notice === 'overdue' || notice === 'overdue-ended') && (await checkups.pauseOf(tenant)) !== undefined;

/** To every admin whom it concerns, and to the channels where admins read. */
export const alarm = async <Card>(
  deps: NoticeDeps<Card>,
  request: AccessRequest,
  notice: Notice,
): Promise<Later | undefined> => {
  if (isPast(request, notice) || (await isToldByTenant(deps, request, notice))) return undefined;
  const [admins, { adminChannels }] = await Promise.all([
    adminsOf(deps, request.organization),
    deps.config.settings.read(),
  ]);
  const card = deps.drawing.notice(notice, request, { zone: undefined });
  const told = await Promise.all([
    ...admins.map((admin) => tell(deps, request, notice, admin)),
    ...adminChannels.map((channel) => send(deps, request, notice, channel, card)),
  ]);
  return told.find((later) => later !== undefined);
};

/** A notice goes to one chat of a person: the one the request was made in, where they have it. */
export const tell = async <Card>(
  deps: NoticeDeps<Card>,
  request: AccessRequest,
  notice: Notice,
  person: Person,
): Promise<Later | undefined> => {
  const reachable = person.identities.filter(({ address }) => address !== undefined);
  const identity = reachable.find(({ platform }) => platform === request.askedOn) ?? reachable[0];
  if (identity?.address === undefined) {
    deps.log.warn({ request: request.id, person: person.id, notice }, 'nobody to tell: no chat with this person');
    return undefined;
  }
  const card = deps.drawing.notice(notice, request, { zone: identity.zone });
  return send(deps, request, notice, identity.address, card);
};

const send = async <Card>(
  deps: NoticeDeps<Card>,
  { id }: AccessRequest,
  notice: Notice,
  address: Address,
  card: Card,
): Promise<Later | undefined> => {
  const delivery = await deps.notifier.post(address, card);
  if (delivery.kind === 'later') return delivery;
  if (delivery.kind === 'unreachable') {
    const { conversation } = address;
    deps.log.warn({ request: id, conversation, notice, detail: delivery.detail }, 'a notice was refused');
  }
  return undefined;
};
