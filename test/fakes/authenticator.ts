import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** Browser and authenticator in one: answers WebAuthn's questions with ES256 keys it holds, and lies where it is told to. */
export interface Authenticator {
  create(options: CreationOptions, lies?: Lies): object;
  /** Proves the newest key that the options allow, or, where they allow none of its own, the newest it has. */
  prove(options: ProofOptions, lies?: Lies): object;
  /** A second device with the same keys and counts. */
  copy(): Authenticator;
}

export interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id?: string };
}

export interface ProofOptions {
  readonly challenge: string;
  readonly rpId?: string;
  readonly allowCredentials?: readonly { readonly id: string }[];
}

export interface Lies {
  readonly origin?: string;
  readonly challenge?: string;
  readonly rpID?: string;
  readonly crossOrigin?: boolean;
  /** Nobody showed a finger, a face or a PIN. */
  readonly unverified?: boolean;
  /** Signed by another key than the one it names. */
  readonly forged?: boolean;
  /** With a certificate chain, which nobody asked for. */
  readonly certified?: boolean;
}

interface Key {
  readonly id: Buffer;
  readonly privateKey: KeyObject;
  readonly point: { readonly x: Buffer; readonly y: Buffer };
  count: number;
}

const PRESENT = 0x01;
const VERIFIED = 0x04;
const ATTESTED = 0x40;

export const createAuthenticator = (origin: string, keys: readonly Key[] = []): Authenticator => {
  const held: Key[] = keys.map((key) => ({ ...key }));

  const clientData = (type: string, challenge: string, lies: Lies): Buffer =>
    Buffer.from(
      JSON.stringify({
        type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? origin,
        crossOrigin: lies.crossOrigin ?? false,
      }),
    );

  return {
    create: (options, lies = {}) => {
      const key = newKey();
      held.push(key);
      const authData = Buffer.concat([
        head(lies.rpID ?? options.rp.id ?? '', ATTESTED, key.count, lies),
        Buffer.alloc(16),
        Buffer.from([key.id.length >> 8, key.id.length & 0xff]),
        key.id,
        coseKey(key),
      ]);
      const statement = lies.certified === true ? { fmt: 'packed', attStmt: certified } : { fmt: 'none', attStmt: [] };
      return answerOf(key, {
        clientDataJSON: text(clientData('webauthn.create', options.challenge, lies)),
        attestationObject: text(
          map([
            [string('fmt'), string(statement.fmt)],
            [string('attStmt'), map(statement.attStmt)],
            [string('authData'), bytes(authData)],
          ]),
        ),
        transports: ['internal'],
      });
    },
    prove: (options, lies = {}) => {
      const allowed = new Set((options.allowCredentials ?? []).map(({ id }) => id));
      const key = held.findLast(({ id }) => allowed.has(text(id))) ?? held.at(-1);
      if (key === undefined) throw new Error('this authenticator holds no key');
      key.count += 1;
      const clientDataJSON = clientData('webauthn.get', options.challenge, lies);
      const authData = head(lies.rpID ?? options.rpId ?? '', 0, key.count, lies);
      const signer = lies.forged === true ? newKey() : key;
      const signed = Buffer.concat([authData, sha256(clientDataJSON)]);
      return answerOf(key, {
        clientDataJSON: text(clientDataJSON),
        authenticatorData: text(authData),
        signature: text(sign('sha256', signed, signer.privateKey)),
      });
    },
    copy: () => createAuthenticator(origin, held),
  };
};

const newKey = (): Key => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const point = { x: Buffer.from(x, 'base64url'), y: Buffer.from(y, 'base64url') };
  return { id: randomBytes(32), privateKey, point, count: 0 };
};

const answerOf = ({ id }: Key, response: object): object => ({
  id: text(id),
  rawId: text(id),
  type: 'public-key',
  response,
});

const text = (value: Buffer): string => value.toString('base64url');

const sha256 = (value: Buffer | string): Buffer => createHash('sha256').update(value).digest();

/** Who is asked, what was done, how often: the part of authenticator data that every answer has. */
const head = (rpID: string, flags: number, count: number, { unverified }: Lies): Buffer => {
  const counter = Buffer.alloc(4);
  counter.writeUInt32BE(count);
  return Buffer.concat([sha256(rpID), Buffer.from([flags | PRESENT | (unverified === true ? 0 : VERIFIED)]), counter]);
};

/** CBOR, as far as authenticators need it: the type in the top three bits, then the length or the value itself. */
const cbor = (type: number, value: number): Buffer => {
  if (value < 24) return Buffer.from([(type << 5) | value]);
  if (value < 0x100) return Buffer.from([(type << 5) | 24, value]);
  return Buffer.from([(type << 5) | 25, value >> 8, value & 0xff]);
};

const integer = (value: number): Buffer => (value < 0 ? cbor(1, -1 - value) : cbor(0, value));
const bytes = (value: Buffer): Buffer => Buffer.concat([cbor(2, value.length), value]);
const string = (value: string): Buffer => Buffer.concat([cbor(3, Buffer.byteLength(value)), Buffer.from(value)]);
const list = (values: readonly Buffer[]): Buffer => Buffer.concat([cbor(4, values.length), ...values]);
const map = (entries: readonly (readonly [Buffer, Buffer])[]): Buffer =>
  Buffer.concat([cbor(5, entries.length), ...entries.flat()]);

/** EC2 key, ES256, P-256. */
const coseKey = ({ point }: Key): Buffer =>
  map([
    [integer(1), integer(2)],
    [integer(3), integer(-7)],
    [integer(-1), integer(1)],
    [integer(-2), bytes(point.x)],
    [integer(-3), bytes(point.y)],
  ]);

const certified: readonly (readonly [Buffer, Buffer])[] = [
  [string('alg'), integer(-7)],
  [string('sig'), bytes(Buffer.from('signature'))],
  [string('x5c'), list([bytes(Buffer.from('certificate'))])],
];
