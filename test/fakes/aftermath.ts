import { expect } from 'vitest';
import { drawing } from '../../src/chat/drawing.js';
import { requestId } from '../../src/engine/ids.js';
import { fingerprint } from '../../src/flows/deliver.js';
import { placesOf, readersOf } from '../../src/flows/places.js';
import { rolesHeldBy } from '../../src/sandbox/privilege.js';
import { roleById } from '../../src/sandbox/role-catalog.js';
import { CONTOSO } from '../../src/sandbox/seed.js';
import type { ServiceDesk } from './service-desk.js';

/** What is left when the dust has settled: in the directory, on the cards, in the database. */

export interface DirectoryUserState {
  readonly upn: string;
  readonly enabled: boolean;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
}

/** Every user in Contoso that Latchkey made. */
export const lentUsers = (desk: ServiceDesk): readonly DirectoryUserState[] => {
  const tenant = desk.entra.sandbox.world.tenants.get(CONTOSO.id)!;
  return tenant.users
    .all()
    .filter(({ userPrincipalName }) => userPrincipalName.startsWith('jit-'))
    .map(({ id, userPrincipalName, accountEnabled }) => ({
      upn: userPrincipalName,
      enabled: accountEnabled,
      roles: [...rolesHeldBy(tenant, id)].map((role) => roleById(role)?.displayName ?? role).toSorted(),
      groups: tenant.memberships.withKey(id).map(({ groupId }) => tenant.groups.get(groupId)?.displayName ?? groupId),
    }));
};

/** Every user of Contoso that Latchkey made and deleted, as whoever restores it would find it. */
export const deletedUsers = (desk: ServiceDesk): readonly DirectoryUserState[] => {
  const tenant = desk.entra.sandbox.world.tenants.get(CONTOSO.id)!;
  return tenant.deletedUsers
    .all()
    .filter(({ user }) => user.userPrincipalName.startsWith('jit-'))
    .map(({ user: { userPrincipalName, accountEnabled }, groupIds }) => ({
      upn: userPrincipalName,
      enabled: accountEnabled,
      roles: [],
      groups: groupIds,
    }));
};

/** Nobody whom Latchkey made can sign in, holds a role or sits in a group, and none of these passwords opens anything. */
export const expectNothingLeft = (desk: ServiceDesk, passwords: readonly string[]): void => {
  for (const user of lentUsers(desk)) {
    expect(user).toMatchObject({ enabled: false, roles: [], groups: [] });
    for (const password of passwords) {
      expect(desk.canSignIn({ upn: user.upn, password })).toMatchObject({ ok: false, reason: 'wrong_password' });
    }
  }
};

/** Every card that is on record shows the request as it now is, and nothing is left to be told. */
export const expectCardsInLine = async (desk: ServiceDesk, id: string): Promise<void> => {
  const stored = (await desk.stores.requests.load(requestId(id)))!;
  expect(stored.outbox).toEqual([]);
  for (const place of placesOf(stored.request, await readersOf(desk.parts, stored.request))) {
    const entry = stored.ledger.find(({ key }) => key === place.key);
    if (entry !== undefined) expect(entry.shown).toBe(fingerprint(drawing.card(place, stored.request)));
  }
};

/** Nothing that anybody could read later holds one of these passwords: no card, no log line, no document. */
export const expectNoTrace = async (desk: ServiceDesk, passwords: readonly string[]): Promise<void> => {
  expect(passwords.length).toBeGreaterThan(0);
  const collections = await desk.database.collections();
  const documents = await Promise.all(collections.map((collection) => collection.find().toArray()));
  expect(documents.flat().length).toBeGreaterThan(0);
  const everything = JSON.stringify([desk.room.history, desk.complaints, desk.logged, documents]);
  for (const password of passwords) expect(everything).not.toContain(password);
};

/** The desk as on its first day: the same people and rules, but no request, no account and no user yet. */
export const startOver = async (desk: ServiceDesk): Promise<void> => {
  desk.entra.sandbox.reset();
  for (const name of ['requests', 'accounts', 'links']) await desk.database.collection(name).deleteMany({});
};
