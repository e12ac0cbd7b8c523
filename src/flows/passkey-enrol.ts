/** Enrolling a passkey: the first one on the word of the chat, each further one only by proof of one that is there. */
import type { Fault } from '../engine/faults.js';
import type { Person, Platform } from '../engine/person.js';
import { randomId } from '../lib/random.js';
import type { Redacted } from '../lib/redacted.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import { issuePage, visitOf } from './page-links.js';
import type { PageAddress, PageVisit } from './page-links.js';
import { chatOf, newChallenge, passkeysOf, provenBy, whyNoPasskeysAt } from './passkey-proof.js';
import type { PasskeyDeps } from './passkey-proof.js';
import type { Passkey } from './ports/passkeys.js';

export const ENROL_PAGE = 'passkey-enrol';

type OfferDeps = Pick<FlowDeps, 'clock' | 'random' | 'pageLinks' | 'settings'>;

const LONGEST_NAME = 40;

export const offerEnrolment = async (
  deps: OfferDeps,
  person: Person,
  on: Platform,
): Promise<Result<PageAddress, Fault>> => {
  const unusable = whyNoPasskeysAt(deps.settings.publicUrl);
  if (unusable !== undefined) return err(unusable);
  return ok(await issuePage(deps, { kind: ENROL_PAGE, person: person.id, facts: { on } }));
};

/** Whose passkey it will be, and the ones they have. */
export interface Enrolment {
  readonly person: Person;
  readonly passkeys: readonly Passkey[];
}

export const lookAtEnrolment = async (
  deps: Pick<PasskeyDeps, 'clock' | 'people' | 'pageLinks' | 'passkeys'>,
  token: Redacted<string>,
): Promise<Result<Enrolment, Fault>> => {
  const visit = await visitOf(deps, token, ENROL_PAGE);
  if (!visit.ok) return visit;
  const { person } = visit.value;
  return ok({ person, passkeys: await passkeysOf(deps, person) });
};

/** What the browser does next: proves a passkey that is there, or creates one; `options` are WebAuthn's JSON. */
export interface EnrolmentStep {
  readonly step: 'prove' | 'create';
  readonly options: object;
}

/** Which question a challenge belongs to is kept with it: no answer to one counts for another. */
type Purpose = 'prove' | 'create-first' | 'create-further';

export const beginEnrolment = async (
  deps: PasskeyDeps,
  token: Redacted<string>,
): Promise<Result<EnrolmentStep, Fault>> => {
  const seen = await lookAtEnrolment(deps, token);
  if (!seen.ok) return seen;
  return ask(deps, token, seen.value, seen.value.passkeys.length === 0 ? 'create-first' : 'prove');
};

const ask = async (
  deps: PasskeyDeps,
  token: Redacted<string>,
  { person, passkeys }: Enrolment,
  purpose: Purpose,
): Promise<Result<EnrolmentStep, Fault>> => {
  const challenge = newChallenge(deps);
  const step = purpose === 'prove' ? 'prove' : 'create';
  const options =
    step === 'prove'
      ? await deps.ceremony.askToProve(passkeys, challenge)
      : await deps.ceremony.askToCreate(person, passkeys, challenge);
  const kept = await deps.pageLinks.challenge(token, ENROL_PAGE, `${purpose}:${challenge}`, deps.clock.now());
  return kept ? ok({ step, options }) : err({ code: 'page.gone' });
};

/** The next step, or the passkey once there is one. */
export const continueEnrolment = async (
  deps: PasskeyDeps,
  token: Redacted<string>,
  answer: unknown,
  name: string,
): Promise<Result<EnrolmentStep | Passkey, Fault>> => {
  const visit = await visitOf(deps, token, ENROL_PAGE);
  if (!visit.ok) return visit;
  const kept = await deps.pageLinks.takeChallenge(token, ENROL_PAGE, deps.clock.now());
  const [purpose, challenge] = kept?.split(':') ?? [];
  if (challenge === undefined) return err({ code: 'passkey.again' });
  const { person } = visit.value;
  const passkeys = await passkeysOf(deps, person);
  if (purpose === 'prove') {
    const proven = await provenBy(deps, person, answer, challenge);
    return proven.ok ? ask(deps, token, { person, passkeys }, 'create-further') : proven;
  }
  // Somebody has enrolled a first one meanwhile: from now on it has to agree.
  if (purpose === 'create-first' && passkeys.length > 0) return err({ code: 'passkey.again' });
  return enrol(deps, token, visit.value, { passkeys, answer, challenge, name });
};

interface Creation {
  readonly passkeys: readonly Passkey[];
  readonly answer: unknown;
  readonly challenge: string;
  readonly name: string;
}

const enrol = async (
  deps: PasskeyDeps,
  token: Redacted<string>,
  { person, link }: PageVisit,
  { passkeys, answer, challenge, name }: Creation,
): Promise<Result<Passkey, Fault>> => {
  const created = await deps.ceremony.created(answer, challenge);
  if (!created.ok) {
    deps.log.warn({ by: person.id, why: created.error }, 'a new passkey was not accepted');
    return err({ code: 'passkey.refused' });
  }
  const at = deps.clock.now();
  if ((await deps.pageLinks.take(token, ENROL_PAGE, at)) === undefined) return err({ code: 'page.gone' });
  const passkey = { ...created.value, person: person.id, name: nameFor(name, passkeys), createdAt: at };
  // On record before it happens: a line about one that a crash prevented is better than one nobody can account for.
  await deps.audit.append(`passkey/${randomId(deps.random)}`, {
    what: 'passkey.enrolled',
    at,
    by: person.id,
    on: chatOf(link),
    facts: { passkey: passkey.name, credential: passkey.credentialId },
  });
  return (await deps.passkeys.add(passkey)) ? ok(passkey) : err({ code: 'passkey.taken' });
};

/** The name somebody chose, as one short line, and another one than their other passkeys have. */
export const nameFor = (chosen: string, passkeys: readonly Passkey[]): string => {
  const taken = new Set(passkeys.map(({ name }) => name.toLowerCase()));
  const line = chosen.normalize('NFKC').replaceAll(/[\p{C}\s]+/gu, ' ');
  const wanted =
    line
      .trim()
      .slice(0, LONGEST_NAME)
      .replace(/[\s\p{Cs}]+$/u, '') || 'Passkey';
  const numbered = Array.from({ length: taken.size }, (_, index) => `${wanted} ${index + 2}`);
  return [wanted, ...numbered].find((name) => !taken.has(name.toLowerCase())) ?? wanted;
};
