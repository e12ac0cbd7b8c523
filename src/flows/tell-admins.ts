import { isSameAddress } from './bot-settings.js';
import type { Address, Person } from '../engine/person.js';
import type { FlowDeps } from './deps.js';
import type { Delivery, Notifier } from './ports.js';
import type { OrganizationId } from '../engine/ids.js';
import { adminsOf } from './standing.js';

/** Whom something concerns. */
export interface Concerned {
  /** Its admins are told beside the owners. */
  readonly organization?: OrganizationId;
  /** Who knows already. */
  readonly except?: Person;
}

/** A place where admins read, and in whose time zone. */
interface AdminPlace {
  readonly address: Address;
  readonly zone: string | undefined;
}

export type TellDeps<Card> = Pick<FlowDeps, 'people' | 'config' | 'settings' | 'log'> & {
  readonly notifier: Notifier<Card>;
};

/** The own chat of everyone concerned, one each, and the channels that are set for admins. */
export const adminPlaces = async (
  deps: Pick<FlowDeps, 'people' | 'config' | 'settings'>,
  { organization, except }: Concerned = {},
): Promise<readonly AdminPlace[]> => {
  const [admins, { adminChannels }] = await Promise.all([adminsOf(deps, organization), deps.config.settings.read()]);
  const people = admins.filter(({ id }) => id !== except?.id);
  const chats = people.flatMap(({ identities }) => {
    const reachable = identities.find(({ address }) => address !== undefined);
    return reachable?.address === undefined ? [] : [{ address: reachable.address, zone: reachable.zone }];
  });
  const channels = adminChannels.filter((channel) => !chats.some(({ address }) => isSameAddress(address, channel)));
  return [...chats, ...channels.map((address) => ({ address, zone: undefined }))];
};

/** Puts a card everywhere where admins read; how many places took it. */
export const tellAdmins = async <Card>(
  deps: TellDeps<Card>,
  cardFor: (zone: string | undefined) => Card,
  concerned: Concerned = {},
): Promise<number> => {
  const places = await adminPlaces(deps, concerned);
  const delivered = await Promise.all(
    places.map(async ({ address, zone }): Promise<Delivery['kind']> => {
      const delivery = await deps.notifier.post(address, cardFor(zone));
      if (delivery.kind !== 'sent') deps.log.warn({ to: address, detail: delivery.detail }, 'admins could not be told');
      return delivery.kind;
    }),
  );
  return delivered.filter((kind) => kind === 'sent').length;
};
