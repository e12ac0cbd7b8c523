import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OWN_CREDENTIAL, SETTLE_MS } from '../../../src/engine/account.js';
import type { Account, Observed } from '../../../src/engine/account.js';
import { requestId } from '../../../src/engine/ids.js';
import { isLive } from '../../../src/engine/request.js';
import type { AccessRequest } from '../../../src/engine/request.js';
import { act } from '../../../src/flows/act.js';
import type { FlowDeps } from '../../../src/flows/deps.js';
import { Lease } from '../../../src/flows/lease.js';
import { addMs, HOUR, SECOND } from '../../../src/lib/clock.js';
import type { Clock } from '../../../src/lib/clock.js';
import { silentLog } from '../../../src/lib/log.js';
import { systemRandom } from '../../../src/lib/random.js';
import { redacted } from '../../../src/lib/redacted.js';
import { anyExisting, groupsHeld, passesHeld, rolesHeld, someGroups, someRoles } from '../../fakes/directory-model.js';
import { anAccount, anActiveRequest, aTenant, NOON } from '../../fakes/fixtures.js';
import { oneUserDirectory } from '../../fakes/one-user-directory.js';
import type { Luck, OneUserDirectory } from '../../fakes/one-user-directory.js';

/** Whole loans of an existing user, by the real passes, beside somebody else who changes the same user. */

type Existing = Extract<Observed, { exists: true }>;

/** A user that nobody has borrowed yet, holding each role once. */
const strangers: fc.Arbitrary<Existing> = anyExisting.map(({ generation: _none, ...user }) => ({
  ...user,
  assignments: user.assignments
    .filter(({ role }, index, all) => all.findIndex((other) => other.role === role) === index)
    .map(({ id, role }) => ({ id, role })),
  passes: (user.passes ?? []).slice(0, 1),
}));

/** What somebody else does to the user. */
type Meddling =
  | { readonly does: 'gives' | 'takes'; readonly role: string }
  | { readonly does: 'adds' | 'removes'; readonly group: string }
  | { readonly does: 'disables' };

const meddlings: fc.Arbitrary<Meddling | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.record({
    does: fc.constantFrom('gives' as const, 'takes' as const),
    role: fc.constantFrom('user-admin', 'helpdesk', 'exchange'),
  }),
  fc.record({
    does: fc.constantFrom('adds' as const, 'removes' as const),
    group: fc.constantFrom('g-1', 'g-2', 'g-3'),
  }),
  fc.constant({ does: 'disables' as const }),
);

/** What the user would be if nobody had ever borrowed it. */
interface Theirs {
  enabled: boolean;
  readonly roles: Set<string>;
  readonly groups: Set<string>;
}

const meddle = (desk: OneUserDirectory, theirs: Theirs, what: Meddling): void => {
  desk.change((state) => {
    if (!state.exists) return state;
    switch (what.does) {
      case 'gives':
        // What is there already cannot be given once more: whose it is does not change.
        if (rolesHeld(state).has(what.role as never)) return state;
        theirs.roles.add(what.role);
        return { ...state, assignments: [...state.assignments, { id: `x-${what.role}`, role: what.role as never }] };
      case 'takes':
        theirs.roles.delete(what.role);
        return { ...state, assignments: state.assignments.filter(({ role }) => String(role) !== what.role) };
      case 'adds':
        if (groupsHeld(state).has(what.group as never)) return state;
        theirs.groups.add(what.group);
        return { ...state, groups: [...state.groups, { id: what.group as never, roleAssignable: false }] };
      case 'removes':
        theirs.groups.delete(what.group);
        return { ...state, groups: state.groups.filter(({ id }) => String(id) !== what.group) };
      default:
        theirs.enabled = false;
        return { ...state, enabled: false };
    }
  });
};

const loans = fc.record({
  roles: someRoles,
  groups: someGroups,
  tap: fc.boolean(),
  /** Before the first read, between read and write, and while it is borrowed. */
  meddlings: fc.tuple(meddlings, meddlings, meddlings),
  /** Until the next loan begins. */
  restMs: fc.constantFrom(SECOND, SETTLE_MS + SECOND),
});

type Loan = typeof loans extends fc.Arbitrary<infer One> ? One : never;

const asked = ({ roles, groups, tap }: Loan, state: AccessRequest['state']): AccessRequest =>
  anActiveRequest({
    state,
    tap,
    accountKind: 'existing',
    atEnd: 'keep',
    id: requestId('R-1'),
    roles: roles.map((id) => ({ id, name: id })),
    groups: groups.map((id) => ({ id, name: id, roleAssignable: false })),
    endsAt: addMs(NOON, HOUR),
  });

