// What is offered before asking and what is decided on asking are the same: one property over random rules and asks.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupId, personId, ruleId } from '../../../src/engine/ids.js';
import type { Rule, Selector } from '../../../src/engine/rule.js';
import type { RoleId } from '../../../src/engine/ids.js';
import { NO_STANDING } from '../../../src/engine/organization.js';
import { consult } from '../../../src/flows/consult.js';
import { ORDINARY } from '../../../src/engine/access.js';
import { momentsOf, offerIn } from '../../../src/flows/offer.js';
import type { OfferDeps } from '../../../src/flows/offer.js';
import { HOUR } from '../../../src/lib/clock.js';
import { ok } from '../../../src/lib/result.js';
import {
  aPerson,
  aRule,
  aTenant,
  demanding,
  exactly,
  HELPDESK_ADMINISTRATOR,
  NOON,
  USER_ADMINISTRATOR,
} from '../../fakes/fixtures.js';

const READER = {
  ...HELPDESK_ADMINISTRATOR,
  id: 'aaaaaaaa-1111-4111-8111-111111111111' as RoleId,
  name: 'Message Reader',
};
const ROLES = [USER_ADMINISTRATOR, HELPDESK_ADMINISTRATOR, READER];

const TENANT = aTenant();
const TESS = aPerson({ id: personId('P-TESS') });

const selector: fc.Arbitrary<Selector<RoleId>> = fc.oneof(
  fc.constantFrom(...ROLES).map(exactly),
  fc.constantFrom('*', 'Message*', '*Administrator').map((pattern): Selector<RoleId> => ({ kind: 'pattern', pattern })),
);

const when = fc.option(
  fc.record({
    days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
    fromMinute: fc.integer({ min: 0, max: 1439 }),
    untilMinute: fc.integer({ min: 0, max: 1440 }),
    zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York'),
  }),
  { nil: undefined },
);

const anyRule: fc.Arbitrary<Rule> = fc
  .record({
    deny: fc.boolean(),
    mine: fc.boolean(),
    roles: fc.array(selector, { minLength: 1, maxLength: 2 }),
    when,
    longest: fc.integer({ min: 1, max: 8 }),
    ticket: fc.boolean(),
    rare: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ deny, mine, roles, when: window, longest, ticket, rare }) => {
    const base = aRule({
      id: ruleId(`L-${longest}-${rare}`),
      subjects: [{ kind: 'group', id: groupId(mine ? 'G-TECHS' : 'G-OTHERS') }],
      what: { roles, groups: [], templates: [] },
      demands: demanding({ longestMs: longest * HOUR, ...(ticket ? { ticket: {} } : {}) }),
    });
    const { demands, effect: _effect, ...head } = base;
    const timed = window === undefined ? head : { ...head, when: window };
    return deny && rare === 0 ? { ...timed, effect: 'deny' } : { ...timed, effect: 'allow', demands };
  });

/** Just what an offer reads. */
const depsWith = (rules: readonly Rule[]): OfferDeps =>
  ({
    clock: { now: () => NOON },
    settings: { owners: [] },
    directory: {
      roles: async () => ok(ROLES.map((role) => ({ ...role, privileged: role.id !== READER.id }))),
      groups: async () => ok([]),
    },
    config: {
      groups: { ofPeople: async () => [{ id: groupId('G-TECHS') }] },
      offices: { read: async () => ({ owners: [], dismissed: [], auditors: [] }) },
      organizations: { administeredBy: async () => NO_STANDING.adminOf },
      rules: { concerning: async () => rules },
      templates: { all: async () => [] },
    },
  }) as unknown as OfferDeps;

describe('an offer', () => {
  it('holds exactly what would not be refused: each thing at its moment, for as long as it says, with a ticket', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRule, { maxLength: 5 }), async (rules) => {
        const deps = depsWith(rules);
        const moments = await momentsOf(deps, TESS, TENANT);
        const offer = await offerIn(deps, TESS, TENANT, { manners: [ORDINARY], moments });
        const ask = (role: (typeof ROLES)[number], startsAt: Date, durationMs: number) => {
          const listed = { ...role, privileged: role.id !== READER.id };
          return consult(deps, TESS, {
            tenant: TENANT,
            roles: [listed],
            groups: [],
            ...ORDINARY,
            startsAt,
            durationMs,
            ticket: 'INC-1',
          });
        };
        for (const { thing, at, terms } of offer.roles) {
          // A denying window may begin while a longer access lasts; a short one ends before.
          expect((await ask(thing, at, 1)).kind).not.toBe('refuse');
          expect((await ask(thing, at, terms.longestMs + 1)).kind).toBe('refuse');
        }
        for (const role of ROLES.filter(({ id }) => offer.roles.every(({ thing }) => thing.id !== id))) {
          for (const moment of moments) expect((await ask(role, moment, HOUR)).kind).toBe('refuse');
        }
      }),
      { numRuns: 300 },
    );
  });
});
