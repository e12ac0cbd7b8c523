import type { Account, Credential } from './account.js';
import { isAwaited, restsAs } from './ending.js';
import { heldAs } from './access.js';
import { grantOf, isOursToTake } from './granted.js';
import type { DirectoryGroupId, RoleId } from './ids.js';
import type { Powers } from './powers.js';
import { isLive } from './request.js';
import type { AccessRequest } from './request.js';
import { addMs } from '../lib/clock.js';

/** What the account should be. */
export interface Desired {
  /**
   * `open`: somebody may sign in. Of an account that nobody needs: `kept` is left as it is but for its access, `shut` has
   * sign-in off and a password nobody knows, `deleted` is shut and then deleted, where it may be. An existing user is
   * `returned`: as it was before.
   */
  readonly user: 'open' | 'kept' | 'shut' | 'deleted' | 'returned';
  readonly roles: readonly WantedRole[];
  readonly groups: readonly DirectoryGroupId[];
  readonly pass: WantedPass;
  readonly generation: number;
  readonly revokeSessions: boolean;
  /** Whether a user who holds admin roles may be changed as they are; otherwise they are stripped of them first. */
  readonly changesHolders: boolean;
  readonly borrowed?: Borrowed;
}

export interface WantedRole {
  readonly role: RoleId;
  /** When Entra itself shall end it; absent: never. */
  readonly until?: Date;
  /** Given without an end from now on; but what was given with one shall end then. */
  readonly prolonged?: Date;
}

/** `none`: whoever holds one must lose it. `kept`: the one with this id. */
export type WantedPass =
  | { readonly kind: 'none' }
  | { readonly kind: 'kept'; readonly id: string }
  | { readonly kind: 'issued'; readonly until: Date; readonly once: boolean };

/** What may be taken from an existing user: what we gave it. Everything else it has stays. */
export interface Borrowed {
  /** Whether sign-in was on before. */
  readonly enabled: boolean;
  readonly roles: readonly RoleId[];
  readonly groups: readonly DirectoryGroupId[];
  readonly pass: boolean;
}

/** By what ways access is given in a tenant now. */
export interface Ways {
  readonly now: Date;
  readonly powers: Powers;
  /** Whether access passes are given there; absent: none are. */
  readonly accessPass?: 'once' | 'many';
}

const liveOn = (account: Account, requests: readonly AccessRequest[]): readonly AccessRequest[] =>
  requests.filter((request) => request.account === account.id && isLive(request));

/** What the account's live requests add up to, or, where none is live, what they leave behind. */
export const desired = (account: Account, requests: readonly AccessRequest[], ways: Ways): Desired => {
  const live = liveOn(account, requests);
  const borrowed = borrowedFrom(account);
  const isOpen = live.length > 0;
  return {
    user: isOpen ? 'open' : atRest(account, requests),
    roles: rolesFor(account, live, ways),
    groups: [...new Set(live.flatMap(({ groups }) => groups.map(({ id }) => id)))],
    pass: passFor(account, live, ways),
    generation: account.credential.generation,
    // Whoever an existing user belongs to goes on working until the loan is over.
    revokeSessions: !account.credential.sessionsRevoked && (borrowed === undefined || !isOpen),
    changesHolders: ways.powers.changesHolders,
    ...(borrowed === undefined ? {} : { borrowed }),
  };
};

const rolesFor = (
  { grants }: Account,
  live: readonly AccessRequest[],
  { now, powers }: Ways,
): readonly WantedRole[] => {
  const ends = new Map<RoleId, Date>();
  for (const request of live) {
    const until = expectedEnd(request, now);
    for (const role of request.roles) {
      const known = ends.get(heldAs(role));
      if (known === undefined || known < until) ends.set(heldAs(role), until);
    }
  }
  const isTimed = (role: RoleId): boolean => grantOf(grants, { kind: 'role', role })?.until !== undefined;
  return [...ends].map(([role, until]) => {
    if (powers.schedules) return { role, until };
    return isTimed(role) ? { role, prolonged: until } : { role };
  });
};

/** When a live request's access ends; of one that is still being prepared, as if it were ready now. */
const expectedEnd = ({ state, endsAt, endsBy, durationMs }: AccessRequest, now: Date): Date => {
  if (state === 'active' && endsAt !== undefined) return endsAt;
  return endsBy ?? addMs(now, durationMs);
};

