import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Role } from '../../../src/engine/access.js';
import { SETTLE_MS, shutCredential } from '../../../src/engine/account.js';
import type { Account, Observed } from '../../../src/engine/account.js';
import { confirmsRest, rested, settlesAt } from '../../../src/engine/confirmation.js';
import { desired } from '../../../src/engine/desired.js';
import type { Ways } from '../../../src/engine/desired.js';
import { driftOf, isStray } from '../../../src/engine/drift.js';
import type { Drift, Sighting } from '../../../src/engine/drift.js';
import { isAwaited, owedBy } from '../../../src/engine/ending.js';
import { withAnswers } from '../../../src/engine/granted.js';
import { directoryGroupId, requestId, roleId, unitId } from '../../../src/engine/ids.js';
import type { DirectoryGroupId, RoleId } from '../../../src/engine/ids.js';
import { plan } from '../../../src/engine/plan.js';
import type { Step } from '../../../src/engine/plan.js';
import { isLive } from '../../../src/engine/request.js';
import type { AccessRequest } from '../../../src/engine/request.js';
import { decideCredential } from '../../../src/flows/credential.js';
import { withBefore, writeAhead, writeBack } from '../../../src/flows/grants.js';
import type { StepOutcome } from '../../../src/flows/ports.js';
import { addMs, DAY, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { systemRandom } from '../../../src/lib/random.js';
import { redacted } from '../../../src/lib/redacted.js';
import {
  anyExisting,
  groupsHeld,
  NEW_PASS,
  performed,
  rolesHeld,
  someGroups,
  someRoles,
} from '../../fakes/directory-model.js';
import { anAccount, aRequest, NOON } from '../../fakes/fixtures.js';

/**
 * Whole lives of one account, pass for pass as the flows make them, against a directory reduced to its user. Whatever
 * they leave is no drift; whatever anybody else does to it is found as just that, and never while our own writes are
 * young.
 */

type Existing = Extract<Observed, { exists: true }>;

/** What an account's life is about. */
interface Life {
  account: Account;
  observed: Observed;
  requests: readonly AccessRequest[];
  now: Date;
  readonly powers: Ways['powers'];
  readonly accessPass?: 'once' | 'many';
}

const waysIn = ({ now, powers, accessPass }: Life): Ways => ({
  now,
  powers,
  ...(accessPass === undefined ? {} : { accessPass }),
});

const outcomeOf = (step: Step): StepOutcome => {
  if (step.do === 'create') return { kind: 'done', objectId: 'new' };
  if (step.do === 'assign') return { kind: 'done', assignment: `new-${step.role}` };
  if (step.do === 'join') return { kind: 'done', joined: true };
  if (step.do !== 'issue-pass') return { kind: 'done' };
  return { kind: 'done', pass: { id: NEW_PASS, value: redacted('T4p!'), endsAt: step.until } };
};

const vault = { seal: async () => 'sealed', open: async () => redacted('Opened-4711!') };

/** One pass in which everything goes well. */
const converged = async (life: Life): Promise<void> => {
  const { observed, now } = life;
  const ways = waysIn(life);
  const concerned = life.requests.filter(({ state }) => state !== 'closed');
  const known = withOwed(life.account, concerned);
  const decided = await decideCredential({ random: systemRandom, vault }, known, concerned, ways);
  const begun = withBefore(decided.account, observed, now);
  const wanted = desired(begun, concerned, ways);
  const steps = plan(withAnswers(observed, begun, now), wanted);
  for (const step of steps) life.observed = performed(life.observed, step, wanted);
  const ahead = writeAhead(begun, observed, steps, now);
  const back = writeBack(ahead, begun.grants, steps, steps.map(outcomeOf), now);
  life.account = steps.length === 0 ? ahead : { ...back, writtenAt: now };
  restAfter(life, concerned);
};

const withOwed = (account: Account, requests: readonly AccessRequest[]): Account => {
  const owed = requests.some(isLive) || isAwaited(account, requests) ? owedBy(account, requests) : account.owed;
  return owed === undefined ? account : { ...account, owed };
};

const restAfter = (life: Life, concerned: readonly AccessRequest[]): void => {
  const { account, observed, now } = life;
  const wanted = desired(account, concerned, waysIn(life));
  const isEnding = concerned.some(({ state }) => state === 'closing') || account.owed !== undefined;
  if (wanted.user !== 'open' && isEnding) {
    // What somebody else had given, and we only gave another end, no answer of ours names: its silence counts later.
    const isYoung = !confirmsRest(account, wanted, { observed, at: now });
    life.now = isYoung ? (settlesAt(account, now) ?? now) : now;
    expect(confirmsRest(account, wanted, { observed, at: life.now })).toBe(true);
    life.account = rested(account, concerned, wanted, { observed, at: life.now });
  }
  life.requests = life.requests.map((request) => settled(request, life.now));
};

const settled = (request: AccessRequest, now: Date): AccessRequest => {
  if (request.state === 'closing') return { ...request, state: 'closed' };
  if (request.state !== 'provisioning') return request;
  return { ...request, state: 'active', readyAt: now, endsAt: addMs(now, request.durationMs), reveal: 'offered' };
};

/** Something that happens, after so long. */
interface Turn {
  readonly afterMs: number;
  /** What begins, and of those that are live, in their order, which end. */
  readonly begins: readonly Asked[];
  readonly ends: readonly boolean[];
}

interface Asked extends Pick<AccessRequest, 'atEnd' | 'tap' | 'durationMs'> {
  readonly roles: readonly RoleId[];
  readonly groups: readonly DirectoryGroupId[];
  /** Approved, and to begin another day. */
  readonly waits: boolean;
}

const askedRole = (held: RoleId): Role => {
  const [id = '', unit] = held.split('@/administrativeUnits/');
  return { id: roleId(id), name: held, ...(unit === undefined ? {} : { unit: { id: unitId(unit), name: unit } }) };
};

const requestFor = (life: Life, { waits, roles, groups, ...asked }: Asked): AccessRequest =>
  aRequest({
    ...asked,
    id: requestId(`R-${life.requests.length}`),
    account: life.account.id,
    accountKind: life.account.kind,
    roles: roles.map(askedRole),
    groups: groups.map((id) => ({ id, name: id, roleAssignable: Number(id.slice(2)) > 2 })),
    ...(life.account.kind === 'existing' ? { atEnd: 'keep' } : {}),
    ...(waits ? { state: 'approved', startsAt: addMs(NOON, DAY * 365) } : { state: 'provisioning' }),
  });

const turned = async (life: Life, { afterMs, begins, ends }: Turn): Promise<void> => {
  life.now = addMs(life.now, afterMs);
  const live = life.requests.filter(({ state }) => state === 'active');
  const over = live.filter(({ endsAt }, index) => ends[index] === true || (endsAt !== undefined && endsAt <= life.now));
  life.requests = life.requests.map((request) => (over.includes(request) ? { ...request, state: 'closing' } : request));
  for (const asked of begins) life.requests = [...life.requests, requestFor(life, asked)];
  const isAsked = life.requests.some(({ state }) => state === 'provisioning' || state === 'closing');
  if (isAsked || life.account.owed !== undefined) await converged(life);
};

/** What a look from afar shows: nobody counts passes there, nor sees when Entra ends a role. */
const fromAfar = (observed: Observed): Observed => {
  if (!observed.exists) return observed;
  const { passes: _, ...seen } = observed;
  return { ...seen, assignments: seen.assignments.map(({ id, role }) => ({ id, role })) };
};

const sightingOf = (life: Life, laterMs: number, changed: Partial<Sighting> = {}): Sighting => ({
  observed: life.observed,
  at: addMs(life.now, laterMs),
  upn: life.account.upn,
  ...changed,
});

const driftsAt = (life: Life, sighting: Sighting): readonly Drift[] =>
  driftOf(life.account, life.requests, sighting, { ...waysIn(life), now: sighting.at });

/** Something that somebody else does to the user, and as what it must be found. */
interface Deed {
  readonly changed: Partial<Sighting>;
  readonly found: readonly Drift[];
}

/** Whose the account is at this moment, and what for. */
type Standing = 'lent' | 'kept' | 'shut' | 'borrowed' | 'theirs';

const standingOf = ({ account, requests }: Life): Standing => {
  const isOpen = requests.some(isLive);
  if (account.kind === 'existing') return isOpen ? 'borrowed' : 'theirs';
  if (isOpen) return 'lent';
  return account.credential.use === 'kept' ? 'kept' : 'shut';
};

const wantedIn = ({ requests }: Life) => {
  const live = requests.filter(isLive);
  const held = live.flatMap(({ roles }) => roles.map(({ name }) => roleId(name)));
  return { roles: new Set(held), groups: new Set(live.flatMap(({ groups }) => groups.map(({ id }) => id))) };
};

/** Every single thing that somebody could do to the user. */
const deedsAgainst = (life: Life): readonly Deed[] => {
  const { observed } = life;
  if (!observed.exists) return [];
  const standing = standingOf(life);
  const isOurs = standing !== 'borrowed' && standing !== 'theirs';
  return [
    ...roleDeeds(life, observed, isOurs),
    ...groupDeeds(life, observed, isOurs),
    { changed: { observed: { ...observed, enabled: !observed.enabled } }, found: signInFound(standing) },
    { changed: { observed: untagged(observed) }, found: isOurs ? [{ kind: 'untagged' }] : [] },
    { changed: { observed: { ...observed, generation: 99 } }, found: isOurs ? [{ kind: 'password' }] : [] },
    { changed: { observed: { exists: false } }, found: standing === 'theirs' ? [] : [{ kind: 'deleted' }] },
    {
      changed: { upn: 'renamed@contoso.example' },
      found: isOurs ? [{ kind: 'renamed', to: 'renamed@contoso.example' }] : [],
    },
    { changed: { upn: life.account.upn.toUpperCase() }, found: [] },
  ];
};

const untagged = (observed: Existing): Observed => {
  const copy: { -readonly [K in keyof Existing]: Existing[K] } = { ...observed };
  delete copy.generation;
  return copy;
};

const signInFound = (standing: Standing): readonly Drift[] => {
  if (standing === 'lent' || standing === 'borrowed') return [{ kind: 'disabled' }];
  return standing === 'shut' ? [{ kind: 'open' }] : [];
};

const roleDeeds = (life: Life, observed: Existing, isOurs: boolean): readonly Deed[] => {
  const wanted = wantedIn(life).roles;
  const held = rolesHeld(observed);
  const without = (role: RoleId) => observed.assignments.filter((one) => one.role !== role);
  const foreign = roleId('somebody-elses');
  const assignments = [...observed.assignments, { id: 'foreign', role: foreign }];
  return [
    {
      changed: { observed: { ...observed, assignments } },
      found: isOurs ? [{ kind: 'extra', roles: [foreign], groups: [] }] : [],
    },
    ...[...held].map((role): Deed => ({
      changed: { observed: { ...observed, assignments: without(role) } },
      found: wanted.has(role) ? [{ kind: 'missing', roles: [role], groups: [] }] : [],
    })),
    ...observed.assignments.flatMap((one): readonly Deed[] => {
      // Where nobody can set an end, nobody can put one right.
      if (one.until === undefined || !life.powers.schedules) return [];
      // Further than the minute by which it may be off already, and the one by which it may be off at all.
      const moved = { ...one, until: addMs(one.until, 2 * MINUTE + 1) };
      // What a user had before us ends when it ends.
      const isGiven = life.account.grants.some(({ access }) => access.kind === 'role' && access.role === one.role);
      return [
        {
          changed: {
            observed: { ...observed, assignments: observed.assignments.with(observed.assignments.indexOf(one), moved) },
          },
          found: isOurs || isGiven ? [{ kind: 'other-end', roles: [one.role] }] : [],
        },
      ];
    }),
  ];
};

const groupDeeds = (life: Life, observed: Existing, isOurs: boolean): readonly Deed[] => {
  const wanted = wantedIn(life).groups;
  const foreign = directoryGroupId('g-9');
  return [
    {
      changed: { observed: { ...observed, groups: [...observed.groups, { id: foreign, roleAssignable: true }] } },
      found: isOurs ? [{ kind: 'extra', roles: [], groups: [foreign] }] : [],
    },
    ...[...groupsHeld(observed)].map((group): Deed => ({
      changed: { observed: { ...observed, groups: observed.groups.filter(({ id }) => id !== group) } },
      found: wanted.has(group) ? [{ kind: 'missing', roles: [], groups: [group] }] : [],
    })),
  ];
};

const anAsking: fc.Arbitrary<Asked> = fc.record({
  roles: someRoles,
  groups: someGroups,
  atEnd: fc.constantFrom('keep', 'disable', 'delete'),
  tap: fc.boolean(),
  durationMs: fc.constantFrom(HOUR, 2 * HOUR, 4 * HOUR),
  waits: fc.constantFrom(false, false, false, true),
});

const aTurn: fc.Arbitrary<Turn> = fc.record({
  // Right after one another, and far apart.
  afterMs: fc.constantFrom(1_000, 30_000, SETTLE_MS, 20 * MINUTE, 3 * HOUR),
  begins: fc.array(anAsking, { maxLength: 2 }),
  ends: fc.array(fc.boolean(), { maxLength: 4 }),
});

const aLife: fc.Arbitrary<Life> = fc
  .record({
    start: fc.constantFrom('dedicated', 'fresh', 'existing', 'adopted'),
    user: anyExisting,
    changesHolders: fc.boolean(),
    schedules: fc.boolean(),
    accessPass: fc.constantFrom(undefined, 'once', 'many'),
  })
  .map(({ start, user, changesHolders, schedules, accessPass }) => ({
    ...startOf(start, user),
    requests: [],
    now: NOON,
    powers: { changesHolders, schedules },
    ...(accessPass === undefined ? {} : { accessPass }),
  }));

const startOf = (
  start: 'dedicated' | 'fresh' | 'existing' | 'adopted',
  user: Existing,
): Pick<Life, 'account' | 'observed'> => {
  if (start === 'existing') {
    const credential = { use: 'own', generation: 0, sessionsRevoked: true } as const;
    const account = anAccount({ kind: start, creationSent: true, objectId: user.objectId, credential });
    return { account, observed: user };
  }
  if (start !== 'adopted') return { account: anAccount({ kind: start }), observed: { exists: false } };
  const credential = shutCredential((user.generation ?? 0) + 1);
  return {
    account: anAccount({ creationSent: true, objectId: user.objectId, credential, owed: 'disable', writtenAt: NOON }),
    // Whoever looks before shutting it looks for passes as well.
    observed: { ...user, passes: user.passes ?? [] },
  };
};

const lives = fc.tuple(aLife, fc.array(aTurn, { minLength: 1, maxLength: 6 }));

/** Everything that is there to be looked at, after each turn of a life. */
const live = async ([first, turns]: readonly [Life, readonly Turn[]], look: (life: Life) => void): Promise<void> => {
  const life = { ...first };
  for (const turn of turns) {
    await turned(life, turn);
    look(life);
  }
};

const hasPassed = (life: Life): boolean =>
  life.account.writtenAt !== undefined || life.requests.some(({ state }) => state !== 'approved');

describe('what our own passes leave', () => {
  it('is no drift, whenever and however closely somebody looks', async () => {
    const lookAt = fc.nat(50 * MINUTE);
    await fc.assert(
      fc.asyncProperty(lives, lookAt, async (one, laterMs) => {
        await live(one, (life) => {
          for (const observed of [life.observed, fromAfar(life.observed)]) {
            expect(driftsAt(life, sightingOf(life, laterMs, { observed }))).toEqual([]);
            expect(driftsAt(life, sightingOf(life, SETTLE_MS, { observed }))).toEqual([]);
          }
        });
      }),
      { numRuns: 400 },
    );
  });
});

describe('what anybody else does', () => {
  it('is found as what it is, once our own writes are old enough, and an existing user’s own things never are', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(lives, async (one) => {
        await live(one, (life) => {
          if (!hasPassed(life)) return;
          for (const { changed, found } of deedsAgainst(life)) {
            for (const { kind } of found) seen.add(`${standingOf(life)} ${kind}`);
            expect(driftsAt(life, sightingOf(life, SETTLE_MS, changed))).toEqual(found);
          }
        });
      }),
      { numRuns: 300 },
    );
    expect([...seen].toSorted()).toEqual(EVERY_FINDING);
  });

  it('is never found while a write of ours is young, or something of ours is under way', async () => {
    const underWay = fc.constantFrom<(request: AccessRequest, now: Date) => AccessRequest>(
      (request) => ({ ...request, state: 'closing' }),
      (request) => ({ ...request, state: 'provisioning' }),
      (request) => ({ ...request, reveal: 'none' }),
      (request, now) => ({ ...request, retryAt: addMs(now, MINUTE) }),
      (request, now) => ({ ...request, endsAt: now }),
    );
    await fc.assert(
      fc.asyncProperty(lives, fc.nat(SETTLE_MS - 1), underWay, async (one, youngMs, begin) => {
        await live(one, (life) => {
          const wroteAgo = life.now.getTime() - (life.account.writtenAt?.getTime() ?? life.now.getTime());
          const isYoung = life.account.writtenAt !== undefined && wroteAgo + youngMs < SETTLE_MS;
          const busy = { ...life, requests: life.requests.map((one) => (isLive(one) ? begin(one, life.now) : one)) };
          const isBusy = life.requests.some(isLive);
          const found: Drift[] = [];
          for (const { changed } of deedsAgainst(life)) {
            const young = isYoung ? driftsAt(life, sightingOf(life, youngMs, changed)) : [];
            const meanwhile = isBusy ? driftsAt(busy, sightingOf(life, SETTLE_MS, changed)) : [];
            found.push(...young, ...meanwhile);
          }
          expect(found).toEqual([]);
        });
      }),
      { numRuns: 200 },
    );
  });
});

