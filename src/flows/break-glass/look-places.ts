import type { BreakGlassView } from '../../engine/break-glass-view.js';
import { addressesOf, isNamedBy } from '../../engine/person.js';
import type { Address, Person } from '../../engine/person.js';
import { owned } from '../change.js';
import { approvalChannels } from '../channels.js';
import type { FlowDeps } from '../deps.js';
import { adminPlaces } from '../tell-admins.js';

/** What a message about a look is for. */
export type LookRole =
  /** Whoever looks reads where it stands. */
  | 'look'
  /** Those who are asked decide by it. */
  | 'approval'
  /** The way to the page, for whoever looks. */
  | 'link'
  /** Admins learn that an emergency was declared; that passwords were shown. */
  | 'alarm'
  | 'shown';

export interface LookPlace {
  readonly key: string;
  readonly role: LookRole;
  readonly address: Address;
  readonly zone: string | undefined;
  /** Whether a missing message is still worth posting; one that stands is changed in any case. */
  readonly mayPost: boolean;
}

type PlacesDeps = Pick<FlowDeps, 'people' | 'config' | 'settings'>;

/** Every place that is told of a look, the alarm first: nothing comes before it. */
export const lookPlaces = async (deps: PlacesDeps, view: BreakGlassView): Promise<readonly LookPlace[]> => {
  const [admins, approvals, requester] = await Promise.all([
    view.emergency || view.shownAt !== undefined ? adminPlaces(deps, owned(view.organization)) : [],
    approvalPlaces(deps, view),
    requesterPlace(deps, view),
  ]);
  const toAdmins = (role: 'alarm' | 'shown'): readonly LookPlace[] =>
    admins.map(({ address, zone }) => ({ key: `${role}/${keyOf(address)}`, role, address, zone, mayPost: true }));
  return [
    ...(view.emergency ? toAdmins('alarm') : []),
    ...(view.shownAt === undefined ? [] : toAdmins('shown')),
    ...approvals,
    ...(requester === undefined ? [] : [requester]),
  ];
};

/** In the chat in which it was asked for, if they can be written to there. */
export const requesterPlace = async (
  { people }: Pick<FlowDeps, 'people'>,
  { requester, askedOn }: BreakGlassView,
): Promise<LookPlace | undefined> => {
  const person = await people.byId(requester);
  const reachable = person?.identities.filter(({ address }) => address !== undefined) ?? [];
  const identity = reachable.find(({ platform }) => platform === askedOn) ?? reachable[0];
  if (identity?.address === undefined) return undefined;
  return { key: 'look', role: 'look', address: identity.address, zone: identity.zone, mayPost: true };
};

const approvalPlaces = async (deps: PlacesDeps, view: BreakGlassView): Promise<readonly LookPlace[]> => {
  if (view.asked.length === 0) return [];
  const ids = view.asked.map(({ id }) => id);
  const [people, channels] = await Promise.all([deps.people.byIds(ids), approvalChannels(deps)]);
  const mayPost = view.state === 'pending';
  const place = (address: Address, zone: string | undefined): LookPlace => ({
    key: `approval/${keyOf(address)}`,
    role: 'approval',
    address,
    zone,
    mayPost,
  });
  return [
    ...people
      .filter((person) => ids.some((id) => isNamedBy(person, id)))
      .flatMap((person) => addressesOf(person).map((address) => place(address, zoneAt(person, address)))),
    ...channels.map((address) => place(address, undefined)),
  ];
};

const zoneAt = ({ identities }: Person, address: Address): string | undefined =>
  identities.find((identity) => identity.address === address)?.zone;

const keyOf = ({ platform, conversation }: Address): string => `${platform}:${conversation}`;
