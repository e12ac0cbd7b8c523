import type { Fault } from '../engine/faults.js';
import { isDeactivated } from '../engine/person.js';
import type { Person } from '../engine/person.js';
import { addMs, MINUTE } from '../lib/clock.js';
import { redacted } from '../lib/redacted.js';
import type { Redacted } from '../lib/redacted.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { FlowDeps } from './deps.js';
import type { PageLink } from './ports/page-links.js';

type IssueDeps = Pick<FlowDeps, 'clock' | 'random' | 'pageLinks' | 'settings'>;

const TOKEN_BYTES = 32;
const GOOD_FOR_MS = 5 * MINUTE;

/** Where a page stands. The address is the capability: it goes to its person alone, into no log and no shared message. */
export interface PageAddress {
  readonly url: Redacted<string>;
  readonly expiresAt: Date;
}

/** Opens a page to one person, once, for five minutes unless told. */
export const issuePage = async (
  { clock, random, pageLinks, settings }: IssueDeps,
  link: Omit<PageLink, 'expiresAt'>,
  goodForMs = GOOD_FOR_MS,
): Promise<PageAddress> => {
  const now = clock.now();
  const expiresAt = addMs(now, goodForMs);
  const token = redacted(random.bytes(TOKEN_BYTES).toString('base64url'));
  await pageLinks.issue(token, { ...link, expiresAt }, now);
  return { url: redacted(`${settings.publicUrl}/page/${link.kind}/${token.reveal()}`), expiresAt };
};

export interface PageVisit {
  readonly link: PageLink;
  /** As they are now, not as they were when the link was given to them. */
  readonly person: Person;
}

/** Who comes by this link and what for; nothing is consumed. */
export const visitOf = async (
  { clock, people, pageLinks }: Pick<FlowDeps, 'clock' | 'people' | 'pageLinks'>,
  token: Redacted<string>,
  kind: string,
): Promise<Result<PageVisit, Fault>> => {
  const link = await pageLinks.look(token, kind, clock.now());
  const person = link === undefined ? undefined : await people.byId(link.person);
  if (link === undefined || person === undefined || isDeactivated(person)) return err({ code: 'page.gone' });
  return ok({ link, person });
};
