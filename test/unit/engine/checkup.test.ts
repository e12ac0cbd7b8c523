import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { APP_PERMISSIONS } from '../../../src/engine/app-permissions.js';
import { changesBetween, examine, knownAfter, worstFirst } from '../../../src/engine/checkup.js';
import type { DirectoryFault } from '../../../src/engine/faults.js';
import type { Finding, Look } from '../../../src/engine/finding.js';
import type { Found, Inspection } from '../../../src/engine/inspection.js';
import { ABOVE_EVERYONE, USEFUL_ROLES } from '../../../src/engine/own-rights.js';
import { addMs, DAY, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { err, ok } from '../../../src/lib/result.js';
import { aTenant, NOON } from '../../fakes/fixtures.js';
import { readJson } from '../../repository.js';

/** A checklist tells people what to do about everything that is not right, and claims no power that was not seen. */

const CODES = [
  'directory.throttled',
  'directory.unavailable',
  'directory.forbidden',
  'directory.consent',
  'directory.credential',
  'directory.malformed',
  'directory.not-found',
] as const;

const fault: fc.Arbitrary<DirectoryFault> = fc.constantFrom(...CODES).map((code) => ({ code, detail: 'as it was' }));

const found = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Found<T>> =>
  fc.oneof({ weight: 4, arbitrary: value.map(ok) }, { weight: 1, arbitrary: fault.map(err) });

const PERMISSIONS = [...APP_PERMISSIONS.map(({ name }) => name), 'Policy.ReadWrite.AuthenticationMethod'];

const inspection: fc.Arbitrary<Inspection> = fc.record({
  at: fc.constant(NOON),
  token: found(fc.constant({ clientId: 'an-app' })),
  permissions: found(fc.subarray(PERMISSIONS)),
  principal: found(
    fc.record({
      objectId: fc.constant('a-principal'),
      roles: fc.subarray(Object.values(USEFUL_ROLES).map(({ id }): string => id)),
    }),
  ),
  passPolicy: found(
    fc.record({
      enabled: fc.boolean(),
      leastMinutes: fc.integer({ min: 10, max: 60 }),
      mostMinutes: fc.integer({ min: 60, max: 43_200 }),
      onceOnly: fc.boolean(),
      everybody: fc.boolean(),
    }),
  ),
  licences: found(
    fc.boolean().chain((p2) => fc.record({ p1: p2 ? fc.constant(true) : fc.boolean(), p2: fc.constant(p2) })),
  ),
  skewMs: found(fc.integer({ min: -10 * MINUTE, max: 10 * MINUTE })),
  throttling: fc.record({ refused: fc.nat(3), used: fc.double({ min: 0, max: 1, noNaN: true }) }),
  credentials: found(
    fc.option(
      fc.array(
        fc.record({
          kind: fc.constantFrom('secret' as const, 'certificate' as const),
          name: fc.constant('one'),
          expiresAt: fc.integer({ min: -40, max: 400 }).map((days) => addMs(NOON, days * DAY)),
        }),
      ),
      { nil: undefined },
    ),
  ),
  tagAttribute: found(fc.option(fc.boolean(), { nil: undefined })),
});

const look: fc.Arbitrary<Look> = fc.record({
  tenant: fc
    .constantFrom(undefined, 'once' as const, 'many' as const)
    .map((accessPass) => aTenant(accessPass === undefined ? {} : { accessPass })),
  inspection,
  domains: found(
    fc.array(
      fc.record({
        name: fc.constantFrom('contoso.example', 'other.example'),
        verified: fc.boolean(),
        managed: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
  ),
  ownApp: fc.boolean(),
  say: fc.constant(({ code }: DirectoryFault) => `it said ${code}`),
});

/** Everything granted, everything as it should be. */
const FINE: Look = {
  tenant: aTenant({ accessPass: 'many' }),
  inspection: {
    at: NOON,
    token: ok({ clientId: 'an-app' }),
    permissions: ok(PERMISSIONS),
    principal: ok({ objectId: 'a-principal', roles: [...ABOVE_EVERYONE] }),
    passPolicy: ok({ enabled: true, leastMinutes: 10, mostMinutes: 480, onceOnly: false, everybody: true }),
    licences: ok({ p1: true, p2: true }),
    skewMs: ok(0),
    throttling: { refused: 0, used: 0.1 },
    credentials: ok([{ kind: 'secret', name: 'one', expiresAt: addMs(NOON, 300 * DAY) }]),
    tagAttribute: ok(true),
  },
  domains: ok([{ name: 'contoso.example', verified: true, managed: true }]),
  ownApp: false,
  say: ({ code }) => code,
};

const lookWith = (parts: Partial<Inspection>, rest: Partial<Look> = {}): Look => ({
  ...FINE,
  ...rest,
  inspection: { ...FINE.inspection, ...parts },
});

const stateOf = (findings: readonly Finding[], check: string): Finding['state'] | undefined =>
  findings.find((finding) => finding.check === check)?.state;

const UNAVAILABLE = err({ code: 'directory.unavailable', detail: 'down' } as const);
const FORBIDDEN = err({ code: 'directory.forbidden', detail: 'no' } as const);

describe('whatever was found', () => {
  it('everything that is not right comes with something to do, and nothing that is right does', () => {
    fc.assert(
      fc.property(look, (seen) => {
        const { findings } = examine(seen);
        expect(findings.filter(({ says }) => !/\S\.$/u.test(says))).toEqual([]);
        expect(findings.filter(({ state, fix }) => (fix === undefined) !== (state === 'ok'))).toEqual([]);
        expect(findings.filter(({ fix }) => fix !== undefined && fix.length <= 15)).toEqual([]);
      }),
    );
  });

  it('every check is made once', () => {
    fc.assert(
      fc.property(look, (seen) => {
        const checks = examine(seen).findings.map(({ check }) => check);
        expect(new Set(checks).size).toBe(checks.length);
      }),
    );
  });

  it('no power is claimed that was not seen', () => {
    fc.assert(
      fc.property(look, (seen) => {
        const { token, principal, permissions, licences } = seen.inspection;
        const { changesHolders, schedules } = examine(seen).powers;
        const isAbove = token.ok && principal.ok && ABOVE_EVERYONE.some((id) => principal.value.roles.includes(id));
        expect(changesHolders).toBe(isAbove);
        const hasPim = licences.ok && licences.value.p2 && permissions.ok;
        expect(schedules && !(changesHolders && hasPim)).toBe(false);
      }),
    );
  });

  it('the same look twice is no change, and the worst comes first', () => {
    fc.assert(
      fc.property(look, (seen) => {
        const known = knownAfter([], examine(seen));
        expect(changesBetween(known, knownAfter(known, examine(seen)))).toEqual([]);
        const states = worstFirst(known).map(({ state }) => ['missing', 'warning', 'unknown', 'ok'].indexOf(state));
        expect(states).toEqual(states.toSorted((one, other) => one - other));
      }),
    );
  });
});

describe('a tenant in which all is well', () => {
  it('has nothing on its list to be done, and gives every power', () => {
    const { findings, powers } = examine(FINE);
    expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(findings.length).toBeGreaterThan(APP_PERMISSIONS.length + 5);
    expect(powers).toEqual({ changesHolders: true, schedules: true });
  });
});

describe('what is told', () => {
  const known = knownAfter([], examine(FINE));

  it('an outage is no change, and hides none that came with it', () => {
    const down = knownAfter(known, examine(lookWith({ token: UNAVAILABLE })));
    expect(changesBetween(known, down)).toEqual([]);
    expect(down.toSorted(byCheck)).toEqual([...known].toSorted(byCheck));
    const after = knownAfter(down, examine(lookWith({ principal: ok({ objectId: 'a-principal', roles: [] }) })));
    expect(changesBetween(down, after).map(({ finding }) => finding.check)).toEqual(['role', 'licence']);
  });

  it('a consent that is gone is one change, and so is its return', () => {
    const gone = knownAfter(known, examine(lookWith({ token: err({ code: 'directory.consent', detail: '' }) })));
    expect(changesBetween(known, gone)).toMatchObject([{ was: 'ok', finding: { check: 'token', state: 'missing' } }]);
    const back = knownAfter(gone, examine(FINE));
    expect(changesBetween(gone, back)).toMatchObject([{ was: 'missing', finding: { check: 'token', state: 'ok' } }]);
  });

  it('what may no longer be read is told', () => {
    const after = knownAfter(known, examine(lookWith({ licences: FORBIDDEN })));
    expect(changesBetween(known, after)).toMatchObject([
      { was: 'ok', finding: { check: 'licence', state: 'unknown' } },
    ]);
  });

  it('load that comes and goes is not', () => {
    const after = knownAfter(known, examine(lookWith({ throttling: { refused: 5, used: 1 } })));
    expect(stateOf(after, 'throttling')).toBe('warning');
    expect(changesBetween(known, after)).toEqual([]);
  });
});

const byCheck = (one: Finding, other: Finding): number => one.check.localeCompare(other.check);

describe('a check', () => {
  it.each([
    [60 * SECOND, 'ok'],
    [61 * SECOND, 'warning'],
    [-5 * MINUTE, 'warning'],
    [-5 * MINUTE - SECOND, 'missing'],
  ])('of a clock that is %d ms away says %s', (skew, state) => {
    expect(stateOf(examine(lookWith({ skewMs: ok(skew) })).findings, 'clock')).toBe(state);
  });

  it.each([
    ['many', true, 'missing'],
    ['many', false, 'missing'],
    [undefined, true, 'ok'],
  ] as const)('of access passes (%s wanted, the permission to enable them: %s) says %s', (accessPass, may, state) => {
    const passPolicy = ok({ enabled: false, leastMinutes: 60, mostMinutes: 480, onceOnly: false, everybody: true });
    const permissions = ok(may ? PERMISSIONS : APP_PERMISSIONS.map(({ name }) => name));
    const tenant = aTenant(accessPass === undefined ? {} : { accessPass });
    const finding = examine(lookWith({ passPolicy, permissions }, { tenant })).findings.find(
      ({ check }) => check === 'passes',
    );
    expect(finding?.state).toBe(state);
    expect(finding?.fix?.includes('--enable-passes') ?? false).toBe(accessPass !== undefined && may);
  });

  it('of a permission says more where its feature is in use', () => {
    const permissions = ok(PERMISSIONS.filter((name) => name !== 'UserAuthMethod-TAP.ReadWrite.All'));
    const check = 'permission:UserAuthMethod-TAP.ReadWrite.All';
    expect(stateOf(examine(lookWith({ permissions })).findings, check)).toBe('missing');
    expect(stateOf(examine(lookWith({ permissions }, { tenant: aTenant() })).findings, check)).toBe('warning');
  });

  it('of the role offers the app to take one only where it could', () => {
    const principal = ok({ objectId: 'a-principal', roles: [] });
    const offered = (permissions: readonly string[]): boolean =>
      examine(lookWith({ principal, permissions: ok(permissions) }))
        .findings.find(({ check }) => check === 'role')
        ?.fix?.includes('--take-role') ?? false;
    expect(offered(PERMISSIONS)).toBe(true);
    expect(offered(PERMISSIONS.filter((name) => name !== 'RoleManagement.ReadWrite.Directory'))).toBe(false);
  });
});

it('the permissions that are checked are those that the app asks for, in that order', async () => {
  const manifest = await readJson<{ readonly graph: readonly { readonly permission: string }[] }>(
    'manifests/entra-permissions.json',
  );
  expect(APP_PERMISSIONS.map(({ name }) => name)).toEqual(manifest.graph.map(({ permission }) => permission));
});
