import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DirectoryGroup } from '../../../src/engine/access.js';
import type { Account, Credential, Grant, Pass } from '../../../src/engine/account.js';
import { credentialNeeded, desired, passNeeded, wantsReissue } from '../../../src/engine/desired.js';
import type { Ways } from '../../../src/engine/desired.js';
import { accountId, directoryGroupId, requestId, roleId, unitId } from '../../../src/engine/ids.js';
import { plan } from '../../../src/engine/plan.js';
import { NO_POWERS } from '../../../src/engine/powers.js';
import { isLive } from '../../../src/engine/request.js';
import type { AccessRequest, RequestState } from '../../../src/engine/request.js';
import { addMs, HOUR } from '../../../src/lib/clock.js';
import { anyAccount, anyRequest } from '../../fakes/arbitraries.js';
import { anyExisting, someRoles } from '../../fakes/directory-model.js';
import {
  anAccount,
  anActiveRequest,
  aRequest,
  HELPDESK_ADMINISTRATOR,
  NOON,
  USER_ADMINISTRATOR,
} from '../../fakes/fixtures.js';

const HELPDESK = HELPDESK_ADMINISTRATOR.id;
const USERS = USER_ADMINISTRATOR.id;
const MAIL: DirectoryGroup = { id: directoryGroupId('g-mail'), name: 'Mail operators', roleAssignable: false };
const VAULT: DirectoryGroup = { id: directoryGroupId('g-vault'), name: 'Tier 1 admins', roleAssignable: true };

const SHUT: Credential = { use: 'shut', generation: 4, sessionsRevoked: true };
const KEPT: Credential = { use: 'kept', generation: 5, sessionsRevoked: true };
const BLIND: Credential = { use: 'blind', generation: 5, sessionsRevoked: true };
const OWN: Credential = { use: 'own', generation: 0, sessionsRevoked: true };
const LENT: Credential = { use: 'lent', generation: 5, sessionsRevoked: true, request: requestId('R-7K2M') };

/** The plainest: no access passes, no roles for a time, an app that is no more than User Administrator. */
const PLAIN: Ways = { now: NOON, powers: NO_POWERS };
const WITH_PASSES: Ways = { ...PLAIN, accessPass: 'many' };
const WITH_SCHEDULES: Ways = { ...PLAIN, powers: { ...NO_POWERS, schedules: true } };

const STATES: readonly RequestState[] = [
  'pending',
  'approved',
  'provisioning',
  'active',
  'closing',
  'closed',
  'denied',
  'cancelled',
  'lapsed',
];

