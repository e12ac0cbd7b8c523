import { fixedId } from './fixed-id.js';
import { issuerOf } from './discovery.js';
import type { Tenant, User } from './model.js';
import { rolesHeldBy } from './privilege.js';
import type { World } from './world.js';

/** What the login authority says of a user who signed in. */

export const ID_TOKEN_SECONDS = 3_600;

// Everybody with an account in the directory has it, in place of roles.
const DEFAULT_USER = 'b79fbf4d-3ef9-4689-8143-76b194e85509';

export interface SignedIn {
  readonly tenant: Tenant;
  readonly user: User;
  readonly appId: string;
  readonly nonce: string | null;
  readonly scope: string;
}

export const idToken = (world: World, origin: string, { tenant, user, appId, nonce, scope }: SignedIn): string => {
  const now = Math.floor(world.clock.now().getTime() / 1_000);
  const profile = {
    name: user.properties.displayName,
    oid: user.id,
    preferred_username: user.userPrincipalName,
  };
  return world.signer.sign({
    aud: appId,
    iss: issuerOf(origin, tenant.id),
    iat: now,
    nbf: now,
    exp: now + ID_TOKEN_SECONDS,
    ...(nonce === null ? {} : { nonce }),
    ...(scope.split(' ').includes('profile') ? profile : {}),
    sub: Buffer.from(fixedId('subject', appId, user.id)).toString('base64url'),
    tid: tenant.id,
    ver: '2.0',
    wids: [...rolesHeldBy(tenant, user.id), DEFAULT_USER],
  });
};

/** `client_info`, which Microsoft's own libraries ask for to tell accounts apart. */
export const clientInfo = (tenant: Tenant, user: User): string =>
  Buffer.from(JSON.stringify({ uid: user.id, utid: tenant.id })).toString('base64url');
