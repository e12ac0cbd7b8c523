/** WebAuthn by its library: what browsers are asked, and whether their answers prove anything. */
import { z } from 'zod';
import type { NewPasskey, PasskeyCeremony } from '../flows/ports/passkey-ceremony.js';
import type { Passkey } from '../flows/ports/passkeys.js';
import { MINUTE } from '../lib/clock.js';
import { describeError } from '../lib/log.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';

// It brings certificate parsers and their tables along: loaded when the first passkey is asked for, not at the start.
const loadLibrary = () => import('@simplewebauthn/server');
const loadHelpers = () => import('@simplewebauthn/server/helpers');

const TIMEOUT_MS = 2 * MINUTE;

/** EdDSA, ES256, RS256: what authenticators in use speak. */
const ALGORITHMS = [-8, -7, -257];

/** We ask for none, so nothing that comes back of one means anything. */
const NO_EXTENSIONS = { clientExtensionResults: {} };

const base64url = z
  .string()
  .regex(/^[\w-]+$/u)
  .max(16_384);

const answerWith = <T extends z.ZodRawShape>(response: T) =>
  z.object({
    id: base64url,
    rawId: base64url,
    type: z.literal('public-key'),
    response: z.object({ clientDataJSON: base64url, ...response }),
  });

const creation = answerWith({
  attestationObject: base64url,
  transports: z.array(z.string().max(32)).max(10).exactOptional(),
});

const proof = answerWith({ authenticatorData: base64url, signature: base64url });

const clientData = z.looseObject({ crossOrigin: z.boolean().nullish(), topOrigin: z.string().nullish() });

/** Whose passkeys they are: the host and the only pages that use them. */
interface Party {
  readonly rpID: string;
  readonly origin: string;
}

/** Passkeys of the host in `publicUrl`, used on its own pages. */
export const createPasskeyCeremony = (publicUrl: string): PasskeyCeremony => {
  const { hostname: rpID, origin } = new URL(publicUrl);
  const party: Party = { rpID, origin };
  return {
    askToCreate: async ({ id, name }, existing, challenge) => {
      const { generateRegistrationOptions } = await loadLibrary();
      return generateRegistrationOptions({
        rpName: 'Latchkey',
        rpID,
        userID: new TextEncoder().encode(id),
        userName: name,
        userDisplayName: name,
        challenge: bytesOf(challenge),
        timeout: TIMEOUT_MS,
        attestationType: 'none',
        excludeCredentials: descriptors(existing),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        supportedAlgorithmIDs: ALGORITHMS,
      });
    },
    created: (answer, challenge) => checked(() => readCreation(party, answer, challenge)),
    askToProve: async (passkeys, challenge) => {
      const { generateAuthenticationOptions } = await loadLibrary();
      return generateAuthenticationOptions({
        rpID,
        allowCredentials: descriptors(passkeys),
        challenge: bytesOf(challenge),
        timeout: TIMEOUT_MS,
        userVerification: 'required',
      });
    },
    proven: (answer, challenge, passkey) => checked(() => readProof(party, answer, challenge, passkey)),
  };
};

const readCreation = async (
  { rpID, origin }: Party,
  answer: unknown,
  expectedChallenge: string,
): Promise<Result<NewPasskey, string>> => {
  const response = creation.parse(answer);
  const { clientDataJSON, attestationObject, transports = [] } = response.response;
  const problem = framed(clientDataJSON) ?? (await attested(attestationObject));
  if (problem !== undefined) return err(problem);
  const { verifyRegistrationResponse } = await loadLibrary();
  const { verified, registrationInfo } = await verifyRegistrationResponse({
    response: { ...response, ...NO_EXTENSIONS },
    expectedChallenge,
    expectedOrigin: origin,
    expectedRPID: rpID,
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  });
  if (!verified) return err('the attestation does not hold');
  const { id, publicKey, counter } = registrationInfo.credential;
  return ok({ credentialId: id, publicKey: Buffer.from(publicKey).toString('base64url'), counter, transports });
};

const readProof = async (
  { rpID, origin }: Party,
  answer: unknown,
  expectedChallenge: string,
  { credentialId, publicKey }: Passkey,
): Promise<Result<number, string>> => {
  const response = proof.parse(answer);
  const problem = framed(response.response.clientDataJSON);
  if (problem !== undefined) return err(problem);
  const { verifyAuthenticationResponse } = await loadLibrary();
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: { ...response, ...NO_EXTENSIONS },
    expectedChallenge,
    expectedOrigin: origin,
    expectedRPID: rpID,
    requireUserVerification: true,
    // The count is compared where it is stored, in one write: of two proofs at once only one may count.
    credential: { id: credentialId, publicKey: bytesOf(publicKey), counter: 0 },
  });
  return verified ? ok(authenticationInfo.newCounter) : err('the signature does not hold');
};

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'base64url'));

const descriptors = (passkeys: readonly Passkey[]): { id: string; transports: string[] }[] =>
  passkeys.map(({ credentialId, transports }) => ({ id: credentialId, transports: [...transports] }));

const LONGEST_PROBLEM = 300;

/** The library throws at whatever it does not accept, and its sentence quotes what it was given. */
const checked = async <T>(work: () => Promise<Result<T, string>>): Promise<Result<T, string>> => {
  try {
    return await work();
  } catch (thrown) {
    return err(describeError(thrown).error.slice(0, LONGEST_PROBLEM));
  }
};

/** The library lets an answer pass that was given inside another site's frame, as long as it does not name the site. */
const framed = (clientDataJSON: string): string | undefined => {
  const { crossOrigin, topOrigin } = clientData.parse(JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString()));
  return crossOrigin === true || typeof topOrigin === 'string'
    ? 'it was given inside a frame of another site'
    : undefined;
};

/**
 * We ask for no attestation. One with certificates is refused unread: to check them the library would fetch addresses
 * that they name.
 */
const attested = async (attestationObject: string): Promise<string | undefined> => {
  const { decodeAttestationObject } = await loadHelpers();
  const decoded = decodeAttestationObject(bytesOf(attestationObject));
  const bare = decoded.get('fmt') === 'none' || decoded.get('fmt') === 'packed';
  return bare && decoded.get('attStmt').get('x5c') === undefined ? undefined : 'it carries an attestation';
};
