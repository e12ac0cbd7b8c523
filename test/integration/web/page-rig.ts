import { createAuthenticator } from '../../fakes/authenticator.js';
import type { Authenticator, CreationOptions, ProofOptions } from '../../fakes/authenticator.js';
import { createTestDatabase } from '../../fakes/database.js';
import { anIdentity, aRequest, NOON } from '../../fakes/fixtures.js';
import { wordsOfApproval, wordsOfApproved } from '../../../src/chat/second-factor.js';
import { personId } from '../../../src/engine/ids.js';
import type { Person } from '../../../src/engine/person.js';
import { offerConfirmation } from '../../../src/flows/passkey-confirm.js';
import type { Approval, ConfirmDeps } from '../../../src/flows/passkey-confirm.js';
import { offerEnrolment } from '../../../src/flows/passkey-enrol.js';
import type { FlowDeps } from '../../../src/flows/deps.js';
import { addMs } from '../../../src/lib/clock.js';
import type { Log } from '../../../src/lib/log.js';
import { systemRandom } from '../../../src/lib/random.js';
import { ok } from '../../../src/lib/result.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { createStores } from '../../../src/store/stores.js';
import type { Stores } from '../../../src/store/stores.js';
import { createPages } from '../../../src/web/pages.js';
import type { PageListener } from '../../../src/web/pages.js';
import { createPasskeyCeremony } from '../../../src/web/passkey-ceremony.js';
import { passkeyPages } from '../../../src/web/passkey-pages.js';
import { createWeb } from '../../../src/web/server.js';

export const REQUEST = aRequest({ tally: [0] });

export interface Heard {
  readonly status: number;
  readonly body: {
    readonly problem?: string;
    readonly step?: 'create' | 'prove';
    readonly options?: CreationOptions & ProofOptions;
    readonly done?: { readonly title: string; readonly lines: readonly string[] };
  };
}

/** The pages behind a real HTTP server, a real database under them, and an approval that is only counted. */
export interface PageRig {
  readonly stores: Stores;
  readonly origin: string;
  readonly approvals: readonly Approval[];
  readonly logged: readonly string[];
  /** What the chat's side needs to give out links. */
  readonly offers: ConfirmDeps & Pick<FlowDeps, 'settings' | 'config'>;
  now(): Date;
  pass(ms: number): void;
  person(user: string, name: string): Promise<Person>;
  deactivate(person: Person): Promise<void>;
  enrolLink(person: Person): Promise<string>;
  confirmLink(person: Person): Promise<string>;
  /** Any request to where a link leads, by the door of this machine. */
  fetch(link: string, init?: RequestInit): Promise<Response>;
  /** What a page's own script would send, with whatever headers are said to differ. */
  post(link: string, action: string, body: unknown, headers?: Record<string, string>): Promise<Heard>;
  /** Begins, lets the authenticator answer, and finishes. */
  enrol(person: Person, authenticator: Authenticator, name?: string): Promise<Heard>;
  authenticator(): Authenticator;
  close(): Promise<void>;
}

/** With `publicUrl` absent the pages are reached as a browser on this machine would reach them. */
export const openPageRig = async (publicUrl?: string): Promise<PageRig> => {
  const database = await createTestDatabase();
  await ensureIndexes(database.db);
  const stores = createStores(database.db);
  let now = NOON;
  const clock = { now: () => now };
  const logged: string[] = [];
  const keep = (fields: object, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep, child: () => log };
  const approvals: Approval[] = [];

  let listener: PageListener | undefined;
  const web = createWeb({ pages: async (...visit) => listener?.(...visit), ready: async () => true, log });
  const port = await web.listen(0, '127.0.0.1');
  const door = `http://127.0.0.1:${port}`;
  const url = publicUrl ?? `http://localhost:${port}`;
  const requests: ConfirmDeps['requests'] = {
    load: async (id) => (id === REQUEST.id ? { request: REQUEST, version: 1, outbox: [], ledger: [] } : undefined),
  };
  const deps = { ...stores, requests, clock, random: systemRandom, log, ceremony: createPasskeyCeremony(url) };
  const approve = async (approval: Approval) => {
    approvals.push(approval);
    return ok({ ...REQUEST, state: 'approved' as const });
  };
  const pages = passkeyPages({ deps, approve, wordsBefore: wordsOfApproval, wordsAfter: wordsOfApproved });
  listener = createPages({ pages, publicUrl: url, clock, log });

  const { origin } = new URL(url);
  const offers = { ...deps, settings: { owners: [], approvalChannels: [], publicUrl: url } };
  const fetchAt: PageRig['fetch'] = (link, init) => fetch(link.replace(url, door), init);
  const post: PageRig['post'] = async (link, action, body, headers = {}) => {
    const response = await fetchAt(`${link}/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin, 'sec-fetch-site': 'same-origin', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Heard['body'] };
  };
  const enrolLink: PageRig['enrolLink'] = async (person) => linkOf(await offerEnrolment(offers, person, 'slack'));

  return {
    stores,
    origin,
    approvals,
    logged,
    offers,
    now: () => now,
    pass: (ms) => {
      now = addMs(now, ms);
    },
    person: (user, name) =>
      stores.people.appear(
        anIdentity('slack', user, { name, email: `${user.toLowerCase()}@msp.example` }),
        personId(`P-${user}`),
      ),
    deactivate: async ({ identities }) => {
      await Promise.all(identities.map(({ key }) => stores.identities.deactivate(key, now)));
    },
    enrolLink,
    confirmLink: async (person) =>
      linkOf(await offerConfirmation(offers, person, 'slack', REQUEST.id, 'agreed by phone')),
    fetch: fetchAt,
    post,
    enrol: async (person, authenticator, name = 'My phone') => {
      const link = await enrolLink(person);
      const { body } = await post(link, 'begin', {});
      if (body.options === undefined) throw new Error(body.problem);
      return post(link, 'finish', { answer: authenticator.create(body.options), name });
    },
    authenticator: () => createAuthenticator(origin),
    close: async () => {
      await web.close();
      await database.close();
    },
  };
};

const linkOf = (offered: Awaited<ReturnType<typeof offerConfirmation>>): string => {
  if (!offered.ok) throw new Error(offered.error.code);
  return offered.value.url.reveal();
};