const EVERY_FINDING: readonly string[] = [
  'borrowed deleted',
  'borrowed disabled',
  'borrowed missing',
  'borrowed other-end',
  ...['kept', 'lent', 'shut'].flatMap((standing) =>
    ['deleted', 'extra', 'password', 'renamed', 'untagged'].map((kind) => `${standing} ${kind}`),
  ),
  'lent disabled',
  'lent missing',
  'lent other-end',
  'shut open',
].toSorted();

describe('a user with our tag', () => {
  const user = { objectId: 'A-1' };

  it('is a stray where its account is unknown, or known to be another user', () => {
    expect(isStray(user, undefined, NOON)).toBe(true);
    expect(isStray(user, anAccount({ creationSent: true, objectId: 'b-2' }), NOON)).toBe(true);
    expect(isStray(user, anAccount(), NOON)).toBe(true);
  });

  it('is none where it is that account, was just being made, or may have been remade', () => {
    expect(isStray(user, anAccount({ creationSent: true, objectId: 'a-1' }), NOON)).toBe(false);
    expect(isStray(user, anAccount({ creationSent: true }), NOON)).toBe(false);
    const remade = anAccount({ creationSent: true, objectId: 'b-2', writtenAt: NOON });
    expect(isStray(user, remade, addMs(NOON, SETTLE_MS - 1))).toBe(false);
    expect(isStray(user, remade, addMs(NOON, SETTLE_MS))).toBe(true);
  });
});
