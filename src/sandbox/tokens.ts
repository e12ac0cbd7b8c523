import type { AccessToken, Tenant } from './model.js';
import { GraphRefusal } from './refusal.js';
import { servicePrincipalOf, type World } from './world.js';

/** Who calls Graph: the app and the tenant that a bearer token stands for. */

export type Authentication =
  | { readonly kind: 'known'; readonly token: AccessToken; readonly tenant: Tenant }
  | { readonly kind: 'refused'; readonly refusal: GraphRefusal };

const refused = (message: string, code = 'InvalidAuthenticationToken'): Authentication => ({
  kind: 'refused',
  refusal: new GraphRefusal(401, code, message),
});

export const authenticate = (world: World, authorization: string | undefined): Authentication => {
  const bearer = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
  if (bearer === undefined) return refused('Access token is empty.');
  const token = world.tokens.get(bearer);
  if (token === undefined) return refused('Access token validation failure. Invalid audience or signature.');
  if (world.clock.now() >= token.expiresAt) {
    world.tokens.delete(bearer);
    return refused('Lifetime validation failed, the token is expired.');
  }
  const tenant = world.tenants.get(token.tenantId);
  if (tenant === undefined || servicePrincipalOf(tenant, token.appId) === undefined)
    return refused(
      'The identity of the calling application could not be established.',
      'Authorization_IdentityNotFound',
    );
  return { kind: 'known', token, tenant };
};
