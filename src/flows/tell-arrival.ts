import type { Fault } from '../engine/faults.js';
import type { TenantId } from '../engine/ids.js';
import { addressesOf } from '../engine/person.js';
import type { Person } from '../engine/person.js';
import { arrive } from './arrive.js';
import type { ArriveDeps, Arrived, Brought } from './arrive.js';
import { isSameAddress } from './bot-settings.js';
import type { Connected } from './connect.js';
import type { Notifier } from './ports.js';
import type { Consent } from './ports/consents.js';

export interface ArrivalCards<Card> {
  readonly connected: (connected: Connected, zone: string | undefined) => Card;
  readonly unconnected: (tenant: TenantId, fault: Fault, zone: string | undefined) => Card;
}

/** Takes the step that a browser came for, and says in the chat when it was the last one, for good or ill. */
export const arriveAndTell = async <Card>(
  deps: ArriveDeps & { readonly notifier: Notifier<Card> },
  brought: Brought,
  cards: ArrivalCards<Card>,
): Promise<Arrived> => {
  const arrived = await arrive(deps, brought);
  const { consent, person, outcome } = arrived;
  if (!outcome.ok) deps.log.warn({ tenant: consent?.tenant, fault: outcome.error }, 'a tenant was not connected');
  if (consent === undefined || person === undefined) return arrived;
  const zone = person.identities.find(({ platform }) => platform === consent.address.platform)?.zone;
  if (!outcome.ok) await tell(deps, consent, person, cards.unconnected(consent.tenant, outcome.error, zone));
  else if (outcome.value.kind === 'connected') {
    await tell(deps, consent, person, cards.connected(outcome.value.connected, zone));
  }
  return arrived;
};

/** Where it was asked for; where the bot may not write there, in one of the person's own chats. */
const tell = async <Card>(
  { notifier, log }: ArriveDeps & { readonly notifier: Notifier<Card> },
  { address }: Consent,
  person: Person,
  card: Card,
): Promise<void> => {
  const others = addressesOf(person).filter((other) => !isSameAddress(other, address));
  for (const place of [address, ...others]) {
    const delivery = await notifier.post(place, card);
    if (delivery.kind === 'sent') return;
    log.warn({ to: place, detail: delivery.detail }, 'what became of a tenant could not be said');
  }
};