const lendingDesk = (start: Observed, fates: () => Luck, lagMs: () => number) => {
  let now = NOON;
  const clock: Clock = { now: () => now };
  let between: () => void = () => {};
  const borrowed = { enabled: true, roles: [], groups: [], pass: false };
  const desk = oneUserDirectory(start, {
    clock,
    standing: { changesHolders: false, borrowed },
    luck: fates,
    meanwhile: () => {
      between();
      between = () => {};
    },
    lagMs,
  });
  let account: Account = anAccount({
    kind: 'existing',
    creationSent: true,
    objectId: 'known',
    credential: OWN_CREDENTIAL,
  });
  const accounts = {
    update: async (next: Account) => {
      account = next;
      return true;
    },
  };
  const vault = { seal: async () => 'sealed', open: async () => redacted('') };
  const deps = { clock, accounts, vault, random: systemRandom, log: silentLog, directory: desk.directory } as unknown;
  return {
    desk,
    pass: (ms: number) => (now = addMs(now, ms)),
    between: (hook: () => void) => (between = hook),
    account: () => account,
    round: (requests: readonly AccessRequest[]) =>
      act(
        deps as FlowDeps,
        new Lease(deps as FlowDeps, 1, account),
        { tenant: aTenant({ accessPass: 'many' }), powers: { changesHolders: false, schedules: false } },
        requests.map((request) => ({ request, version: 1, ledger: [] })),
      ),
  };
};

const theirsIn = (state: Existing): Theirs => ({
  enabled: state.enabled,
  roles: new Set(rolesHeld(state)),
  groups: new Set(groupsHeld(state)),
});

/** An end that no read confirms is a loan for ever. */
const MOST_ROUNDS = 12;

const giveBack = async (lending: ReturnType<typeof lendingDesk>, loan: Loan): Promise<boolean> => {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    await lending.round([asked(loan, 'closing')]);
    if (lending.account().before?.restedAt !== undefined) return true;
    lending.pass(SETTLE_MS);
  }
  return false;
};

const expectLendings = async (
  start: Existing,
  all: readonly Loan[],
  fates: () => Luck,
  lagMs: () => number = () => 0,
): Promise<void> => {
  const lending = lendingDesk(start, fates, lagMs);
  const theirs = theirsIn(start);
  for (const loan of all) {
    const [first, between, during] = loan.meddlings;
    if (first !== undefined) meddle(lending.desk, theirs, first);
    if (between !== undefined) lending.between(() => meddle(lending.desk, theirs, between));
    await lending.round([asked(loan, 'provisioning')]);
    lending.pass(10 * SECOND);
    if (during !== undefined) meddle(lending.desk, theirs, during);
    await lending.round([asked(loan, 'active')].filter(isLive));
    lending.pass(10 * SECOND);
    expect(await giveBack(lending, loan)).toBe(true);
    const state = lending.desk.state();
    expect(state).toMatchObject({ exists: true, enabled: theirs.enabled });
    expect([...rolesHeld(state)].toSorted()).toEqual([...theirs.roles].toSorted());
    expect([...groupsHeld(state)].toSorted()).toEqual([...theirs.groups].toSorted());
    expect(passesHeld(state).filter((id) => id.startsWith('p-new'))).toEqual([]);
    lending.pass(loan.restMs);
  }
};

describe('an existing user who is lent', () => {
  // The directory model refuses its creation, its deletion and any password of ours.
  it('is in the end what it would be without us, whatever others do to it meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(strangers, fc.array(loans, { minLength: 1, maxLength: 3 }), (start, all) =>
        expectLendings(start, all, () => 'done'),
      ),
      { numRuns: 500 },
    );
  });

  it('is in the end as it was, whatever writes fail, go unanswered, or are slow to be seen', async () => {
    const fates = fc.array(fc.constantFrom<Luck[]>('done', 'done', 'refused', 'lost', 'dropped'), { maxLength: 12 });
    const lags = fc.array(fc.constantFrom(0, SECOND, 100 * SECOND), { maxLength: 12 });
    const quiet = loans.map((loan): Loan => ({ ...loan, meddlings: [undefined, undefined, undefined] }));
    await fc.assert(
      fc.asyncProperty(
        strangers,
        fc.array(quiet, { minLength: 1, maxLength: 2 }),
        fates,
        lags,
        (start, all, luck, lag) => {
          const [fate, age] = [[...luck], [...lag]];
          return expectLendings(
            start,
            all,
            () => fate.shift() ?? 'done',
            () => age.shift() ?? 0,
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});