/** An account that waits for its next, already approved request is shut meanwhile and deleted after that one. */
const atRest = (account: Account, requests: readonly AccessRequest[]): Exclude<Desired['user'], 'open'> => {
  if (account.kind === 'existing') return 'returned';
  const action = restsAs(account, requests);
  if (action === 'delete') return isAwaited(account, requests) ? 'shut' : 'deleted';
  // What is shut already has no password that anybody knows, and is not opened to be kept.
  return action === 'keep' && account.credential.use !== 'shut' ? 'kept' : 'shut';
};

const borrowedFrom = (account: Account): Borrowed | undefined => {
  const { kind, before, grants } = account;
  if (kind !== 'existing') return undefined;
  const given = grants.filter((grant) => isOursToTake(account, grant)).map(({ access }) => access);
  return {
    // Somebody may have turned it off while it was lent: whoever turned it on again has to turn it off.
    enabled: before?.enabled !== false && !given.some((access) => access.kind === 'sign-in'),
    roles: given.flatMap((access) => (access.kind === 'role' ? [access.role] : [])),
    groups: given.flatMap((access) => (access.kind === 'group' ? [access.group] : [])),
    pass: given.some((access) => access.kind === 'pass'),
  };
};

/** An active request that waits for a credential had one and asked for another. */
export const wantsReissue = (request: AccessRequest): boolean =>
  request.state === 'active' && request.reveal === 'none';

/**
 * Which new credential the account needs for its requests, or `undefined` when the present one serves: a live one is
 * joined and never changed unless its holder asked for another, and a shut one stays shut.
 */
export const credentialNeeded = (
  account: Account,
  requests: readonly AccessRequest[],
  ways: Pick<Ways, 'accessPass'>,
): Credential['use'] | undefined => {
  const { use, sessionsRevoked } = account.credential;
  const live = liveOn(account, requests);
  if (account.kind === 'existing') return live.length > 0 && sessionsRevoked ? 'own' : undefined;
  if (live.length === 0) {
    const wanted = atRest(account, requests) === 'kept' ? 'kept' : 'shut';
    return use === wanted ? undefined : wanted;
  }
  if (use === 'blind') return account.pass?.refused === true ? 'lent' : undefined;
  if (use === 'lent') return live.some(wantsReissue) ? 'lent' : undefined;
  return live.every((request) => usesPass(account, request, ways)) ? 'blind' : 'lent';
};

const usesPass = ({ pass }: Account, { tap }: AccessRequest, { accessPass }: Pick<Ways, 'accessPass'>): boolean =>
  tap && accessPass !== undefined && pass?.refused !== true;

/** The live requests that sign in with the account's access pass. */
const passUsers = (
  account: Account,
  live: readonly AccessRequest[],
  ways: Pick<Ways, 'accessPass'>,
): readonly AccessRequest[] => {
  if (account.pass?.refused === true) return [];
  // Behind a password that nobody knows, whoever joined has no other way in.
  if (account.credential.use === 'blind') return live;
  return account.credential.use === 'own' ? live.filter((request) => usesPass(account, request, ways)) : [];
};

/** The request for which a new access pass must be decided on; asked of an account whose credential is decided. */
export const passNeeded = (
  account: Account,
  requests: readonly AccessRequest[],
  ways: Pick<Ways, 'accessPass'>,
): AccessRequest | undefined => {
  const { kind, pass } = account;
  const users = passUsers(account, liveOn(account, requests), ways);
  // Several people borrow an existing user: whoever saw the pass and is through must not go on with it.
  const isLeft = kind === 'existing' && pass !== undefined && !users.some(({ id }) => id === pass.request);
  return users.find(wantsReissue) ?? (pass === undefined || isLeft ? users[0] : undefined);
};

const passFor = (account: Account, live: readonly AccessRequest[], ways: Ways): WantedPass => {
  const users = passUsers(account, live, ways);
  if (users.length === 0 || account.pass === undefined) return { kind: 'none' };
  const { issued } = account.pass;
  if (issued !== undefined) return { kind: 'kept', id: issued.id };
  const ends = users.map((request) => expectedEnd(request, ways.now).getTime());
  return { kind: 'issued', until: new Date(Math.max(...ends)), once: ways.accessPass === 'once' };
};