describe('what an account should be', () => {
  it.each(STATES)('owes something to a request that is %s only while its access is live', (state) => {
    const live = state === 'provisioning' || state === 'active';
    expect(desired(anAccount(), [aRequest({ state })], PLAIN)).toMatchObject({
      user: live ? 'open' : 'shut',
      roles: live ? [{ role: USERS }] : [],
    });
  });

  it('is all that its live requests ask for, each role once, and nothing of those that end', () => {
    const requests = [
      anActiveRequest({ roles: [USER_ADMINISTRATOR, HELPDESK_ADMINISTRATOR] }),
      anActiveRequest({ id: requestId('R-0002'), roles: [HELPDESK_ADMINISTRATOR], state: 'provisioning' }),
      anActiveRequest({
        id: requestId('R-0003'),
        roles: [{ id: roleId('exchange'), name: 'Exchange' }],
        state: 'closing',
      }),
    ];
    expect(desired(anAccount(), requests, PLAIN)).toMatchObject({
      user: 'open',
      roles: [{ role: USERS }, { role: HELPDESK }],
    });
    expect(desired(anAccount(), requests.slice(1), PLAIN)).toMatchObject({ user: 'open', roles: [{ role: HELPDESK }] });
    expect(desired(anAccount(), requests.slice(2), PLAIN)).toMatchObject({ user: 'shut', roles: [] });
  });

  it('owes nothing to the requests of another account', () => {
    expect(desired(anAccount({ id: accountId('fabrikam/P-DANA') }), [anActiveRequest()], PLAIN)).toMatchObject({
      user: 'shut',
      roles: [],
    });
  });

  it('is in each group that a live request asks for, once', () => {
    const requests = [
      anActiveRequest({ groups: [MAIL, VAULT] }),
      anActiveRequest({ id: requestId('R-0002'), groups: [MAIL] }),
    ];
    expect(desired(anAccount(), requests, PLAIN).groups).toEqual([MAIL.id, VAULT.id]);
    expect(desired(anAccount(), requests.slice(1), PLAIN).groups).toEqual([MAIL.id]);
    expect(desired(anAccount(), [], PLAIN).groups).toEqual([]);
  });

  it('never has a role or a group without sign-in, whatever its requests are', () => {
    fc.assert(
      fc.property(fc.array(anyRequest, { maxLength: 5 }), (requests) => {
        const account = anAccount();
        const wanted = desired(
          account,
          requests.map((request) => ({ ...request, account: account.id })),
          PLAIN,
        );
        expect(wanted.user === 'open' || wanted.roles.length + wanted.groups.length === 0).toBe(true);
      }),
    );
  });

  it('lets a request end without taking a role that another one still needs', () => {
    fc.assert(
      fc.property(anyExisting, someRoles, someRoles, (found, ending, staying) => {
        // A pass that nobody asked for would have to be taken from a user who holds no role.
        const observed = { ...found, enabled: true, generation: LENT.generation, passes: [] };
        const named = (roles: typeof ending) => roles.map((id) => ({ id, name: id }));
        const requests = [
          anActiveRequest({ state: 'closing', roles: named(ending) }),
          anActiveRequest({ id: requestId('R-0002'), roles: named(staying) }),
        ];
        const wanted = desired(anAccount({ credential: LENT }), requests, PLAIN);
        const held = observed.assignments.filter(({ role }) => staying.includes(role));
        const taken = plan(observed, wanted).flatMap((step) => (step.do === 'unassign' ? [step.assignment] : []));
        // Of a role that is held twice one assignment may go; one must stay.
        for (const role of new Set(held.map((assignment) => assignment.role))) {
          const assignments = held.filter((assignment) => assignment.role === role);
          expect(assignments.filter(({ id }) => !taken.includes(id))).toHaveLength(1);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a credential', () => {
  const needed = (credential: Credential, requests: readonly AccessRequest[]) =>
    credentialNeeded(anAccount({ credential }), requests, PLAIN);

  it('is lent when somebody needs the account, shut when nobody does, and otherwise left as it is', () => {
    expect(needed(SHUT, [])).toBeUndefined();
    expect(needed(SHUT, [aRequest({ state: 'provisioning' })])).toBe('lent');
    expect(needed(LENT, [])).toBe('shut');
    expect(needed(LENT, [anActiveRequest({ state: 'closing' })])).toBe('shut');
    expect(needed(LENT, [anActiveRequest({ reveal: 'taken' })])).toBeUndefined();
  });

  it('that is live is joined by another request, not changed under its holder', () => {
    const joining = aRequest({ id: requestId('R-0002'), state: 'provisioning' });
    expect(needed(LENT, [anActiveRequest({ reveal: 'taken' }), joining])).toBeUndefined();
    expect(needed(LENT, [anActiveRequest({ state: 'closing' }), joining])).toBeUndefined();
  });

  it('that is kept is what its technician knows until somebody needs another', () => {
    const keeping = anActiveRequest({ state: 'closing', atEnd: 'keep' });
    expect(needed(LENT, [keeping])).toBe('kept');
    expect(needed(KEPT, [keeping])).toBeUndefined();
    expect(needed(KEPT, [])).toBeUndefined();
    expect(needed(KEPT, [aRequest({ state: 'provisioning' })])).toBe('lent');
    expect(needed(KEPT, [anActiveRequest({ state: 'closing' })])).toBe('shut');
    expect(needed(SHUT, [keeping])).toBeUndefined();
  });

  it('is changed when its holder asked for another', () => {
    expect(needed(LENT, [anActiveRequest({ reveal: 'none' })])).toBe('lent');
  });
});

const id = accountId('contoso/P-DANA');

/** Any requests that could ever stand on one account, whatever they ask for and wherever they are. */
const anyRequests: fc.Arbitrary<AccessRequest[]> = fc
  .array(
    fc.record({
      state: fc.constantFrom(...STATES),
      tap: fc.boolean(),
      reveal: fc.constantFrom('none', 'offered', 'taken', 'shared', 'own'),
      atEnd: fc.constantFrom('keep', 'disable', 'delete'),
      roles: fc.subarray([USER_ADMINISTRATOR, HELPDESK_ADMINISTRATOR]),
      endsAt: fc.constantFrom(1, 2, 3).map((hours) => addMs(NOON, hours * HOUR)),
    }),
    { maxLength: 4 },
  )
  .map((all) => all.map((each, index) => anActiveRequest({ ...each, account: id, id: requestId(`R-${index}`) })));

const credentials = fc.constantFrom(SHUT, KEPT, BLIND, LENT);

const ISSUED = { id: 'p-1', endsAt: addMs(NOON, HOUR) };

const passes: fc.Arbitrary<Pass | undefined> = fc.constantFrom<(Pass | undefined)[]>(
  undefined,
  { request: requestId('R-0'), number: 1 },
  { request: requestId('R-0'), number: 1, issued: ISSUED },
  { request: requestId('R-0'), number: 1, refused: true },
);

const accountOf = (credential: Credential, pass?: Pass, overrides: Partial<Account> = {}): Account =>
  anAccount({ id, credential, ...(pass === undefined ? {} : { pass }), ...overrides });

/** An account of ours in any state, for any requests. */
const ours = fc
  .record({ credential: credentials, pass: passes, kind: fc.constantFrom('dedicated', 'fresh') })
  .map(({ credential, pass, kind }) => accountOf(credential, pass, { kind }));

const lent = fc
  .record({ credential: fc.constantFrom(OWN, { ...OWN, sessionsRevoked: false }), pass: passes })
  .map(({ credential, pass }) => accountOf(credential, pass, { kind: 'existing' }));

const ways: fc.Arbitrary<Ways> = fc
  .record({
    powers: fc.record({ changesHolders: fc.boolean(), schedules: fc.boolean() }),
    accessPass: fc.constantFrom(undefined, 'once', 'many'),
  })
  .map(({ powers, accessPass }) => ({ now: NOON, powers, ...(accessPass === undefined ? {} : { accessPass }) }));

/** The account as it is once what it needs is decided on. */
const decided = (account: Account, requests: readonly AccessRequest[], known: Ways): Account => {
  const use = credentialNeeded(account, requests, known);
  const next = { generation: account.credential.generation + 1, sessionsRevoked: false };
  const credential: Credential =
    use === undefined
      ? account.credential
      : use === 'lent'
        ? { ...next, use, request: requestId('R-0') }
        : { ...next, use };
  const chosen = { ...account, credential };
  const borrower = passNeeded(chosen, requests, known);
  return borrower === undefined ? chosen : { ...chosen, pass: { request: borrower.id, number: 2 } };
};

/** The same once its password is set and its pass issued, and whoever waited was told. */
const settled = (account: Account, requests: readonly AccessRequest[]): [Account, AccessRequest[]] => [
  {
    ...account,
    // Those of an existing user stand until the loan is over.
    credential: { ...account.credential, sessionsRevoked: account.kind !== 'existing' || !requests.some(isLive) },
    ...(account.pass === undefined || account.pass.refused ? {} : { pass: { ...account.pass, issued: ISSUED } }),
  },
  requests.map((request) =>
    request.state === 'provisioning' || wantsReissue(request)
      ? { ...request, state: 'active', reveal: 'offered' as const }
      : request,
  ),
];

const RUNS = { numRuns: 1_000 };

describe('a credential, whatever the requests', () => {
  it('is decided on once: what was decided serves, before and after it is set', () => {
    fc.assert(
      fc.property(fc.oneof(ours, lent), anyRequests, ways, (account, requests, known) => {
        const [after, told] = settled(decided(account, requests, known), requests);
        expect(credentialNeeded(after, told, known)).toBeUndefined();
        expect(passNeeded(after, told, known)).toBeUndefined();
      }),
      RUNS,
    );
  });

  it('lets everybody in who may be in: behind a password that somebody can be told, or with a pass', () => {
    fc.assert(
      fc.property(ours, anyRequests, ways, (account, requests, known) => {
        fc.pre(requests.some(isLive));
        const { credential, pass } = decided(account, requests, known);
        expect(['lent', 'blind']).toContain(credential.use);
        const hasPass = pass !== undefined && pass.refused === undefined;
        expect(credential.use === 'lent' || hasPass).toBe(true);
      }),
      RUNS,
    );
  });

  it('is a pass only where every live request asked for one, the tenant gives them and has refused none', () => {
    fc.assert(
      fc.property(ours, anyRequests, ways, (account, requests, known) => {
        if (credentialNeeded(account, requests, known) !== 'blind') return;
        expect(requests.filter(isLive).every(({ tap }) => tap)).toBe(true);
        expect(known.accessPass).toBeDefined();
        expect(account.pass?.refused).toBeUndefined();
      }),
      RUNS,
    );
  });

  it('that somebody holds is changed under nobody but whoever asked for another', () => {
    fc.assert(
      fc.property(ours, anyRequests, ways, (account, requests, known) => {
        const { use } = account.credential;
        fc.pre((use === 'lent' || use === 'blind') && requests.some(isLive) && account.pass?.refused !== true);
        fc.pre(!requests.some(wantsReissue));
        expect(credentialNeeded(account, requests, known)).toBeUndefined();
        expect(account.pass && passNeeded(account, requests, known)).toBeUndefined();
      }),
      RUNS,
    );
  });

  it('falls back to a password as soon as a pass is refused', () => {
    fc.assert(
      fc.property(anyRequests, ways, (requests, known) => {
        fc.pre(requests.some(isLive));
        const refused = accountOf(BLIND, { request: requestId('R-0'), number: 1, refused: true });
        expect(credentialNeeded(refused, requests, known)).toBe('lent');
        expect(decided(refused, requests, known).pass?.refused).toBe(true);
        expect(desired(decided(refused, requests, known), requests, known).pass).toEqual({ kind: 'none' });
      }),
    );
  });

  it('of an existing user is never one of ours, and its sessions stand for as long as it is borrowed', () => {
    fc.assert(
      fc.property(lent, anyRequests, ways, (account, requests, known) => {
        expect(['own', undefined]).toContain(credentialNeeded(account, requests, known));
        const after = decided(account, requests, known);
        const wanted = desired(after, requests, known);
        const isLent = requests.some(isLive);
        expect(wanted.borrowed).toBeDefined();
        expect(wanted.user).toBe(isLent ? 'open' : 'returned');
        expect(wanted.revokeSessions).toBe(!isLent && !after.credential.sessionsRevoked);
      }),
      RUNS,
    );
  });

  it('of an existing user is a pass only for whoever asked for one', () => {
    fc.assert(
      fc.property(lent, anyRequests, ways, (account, requests, known) => {
        const asks = requests.some((request) => isLive(request) && request.tap) && known.accessPass !== undefined;
        fc.pre(!asks);
        expect(passNeeded(account, requests, known)).toBeUndefined();
        expect(desired(account, requests, known).pass).toEqual({ kind: 'none' });
      }),
      RUNS,
    );
  });

  it('is no pass behind a password that somebody knows', () => {
    fc.assert(
      fc.property(anyRequests, passes, ways, (requests, pass, known) => {
        const account = accountOf(LENT, pass);
        expect(passNeeded(account, requests, known)).toBeUndefined();
        expect(desired(account, requests, known).pass).toEqual({ kind: 'none' });
      }),
    );
  });

  it('leaves no pass to an account that nobody needs', () => {
    fc.assert(
      fc.property(fc.oneof(ours, lent), anyRequests, ways, (account, requests, known) => {
        fc.pre(!requests.some(isLive));
        expect(passNeeded(account, requests, known)).toBeUndefined();
        expect(desired(account, requests, known).pass).toEqual({ kind: 'none' });
      }),
      RUNS,
    );
  });

  it('that is a pass holds until the last of those it is for has ended', () => {
    const asking = (request: string, hours: number) =>
      anActiveRequest({ id: requestId(request), account: id, tap: true, endsAt: addMs(NOON, hours * HOUR) });
    const account = accountOf(BLIND, { request: requestId('R-1'), number: 1 });
    const requests = [asking('R-1', 1), asking('R-2', 3)];
    expect(desired(account, requests, { ...WITH_PASSES, accessPass: 'once' }).pass).toEqual({
      kind: 'issued',
      until: addMs(NOON, 3 * HOUR),
      once: true,
    });
    const issued = { ...account, pass: { request: requestId('R-1'), number: 1, issued: ISSUED } };
    expect(desired(issued, requests, WITH_PASSES).pass).toEqual({ kind: 'kept', id: 'p-1' });
  });
});

describe('a role for a time', () => {
  const ending = (request: string, hours: number) =>
    anActiveRequest({ id: requestId(request), endsAt: addMs(NOON, hours * HOUR) });

  it('ends with the last request that needs it, and never by itself where the tenant has no such roles', () => {
    const requests = [ending('R-1', 1), ending('R-2', 3), ending('R-3', 2)];
    expect(desired(anAccount(), requests, WITH_SCHEDULES).roles).toEqual([
      { role: USERS, until: addMs(NOON, 3 * HOUR) },
    ]);
    expect(desired(anAccount(), requests, PLAIN).roles).toEqual([{ role: USERS }]);
  });

  it('lasts, while it is being prepared, as if it were ready now, and no longer than the end that was named', () => {
    const preparing = aRequest({ state: 'provisioning', durationMs: HOUR });
    expect(desired(anAccount(), [preparing], WITH_SCHEDULES).roles).toEqual([
      { role: USERS, until: addMs(NOON, HOUR) },
    ]);
    const named = { ...preparing, endsBy: addMs(NOON, 30_000) };
    expect(desired(anAccount(), [named], WITH_SCHEDULES).roles).toEqual([{ role: USERS, until: addMs(NOON, 30_000) }]);
  });

  it('that is confined to a unit is another than the same role in the whole directory', () => {
    const confined = { ...USER_ADMINISTRATOR, unit: { id: unitId('u-7'), name: 'Branch offices' } };
    const requests = [anActiveRequest({ roles: [USER_ADMINISTRATOR, confined] })];
    expect(desired(anAccount(), requests, PLAIN).roles).toEqual([
      { role: USERS },
      { role: roleId(`${USERS}@/administrativeUnits/u-7`) },
    ]);
  });
});

describe('what may be taken from an existing user', () => {
  const given: readonly Grant[] = [
    { access: { kind: 'role', role: USERS }, at: NOON },
    { access: { kind: 'role', role: HELPDESK }, at: NOON },
    { access: { kind: 'group', group: MAIL.id }, at: NOON },
    { access: { kind: 'group', group: VAULT.id }, at: NOON },
  ];

  it('is what is on record as given and was not there before', () => {
    const before = { enabled: false, roles: [USERS], groups: [VAULT.id] };
    const account = anAccount({ kind: 'existing', credential: OWN, grants: given, before });
    expect(desired(account, [], PLAIN).borrowed).toEqual({
      enabled: false,
      roles: [HELPDESK],
      groups: [MAIL.id],
      pass: false,
    });
  });

  it('is nothing of one that was never looked at, and nobody disables that one', () => {
    const account = anAccount({ kind: 'existing', credential: OWN });
    expect(desired(account, [], PLAIN).borrowed).toEqual({ enabled: true, roles: [], groups: [], pass: false });
  });

  it('is not said of an account of ours, from which everything may be taken', () => {
    fc.assert(
      fc.property(anyAccount, fc.array(anyRequest, { maxLength: 3 }), (account, requests) => {
        expect(desired(account, requests, PLAIN).borrowed === undefined).toBe(account.kind !== 'existing');
      }),
    );
  });
});
