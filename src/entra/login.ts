import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AuthError, ConfidentialClientApplication } from '@azure/msal-node';
import type { Configuration, IdTokenClaims } from '@azure/msal-node';
import { z } from 'zod';
import type { DirectoryFault } from '../engine/faults.js';
import type { SignedIn } from '../flows/ports/consents.js';
import type { ConsentAsk, LoginAuthority, SignInAnswer, Unproven } from '../flows/ports/sign-in.js';
import type { Clock } from '../lib/clock.js';
import { within } from '../lib/deadline.js';
import { redacted } from '../lib/redacted.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { certificateEnd } from '../flows/certificate.js';
import { CLOUDS } from './credential.js';
import type { AppCredential } from './credential.js';
import { signInFault } from './errors.js';
import type { EntraConfig } from './reach.js';

/** The login authority as browsers meet it: the page of consent, and the sign-in of whoever authorised it. */

/** Who somebody is, and nothing that could be done in their name. */
const SCOPES = ['openid', 'profile'];

const claims = z.object({
  aud: z.string(),
  iss: z.string(),
  exp: z.number(),
  tid: z.guid(),
  oid: z.guid(),
  name: z.string().optional(),
  preferred_username: z.string().min(1),
});

const DEADLINE_MS = 20_000;

const TOO_LATE: DirectoryFault = {
  code: 'directory.unavailable',
  detail: 'the login authority did not answer in time',
};

export interface LoginOptions {
  readonly config: EntraConfig;
  readonly clock: Clock;
}

export const createLogin = ({ config, clock }: LoginOptions): LoginAuthority => {
  const { clientId, cloud, deadlineMs = DEADLINE_MS } = config;
  const authorityHost = config.authorityHost ?? CLOUDS[cloud].authorityHost;

  /** One for each use: it would keep the tokens of everybody who ever signed in. */
  const clientFor = async (directoryId: string): Promise<ConfidentialClientApplication> =>
    new ConfidentialClientApplication({
      auth: {
        clientId,
        authority: `${authorityHost}/${directoryId}`,
        // Otherwise the library asks Microsoft's global cloud whether the authority is genuine.
        knownAuthorities: [new URL(authorityHost).host],
        ...(await proofOf(config.credential)),
      },
      system: { loggerOptions: { piiLoggingEnabled: false, loggerCallback: () => undefined } },
    });

  return {
    cloud,
    consentUrl: (ask) => redacted(consentPage(config, authorityHost, ask)),
    signInUrl: async ({ directoryId, redirectUri, state, nonce, challenge }) => {
      try {
        const client = await clientFor(directoryId);
        const asking = client.getAuthCodeUrl({
          scopes: SCOPES,
          redirectUri,
          state: state.reveal(),
          nonce,
          codeChallenge: challenge,
          codeChallengeMethod: 'S256',
        });
        const url = await within(asking, deadlineMs);
        return url === undefined ? err(TOO_LATE) : ok(redacted(url));
      } catch (thrown) {
        return err(signInFault(thrown));
      }
    },
    redeem: async (answer) => {
      try {
        const client = await clientFor(answer.directoryId);
        const redeeming = client.acquireTokenByCode({
          scopes: SCOPES,
          redirectUri: answer.redirectUri,
          code: answer.code.reveal(),
          codeVerifier: answer.verifier.reveal(),
          nonce: answer.nonce,
        });
        const redeemed = await within(redeeming, deadlineMs);
        if (redeemed === undefined) return err(TOO_LATE);
        return readClaims(redeemed.idTokenClaims, answer, { clientId, authorityHost, now: clock.now() });
      } catch (thrown) {
        return err(isRefusal(thrown) ? unproven(thrown.errorCode) : signInFault(thrown));
      }
    },
    certificate: () => certificateOf(config.credential),
  };
};

const consentPage = (
  { clientId, cloud }: EntraConfig,
  authorityHost: string,
  { directoryId = 'organizations', redirectUri, state }: ConsentAsk,
): string => {
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    state: state.reveal(),
    scope: `${CLOUDS[cloud].graphBaseUrl}/.default`,
  });
  return `${authorityHost}/${directoryId}/v2.0/adminconsent?${query.toString()}`;
};

const certificateOf = async (credential: AppCredential): Promise<Date | undefined> => {
  if (credential.kind !== 'certificate') return undefined;
  try {
    return certificateEnd(await readFile(credential.path, 'utf8'));
  } catch {
    // That the file cannot be read, every sign-in says already.
    return undefined;
  }
};

const proofOf = async (credential: AppCredential): Promise<Partial<Configuration['auth']>> => {
  switch (credential.kind) {
    case 'secret':
      return { clientSecret: credential.secret.reveal() };
    case 'certificate':
      return certificateProof(await readFile(credential.path, 'utf8'));
    case 'pem':
      return certificateProof(credential.pem.reveal());
    case 'federated': {
      const { tokenFile } = credential;
      return { clientAssertion: () => readFile(tokenFile, 'utf8') };
    }
    default:
      return credential satisfies never;
  }
};

const PRIVATE_KEY = /-----BEGIN (?:RSA )?PRIVATE KEY-----[\s\S]+?-----END (?:RSA )?PRIVATE KEY-----/u;

const certificateProof = (pem: string): Partial<Configuration['auth']> => ({
  clientCertificate: {
    thumbprintSha256: createHash('sha256').update(new X509Certificate(pem).raw).digest('hex'),
    privateKey: PRIVATE_KEY.exec(pem)?.[0] ?? '',
  },
});

const unproven = (detail: string): Unproven => ({ code: 'connect.unproven', detail });

/** What speaks against this very answer, and not against us or the authority. */
const REFUSALS = ['invalid_grant', 'nonce_mismatch', 'token_parsing_error', 'null_or_empty_token'];

const isRefusal = (thrown: unknown): thrown is AuthError =>
  thrown instanceof AuthError && REFUSALS.includes(thrown.errorCode);

/** In China tokens are issued under another name than they are fetched by. */
const issuersAt = (authorityHost: string): readonly string[] => {
  const own = authorityHost.replace(/\/$/u, '');
  return own === CLOUDS.china.authorityHost ? [own, 'https://login.partner.microsoftonline.cn'] : [own];
};

interface Expected {
  readonly clientId: string;
  readonly authorityHost: string;
  readonly now: Date;
}

/** How far the authority's clock and ours may differ. */
const SKEW_SECONDS = 300;

/**
 * The library has fetched the token itself, over TLS from the authority's own endpoint, and compared the nonce. Whom the
 * token is for and who issued it, it leaves to us.
 */
const readClaims = (
  found: IdTokenClaims,
  { directoryId }: SignInAnswer,
  { clientId, authorityHost, now }: Expected,
): Result<SignedIn, Unproven> => {
  const parsed = claims.safeParse(found);
  if (!parsed.success) return err(unproven(`the token lacks ${parsed.error.issues[0]?.path.join('.') ?? 'claims'}`));
  const { aud, iss, exp, tid, oid, name, preferred_username: upn } = parsed.data;
  if (aud.toLowerCase() !== clientId.toLowerCase()) return err(unproven('the token is for another app'));
  if (!issuersAt(authorityHost).includes(iss.replace(`/${tid}/v2.0`, ''))) return err(unproven('another issuer'));
  if (exp + SKEW_SECONDS <= now.getTime() / 1_000) return err(unproven('the token has expired'));
  if (tid.toLowerCase() !== directoryId.toLowerCase()) return err(unproven('a user of another tenant'));
  return ok({ directoryId: tid.toLowerCase(), objectId: oid, name: name ?? upn, upn });
};
