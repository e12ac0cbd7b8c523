import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { listen } from './listen.js';

/** Microsoft's channel service as a signer: its OpenID metadata and keys, and the sign-in of bots. */
export interface ChannelAuthority {
  readonly openIdMetadataUrl: string;
  readonly tokenUrl: string;
  /** The bearer token of an activity; everything in it is right unless said otherwise. */
  token(claims: TokenClaims): Promise<string>;
  /** Whether the bot signed in with its password and shows what it got. */
  isBotToken(authorization: string | undefined): boolean;
  /** How often the keys were read. */
  readonly keysRead: () => number;
  /** From now on the keys cannot be read, or can again. */
  breakKeys(broken: boolean): void;
  close(): Promise<void>;
}

export interface TokenClaims {
  readonly audience: string;
  readonly serviceUrl: string;
  readonly issuer?: string;
  /** Seconds from now. */
  readonly expiresIn?: number;
  /** Which key signs: a stranger's claims to be a known one; an unendorsed one may not speak for Teams. */
  readonly signedBy?: 'channel' | 'stranger' | 'unendorsed' | 'unknown';
}

const BOT_TOKEN = 'the-bots-own-token';

interface Keys {
  readonly private: CryptoKey;
  readonly public: JWK & { readonly endorsements: readonly string[] };
}

const makeKeys = async (kid: string, endorsements: readonly string[]): Promise<Keys> => {
  const pair = await generateKeyPair('RS256', { extractable: true });
  return { private: pair.privateKey, public: { ...(await exportJWK(pair.publicKey)), kid, endorsements, use: 'sig' } };
};

export const startChannelAuthority = async (bot: {
  readonly appId: string;
  readonly password: string;
}): Promise<ChannelAuthority> => {
  const channel = await makeKeys('channel', ['msteams']);
  const unendorsed = await makeKeys('unendorsed', ['webchat']);
  const stranger = await makeKeys('channel', []);
  let keysRead = 0;
  let broken = false;

  const server = await listen((request, response) => {
    const say = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    let form = '';
    request.on('data', (chunk: Buffer) => (form += chunk.toString('utf8')));
    request.on('end', () => {
      if (request.url === '/metadata') return say(200, { jwks_uri: `${server.url}/keys` });
      if (request.url === '/keys') {
        keysRead += 1;
        return broken ? say(503, {}) : say(200, { keys: [channel.public, unendorsed.public] });
      }
      const asked = new URLSearchParams(form);
      const right = asked.get('client_id') === bot.appId && asked.get('client_secret') === bot.password;
      return right ? say(200, { access_token: BOT_TOKEN, expires_in: 3_600 }) : say(401, { error: 'invalid_client' });
    });
  });

  const signers: Readonly<Record<NonNullable<TokenClaims['signedBy']>, { key: CryptoKey; kid: string }>> = {
    channel: { key: channel.private, kid: 'channel' },
    stranger: { key: stranger.private, kid: 'channel' },
    unendorsed: { key: unendorsed.private, kid: 'unendorsed' },
    unknown: { key: stranger.private, kid: 'nobody-knows' },
  };

  return {
    openIdMetadataUrl: `${server.url}/metadata`,
    tokenUrl: `${server.url}/token`,
    token: ({ audience, serviceUrl, issuer, expiresIn = 3_600, signedBy = 'channel' }) => {
      const now = Math.floor(Date.now() / 1_000);
      return new SignJWT({ serviceurl: serviceUrl })
        .setProtectedHeader({ alg: 'RS256', kid: signers[signedBy].kid })
        .setIssuer(issuer ?? 'https://api.botframework.com')
        .setAudience(audience)
        .setNotBefore(now + Math.min(0, expiresIn) - 3_600)
        .setExpirationTime(now + expiresIn)
        .sign(signers[signedBy].key);
    },
    isBotToken: (authorization) => authorization === `Bearer ${BOT_TOKEN}`,
    keysRead: () => keysRead,
    breakKeys: (now) => {
      broken = now;
    },
    close: () => server.close(),
  };
};
