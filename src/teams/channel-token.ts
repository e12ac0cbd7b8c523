import { verify } from 'node:crypto';
import { z } from 'zod';
import { MINUTE, type Clock } from '../lib/clock.js';
import { err, ok, type Result } from '../lib/result.js';
import type { IncomingActivity } from './activity.js';
import type { SigningKeys } from './signing-keys.js';

/**
 * The channel service's bearer token, checked as Microsoft asks of a connector that does not use its library
 * (learn.microsoft.com, "Authenticate requests from the Bot Connector service to your bot"). The library checks it
 * again. It is not left to the library alone because that prints a stack trace for every forged token, lets an activity
 * without a service URL pass unbound, and also takes tokens of emulators, skills and other channels.
 */
export type TokenCheck = (
  authorization: string | undefined,
  activity: Pick<IncomingActivity, 'channelId' | 'serviceUrl'>,
) => Promise<Result<void, string>>;

export const CHANNEL_ISSUER = 'https://api.botframework.com';

const CLOCK_SKEW = 5 * MINUTE;

const ALGORITHMS: Readonly<Record<string, string>> = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' };

const Header = z.looseObject({ alg: z.string(), kid: z.string() });

const Claims = z.looseObject({
  iss: z.string(),
  aud: z.string(),
  exp: z.number(),
  nbf: z.number().optional(),
  serviceurl: z.string(),
});

type Claims = z.infer<typeof Claims>;

interface Token {
  readonly digest: string;
  readonly keyId: string;
  readonly claims: Claims;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const decode = (part: string | undefined): unknown => {
  try {
    return JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8')) as unknown;
  } catch {
    // Not JSON: a stranger's token, which the schemas refuse.
    return undefined;
  }
};

const parse = (authorization: string | undefined): Result<Token, string> => {
  const text = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
  if (text === undefined) return err(authorization === undefined ? 'no token' : 'not a bearer token');
  const [head, body, signature = ''] = text.split('.');
  const header = Header.safeParse(decode(head));
  const claims = Claims.safeParse(decode(body));
  if (!header.success || !claims.success) return err('a token without the claims of the channel service');
  const digest = Object.hasOwn(ALGORITHMS, header.data.alg) ? ALGORITHMS[header.data.alg] : undefined;
  if (digest === undefined) return err('a token signed by another algorithm');
  return ok({
    digest,
    keyId: header.data.kid,
    claims: claims.data,
    signed: Buffer.from(`${head}.${body}`, 'ascii'),
    signature: Buffer.from(signature, 'base64url'),
  });
};

const faultOf = (claims: Claims, appId: string, serviceUrl: string, now: Date): string | undefined => {
  if (claims.iss !== CHANNEL_ISSUER) return 'a token of another issuer';
  if (claims.aud !== appId) return 'a token for another bot';
  if (claims.exp * 1_000 + CLOCK_SKEW < now.getTime()) return 'an expired token';
  if ((claims.nbf ?? 0) * 1_000 - CLOCK_SKEW > now.getTime()) return 'a token that is not valid yet';
  return claims.serviceurl === serviceUrl ? undefined : 'a token for another service URL';
};

/** @throws SigningKeysUnavailable from the check */
export const createTokenCheck =
  (appId: string, keys: SigningKeys, clock: Clock): TokenCheck =>
  async (authorization, { channelId, serviceUrl }) => {
    const token = parse(authorization);
    if (!token.ok) return token;
    const { claims, digest, keyId, signed, signature } = token.value;
    const fault = faultOf(claims, appId, serviceUrl, clock.now());
    if (fault !== undefined) return err(fault);
    const key = await keys.find(keyId);
    if (key === undefined) return err('a token signed by an unknown key');
    if (!key.endorsements.includes(channelId)) return err('a token whose key does not speak for this channel');
    return verify(digest, signed, key.key, signature) ? ok(undefined) : err('a token with a wrong signature');
  };
