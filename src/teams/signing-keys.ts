import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { DAY, MINUTE, SECOND, addMs, type Clock } from '../lib/clock.js';

/** A public key of the channel service, and the channels whose tokens it may sign. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly endorsements: readonly string[];
}

/** The keys cannot be read just now; nothing can be told about any token. */
export class SigningKeysUnavailable extends Error {
  override readonly name = 'SigningKeysUnavailable';
}

export interface SigningKeys {
  /** @throws SigningKeysUnavailable */
  find(id: string): Promise<SigningKey | undefined>;
}

const Metadata = z.looseObject({ jwks_uri: z.url({ protocol: /^https?$/ }) });

const KeySet = z.looseObject({
  keys: z.array(
    z.looseObject({
      kid: z.string(),
      kty: z.string(),
      n: z.string().optional(),
      e: z.string().optional(),
      endorsements: z.array(z.string()).optional(),
    }),
  ),
});

const FETCH_DEADLINE = 5 * SECOND;
const KEPT_FOR = DAY;
// Strangers choose the key ids, so an unknown one may not cost a request to the channel service each time.
const SHORTEST_INTERVAL = MINUTE;

const getJson = async (url: string): Promise<unknown> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_DEADLINE), redirect: 'error' });
  if (!response.ok) throw new SigningKeysUnavailable(`${url} answers ${response.status}`);
  return response.json();
};

const download = async (metadataUrl: string): Promise<ReadonlyMap<string, SigningKey>> => {
  const { jwks_uri: keysUrl } = Metadata.parse(await getJson(metadataUrl));
  const { keys } = KeySet.parse(await getJson(keysUrl));
  return new Map(
    keys.flatMap(({ kid, kty, n, e, endorsements = [] }) =>
      kty !== 'RSA' || n === undefined || e === undefined
        ? []
        : [[kid, { key: createPublicKey({ key: { kty, n, e }, format: 'jwk' }), endorsements }]],
    ),
  );
};

/** Keys from the OpenID metadata at `metadataUrl`, kept for a day and read again when a token names an unknown one. */
export const createSigningKeys = (metadataUrl: string, clock: Clock): SigningKeys => {
  let keys: ReadonlyMap<string, SigningKey> = new Map();
  let readAt: Date | undefined;
  let triedAt: Date | undefined;
  let reading: Promise<void> | undefined;

  const refresh = async (): Promise<void> => {
    triedAt = clock.now();
    try {
      keys = await download(metadataUrl);
      readAt = clock.now();
    } catch (thrown) {
      const detail = thrown instanceof Error ? thrown.message : 'unknown failure';
      throw new SigningKeysUnavailable(`the channel's signing keys cannot be read: ${detail}`, { cause: thrown });
    } finally {
      reading = undefined;
    }
  };

  const isOlderThan = (at: Date | undefined, ms: number): boolean => at === undefined || addMs(at, ms) <= clock.now();

  return {
    find: async (id) => {
      const stale = isOlderThan(readAt, KEPT_FOR);
      const wanted = stale || (!keys.has(id) && isOlderThan(triedAt, SHORTEST_INTERVAL));
      if (wanted) await (reading ??= refresh());
      return keys.get(id);
    },
  };
};
