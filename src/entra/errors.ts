import { GraphClientError } from '@microsoft/microsoft-graph-client';
import type { DirectoryFault } from '../engine/faults.js';
import { graphError } from './answers.js';
import { meaningOf, meaningOfSignIn } from './codes.js';

/** Everything that can go wrong between us and Graph or its login authority, as faults. */

/** An answer to one request, whether it came by itself or inside a batch. */
export interface GraphAnswer {
  readonly status: number;
  /** Parsed JSON; undefined where there was none. */
  readonly body: unknown;
  readonly retryAfterMs?: number;
  readonly requestId?: string;
  /** How far Graph's clock is ahead of ours, to the second. */
  readonly skewMs?: number;
}

/** Why a call has no answer, or not the one it should have. `unclear`: Graph may have acted on it all the same. */
export interface CallFailure {
  readonly fault: DirectoryFault;
  readonly unclear: boolean;
}

/** How much of an answer may be repeated: Graph's own words are kept out where the request held a password. */
export type Quoting = 'with-message' | 'codes-only';

const LONGEST_QUOTE = 200;

// Graph has no business repeating a token or a key; whatever looks like one is cut out all the same.
const LOOKS_SECRET = /[\w+/=~.-]{48,}/g;

const quote = (text: string): string =>
  text.replaceAll(LOOKS_SECRET, '…').replaceAll(/\s+/g, ' ').slice(0, LONGEST_QUOTE);

// Codes are words. Anything longer is text that somebody put there.
const asCode = (text: string): string => (/^[\w.-]{1,64}$/.test(text) ? text : 'an unreadable code');

interface GraphErrorBody {
  readonly code: string;
  readonly message: string;
  /** What the error is about, `ObjectConflict userPrincipalName`. */
  readonly subjects: readonly string[];
  readonly requestId?: string;
}

export const readGraphError = (answer: GraphAnswer): GraphErrorBody | undefined => {
  const parsed = graphError.safeParse(answer.body);
  if (!parsed.success) return undefined;
  const { code, message, details, innerError } = parsed.data.error;
  const requestId = innerError?.['request-id'];
  return {
    code: asCode(code),
    message: message ?? '',
    subjects: (details ?? []).map((each) =>
      [each.code, each.target]
        .filter((text) => text !== undefined)
        .map(asCode)
        .join(' '),
    ),
    ...(requestId === undefined ? {} : { requestId }),
  };
};

/** Status, codes and request id, for the log. */
const describeAnswer = (answer: GraphAnswer, quoting: Quoting): string => {
  const error = readGraphError(answer);
  const requestId = error?.requestId ?? answer.requestId;
  return [
    `${answer.status} ${error?.code ?? 'without an error code'}`,
    ...(error?.subjects ?? []),
    ...(quoting === 'with-message' && error !== undefined && error.message !== '' ? [quote(error.message)] : []),
    ...(requestId === undefined ? [] : [`request ${asCode(requestId)}`]),
  ].join(', ');
};

/** The fault that an answer of this status means. A success that was not the expected one is a malformed answer. */
export const faultOf = (answer: GraphAnswer, quoting: Quoting = 'with-message'): DirectoryFault => {
  const detail = describeAnswer(answer, quoting);
  const { status, retryAfterMs } = answer;
  if (status < 400) return { code: 'directory.malformed', detail: `unexpected answer: ${detail}` };
  if (status === 429) {
    return { code: 'directory.throttled', detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  if (status >= 500 || status === 408) return { code: 'directory.unavailable', detail };
  return { code: meaningOf(readGraphError(answer)?.code) ?? BY_STATUS[status] ?? 'directory.rejected', detail };
};

const BY_STATUS: Readonly<Record<number, DirectoryFault['code']>> = {
  401: 'directory.credential',
  403: 'directory.forbidden',
  404: 'directory.not-found',
};

/** A refusal of a write. Refused for sure below 500; anything else may have been done before it went wrong. */
export const writeFailure = (answer: GraphAnswer, quoting: Quoting): CallFailure => ({
  fault: faultOf(answer, quoting),
  unclear: answer.status < 400 || answer.status === 408 || answer.status >= 500,
});

export const malformed = (detail: string): DirectoryFault => ({ code: 'directory.malformed', detail });

// Failures on the way to a connection: nothing was sent over it yet.
const NEVER_CONNECTED = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const LONGEST_CHAIN = 5;

/** The operating system's or TLS's code, which hides somewhere among the causes. */
const systemCode = (thrown: unknown, depth = 0): string | undefined => {
  if (!(thrown instanceof Error) || depth > LONGEST_CHAIN) return undefined;
  const { code } = thrown as { code?: unknown };
  return typeof code === 'string' && /^[A-Z_]+$/.test(code) ? code : systemCode(thrown.cause, depth + 1);
};

const isTimeout = (thrown: unknown): boolean =>
  thrown instanceof Error && (thrown.name === 'TimeoutError' || thrown.name === 'AbortError');

/** A request whose answer never came. */
export const lostConnection = (thrown: unknown): CallFailure => {
  const code = systemCode(thrown);
  const unclear = code === undefined || !NEVER_CONNECTED.has(code);
  const detail = isTimeout(thrown) ? 'Graph did not answer in time' : `no connection to Graph: ${code ?? 'unknown'}`;
  return { fault: { code: unclear ? 'directory.unclear' : 'directory.unavailable', detail }, unclear };
};

const MISSING_FILE = ['ENOENT', 'EACCES', 'EISDIR'];

/** What the SDK and Node say of a certificate or key that is none; neither has a code of its own for it. */
const BAD_PEM = /PEM(-encoded)? certificate|ERR_OSSL|DECODER routines|PEM routines|secretOrPrivateKey/i;

/** Why there is no token. */
export const signInFault = (thrown: unknown): DirectoryFault => {
  if (isTimeout(thrown)) return { code: 'directory.unavailable', detail: 'the login authority did not answer in time' };
  const { name, message } = thrown instanceof Error ? thrown : { name: typeof thrown, message: '' };
  const code = /AADSTS\d+/.exec(message)?.[0];
  if (code !== undefined) return { code: meaningOfSignIn(code), detail: `sign-in: ${code}` };
  const system = systemCode(thrown) ?? /\bE[A-Z]{4,}\b/.exec(message)?.[0];
  if (system !== undefined && MISSING_FILE.includes(system)) {
    return { code: 'directory.credential', detail: `sign-in: the credential's file cannot be read, ${system}` };
  }
  if (BAD_PEM.test(`${system ?? ''} ${message}`)) {
    return { code: 'directory.credential', detail: 'sign-in: the certificate or its private key cannot be read' };
  }
  return { code: 'directory.unavailable', detail: `sign-in: ${name}${system === undefined ? '' : `, ${system}`}` };
};

/** No token, so nothing was sent. */
export const signInFailure = (thrown: unknown): CallFailure => ({ fault: signInFault(thrown), unclear: false });

/** Takes a failure out through the Graph client, which wraps every error but its own and loses their causes. */
export const carry = (failure: CallFailure): GraphClientError =>
  Object.assign(new GraphClientError(failure.fault.code), { customError: failure });

const isCallFailure = (value: unknown): value is CallFailure =>
  typeof value === 'object' && value !== null && 'fault' in value && 'unclear' in value;

/** What the Graph client threw. */
export const failureOf = (thrown: unknown): CallFailure =>
  thrown instanceof GraphClientError && isCallFailure(thrown.customError) ? thrown.customError : lostConnection(thrown);
