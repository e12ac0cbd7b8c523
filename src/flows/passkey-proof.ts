import type { Fault } from '../engine/faults.js';
import { idsOf } from '../engine/person.js';
import type { Person, Platform } from '../engine/person.js';
import { randomId } from '../lib/random.js';
import type { Redacted } from '../lib/redacted.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import type { PasskeyCeremony } from './ports/passkey-ceremony.js';
import type { PageLink } from './ports/page-links.js';
import type { Passkey } from './ports/passkeys.js';

export type PasskeyDeps = Pick<FlowDeps, 'clock' | 'random' | 'log' | 'people' | 'audit' | 'pageLinks' | 'passkeys'> & {
  readonly ceremony: PasskeyCeremony;
};

const CHALLENGE_BYTES = 32;

export const newChallenge = ({ random }: Pick<PasskeyDeps, 'random'>): string =>
  random.bytes(CHALLENGE_BYTES).toString('base64url');

export const passkeysOf = ({ passkeys }: Pick<FlowDeps, 'passkeys'>, person: Person): Promise<readonly Passkey[]> =>
  passkeys.ofPerson(idsOf(person));

/** The chat from which a page was asked for. */
export const chatOf = ({ facts }: PageLink): Platform => (facts['on'] === 'teams' ? 'teams' : 'slack');

/** Browsers make and use passkeys only on https pages (or this machine's own), and only under a name. */
export const whyNoPasskeysAt = (publicUrl: string): Fault | undefined => {
  const { protocol, hostname } = new URL(publicUrl);
  const isNumber = hostname.startsWith('[') || /^[\d.]+$/u.test(hostname);
  const isSafe = protocol === 'https:' || hostname === 'localhost';
  return isNumber || !isSafe ? { code: 'passkey.address' } : undefined;
};

/** Whose proof is asked for, on which kind of page. */
interface Prover {
  readonly kind: string;
  readonly person: Person;
}

/** What the browser is to ask its authenticator for this page. Asking again makes what was asked before worthless. */
export const beginProof = async (
  deps: PasskeyDeps,
  token: Redacted<string>,
  { kind, person }: Prover,
): Promise<Result<object, Fault>> => {
  const passkeys = await passkeysOf(deps, person);
  if (passkeys.length === 0) return err({ code: 'passkey.none' });
  const challenge = newChallenge(deps);
  const options = await deps.ceremony.askToProve(passkeys, challenge);
  const kept = await deps.pageLinks.challenge(token, kind, challenge, deps.clock.now());
  return kept ? ok(options) : err({ code: 'page.gone' });
};

/** Whether the answer proves that it is they who are at this page. The link stays. */
export const finishProof = async (
  deps: PasskeyDeps,
  token: Redacted<string>,
  { kind, person }: Prover,
  answer: unknown,
): Promise<Result<Passkey, Fault>> => {
  const challenge = await deps.pageLinks.takeChallenge(token, kind, deps.clock.now());
  return challenge === undefined ? err({ code: 'passkey.again' }) : provenBy(deps, person, answer, challenge);
};

/** Which of a person's passkeys this answer proves. A count that went back is refused: there may be a copy of it. */
export const provenBy = async (
  deps: PasskeyDeps,
  person: Person,
  answer: unknown,
  challenge: string,
): Promise<Result<Passkey, Fault>> => {
  const passkey = (await passkeysOf(deps, person)).find(({ credentialId }) => credentialId === idIn(answer));
  if (passkey === undefined) return err({ code: 'passkey.unknown' });
  const proven = await deps.ceremony.proven(answer, challenge, passkey);
  const facts = { passkey: passkey.name };
  if (!proven.ok) {
    deps.log.warn({ by: person.id, ...facts, why: proven.error }, 'a passkey proved nothing');
    return err({ code: 'passkey.refused' });
  }
  const at = deps.clock.now();
  if (await deps.passkeys.used(passkey.credentialId, proven.value, at)) return ok(passkey);
  await deps.audit.append(`passkey/${randomId(deps.random)}`, { what: 'passkey.copied', at, by: person.id, facts });
  return err({ code: 'passkey.copied', name: passkey.name });
};

const idIn = (answer: unknown): unknown =>
  typeof answer === 'object' && answer !== null && 'id' in answer ? answer.id : undefined;
