import type { Account } from '../engine/account.js';
import { addressesOf, isNamedBy } from '../engine/person.js';
import type { Address, Person } from '../engine/person.js';
import type { PersonId } from '../engine/ids.js';
import type { AccessRequest } from '../engine/request.js';
import { approvalChannels } from './channels.js';
import type { FlowDeps } from './deps.js';

/** For whom a card is written. A shared channel has no zone. */
export interface Reader {
  readonly zone: string | undefined;
}

/** One place where a card of a request stands, or is to stand. */
export interface Place {
  readonly key: string;
  readonly role: 'request' | 'approval' | 'reveal';
  readonly address: Address;
  readonly reader: Reader;
  /** Whether a missing card is still worth posting; one that stands is updated in any case. */
  readonly mayPost: boolean;
  readonly approver?: { readonly id: PersonId; readonly name: string };
  /** When the account was last used, where an approver's card tells it. */
  readonly lastUsedAt?: Date;
}

export type PlacesDeps = Pick<FlowDeps, 'people' | 'accounts' | 'config' | 'settings'>;

/** Who reads of a request, and what their cards tell beside the request itself. */
export interface Readers {
  readonly people: readonly Person[];
  readonly account: Account | undefined;
  readonly channels: readonly Address[];
}

export const readersOf = async (
  deps: PlacesDeps,
  { requester, asked, account, quorums, state }: AccessRequest,
): Promise<Readers> => {
  const [people, known, channels] = await Promise.all([
    deps.people.byIds([requester, ...asked.map(({ id }) => id)]),
    // Only the cards of those who are still asked tell of it.
    state === 'pending' ? deps.accounts.load(account) : undefined,
    quorums.length === 0 ? [] : approvalChannels(deps),
  ]);
  return { people, account: known, channels };
};

/** Every place that shows this request: its requester's chat, each approver's, the approval channels. */
export const placesOf = (request: AccessRequest, { people, account, channels }: Readers): readonly Place[] => {
  const asked = request.asked.map(({ id }) => id);
  const requester = people.find((person) => isNamedBy(person, request.requester));
  const approvers = people.filter((person) => asked.some((id) => isNamedBy(person, id)));
  const known = account?.lastUsedAt === undefined ? {} : { lastUsedAt: account.lastUsedAt };
  const undecided = { mayPost: request.state === 'pending', ...known };
  return [
    ...(requester === undefined ? [] : requesterPlaces(requester, request)),
    ...approvers.flatMap((approver) => approverPlaces(approver, undecided)),
    ...channels.map((address) => ({
      key: `approval/${keyOf(address)}`,
      role: 'approval' as const,
      address,
      reader: { zone: undefined },
      ...undecided,
    })),
  ];
};

const requesterPlaces = (requester: Person, request: AccessRequest): readonly Place[] => {
  const reachable = requester.identities.filter(({ address }) => address !== undefined);
  const identity = reachable.find(({ platform }) => platform === request.askedOn) ?? reachable[0];
  if (identity?.address === undefined) return [];
  const { address, zone } = identity;
  // Told by a message of its own: a card that is updated rings nowhere.
  const isNews = request.reveal !== 'none' && request.reveal !== 'taken';
  const waits = request.state === 'active' && isNews;
  return [
    { key: 'request', role: 'request', address, reader: { zone }, mayPost: true },
    { key: 'reveal', role: 'reveal', address, reader: { zone }, mayPost: waits },
  ];
};

const approverPlaces = (
  approver: Person,
  undecided: { readonly mayPost: boolean; readonly lastUsedAt?: Date },
): readonly Place[] =>
  addressesOf(approver).map((address) => ({
    key: `approval/${keyOf(address)}`,
    role: 'approval',
    address,
    reader: { zone: approver.identities.find((identity) => identity.address === address)?.zone },
    approver: { id: approver.id, name: approver.name },
    ...undecided,
  }));

const keyOf = ({ platform, conversation }: Address): string => `${platform}:${conversation}`;
