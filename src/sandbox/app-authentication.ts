import { parseJwt, type Jwt } from './jwt.js';
import { refuse } from './login-answer.js';
import type { App, AppCertificate, FederatedCredential } from './model.js';
import type { Reply } from './reply.js';
import { matches } from './secrets.js';
import type { World } from './world.js';

/** Whether an app is the one it says it is: by a secret, or by an assertion that its certificate or another issuer signed. */

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The refusal, or undefined where the app proved itself. `endpoints`: what an assertion may be addressed to. */
export const refuseApp = (
  world: World,
  app: App,
  form: URLSearchParams,
  endpoints: readonly string[],
): Reply | undefined => {
  const secret = form.get('client_secret');
  if (secret !== null) return refuseSecret(world, app, secret);
  const assertion = form.get('client_assertion');
  if (assertion === null || form.get('client_assertion_type') !== JWT_BEARER)
    return refuse(world, 'noCredential', "The request body must contain 'client_assertion' or 'client_secret'.");
  const jwt = parseJwt(assertion);
  if (jwt === undefined) return refuse(world, 'wrongAssertion', 'The client assertion failed validation.');
  const isOwn = jwt.claims.iss === app.appId;
  return isOwn ? refuseOwn(world, app, jwt, endpoints) : refuseFederated(world, app, jwt);
};

const refuseSecret = (world: World, app: App, secret: string): Reply | undefined => {
  const now = world.clock.now();
  const known = app.secrets.filter(({ digest }) => matches(secret, digest));
  if (known.some(({ startsAt, endsAt }) => startsAt <= now && now < endsAt)) return undefined;
  return known.length === 0
    ? refuse(
        world,
        'wrongSecret',
        `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value for app '${app.appId}'.`,
      )
    : refuse(world, 'expiredSecret', `The provided client secret keys for app '${app.appId}' are expired.`);
};

// Clocks differ: this much is forgiven an assertion that comes from the future.
const SKEW_SECONDS = 300;

const isTimely = (world: World, { claims }: Jwt): boolean => {
  const now = world.clock.now().getTime() / 1_000;
  const startsAt = typeof claims.nbf === 'number' ? claims.nbf : 0;
  return typeof claims.exp === 'number' && now < claims.exp && startsAt - SKEW_SECONDS <= now;
};

const untimely = (world: World): Reply =>
  refuse(world, 'untimelyAssertion', 'Client assertion is not within its valid time range.');

const namedBy = ({ header }: Jwt, { thumbprint, thumbprint256 }: AppCertificate): boolean =>
  header['x5t#S256'] === undefined ? header.x5t === thumbprint : header['x5t#S256'] === thumbprint256;

const refuseOwn = (world: World, app: App, jwt: Jwt, endpoints: readonly string[]): Reply | undefined => {
  const certificate = app.certificates.find((each) => namedBy(jwt, each));
  if (certificate === undefined)
    return refuse(
      world,
      'wrongAssertion',
      'The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found.]',
    );
  const now = world.clock.now();
  if (now < certificate.startsAt || now >= certificate.endsAt)
    return refuse(world, 'wrongAssertion', 'The certificate used to sign the client assertion is expired.');
  if (jwt.claims.sub !== app.appId || !jwt.isSignedBy(certificate.publicKeyPem))
    return refuse(world, 'wrongAssertion', 'Client assertion contains an invalid signature.');
  if (!endpoints.some((each) => each === jwt.claims.aud))
    return refuse(world, 'wrongAudience', 'Client assertion audience claim does not match Realm issuer.');
  return isTimely(world, jwt) ? undefined : untimely(world);
};

const refuseFederated = (world: World, app: App, jwt: Jwt): Reply | undefined => {
  const { iss, sub, aud } = jwt.claims;
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  const byIssuer = app.federatedCredentials.filter(({ issuer }) => issuer === iss);
  const bySubject = byIssuer.filter(({ subject }) => subject === sub);
  const credential = bySubject.find(({ audience }) => audiences.includes(audience));
  if (credential === undefined) return refuseMismatch(world, jwt, byIssuer, bySubject);
  if (!jwt.isSignedBy(credential.publicKeyPem))
    return refuse(world, 'wrongAssertion', 'Client assertion contains an invalid signature.');
  return isTimely(world, jwt) ? undefined : untimely(world);
};

const refuseMismatch = (
  world: World,
  { claims }: Jwt,
  byIssuer: readonly FederatedCredential[],
  bySubject: readonly FederatedCredential[],
): Reply => {
  const nothing = 'No matching federated identity record found for presented assertion';
  if (byIssuer.length === 0) return refuse(world, 'unknownIssuer', `${nothing} issuer '${String(claims.iss)}'.`);
  return bySubject.length === 0
    ? refuse(world, 'unknownSubject', `${nothing} subject '${String(claims.sub)}'.`)
    : refuse(world, 'unknownAudience', `${nothing} audience '${String(claims.aud)}'.`);
};
