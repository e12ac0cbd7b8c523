import { isSameAddress } from './bot-settings.js';
import type { Address } from '../engine/person.js';
import type { FlowDeps } from './deps.js';
import type { Delivery, Notifier } from './ports.js';
import { owners } from './standing.js';

/** A place where owners read, and in whose time zone. */
interface AdminPlace {
  readonly address: Address;
  readonly zone: string | undefined;
}

type TellDeps<Card> = Pick<FlowDeps, 'people' | 'config' | 'settings' | 'log'> & { readonly notifier: Notifier<Card> };

/** Every owner's own chat, one each, and the channels that are set for admins. */
export const adminPlaces = async (
  deps: Pick<FlowDeps, 'people' | 'config' | 'settings'>,
): Promise<readonly AdminPlace[]> => {
  const [people, { adminChannels }] = await Promise.all([owners(deps), deps.config.settings.read()]);
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
): Promise<number> => {
  const places = await adminPlaces(deps);
  const delivered = await Promise.all(
    places.map(async ({ address, zone }): Promise<Delivery['kind']> => {
      const delivery = await deps.notifier.post(address, cardFor(zone));
      if (delivery.kind !== 'sent') deps.log.warn({ to: address, detail: delivery.detail }, 'admins could not be told');
      return delivery.kind;
    }),
  );
  return delivered.filter((kind) => kind === 'sent').length;
};
