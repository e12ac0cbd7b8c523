import type { Role } from '../../src/engine/access.js';
import type { Ask, Book } from '../../src/engine/decide.js';
import { groupId, organizationId, personId, roleId, ruleId, tenantId } from '../../src/engine/ids.js';
import type { GroupId, OrganizationId, TenantId } from '../../src/engine/ids.js';
import type { Person } from '../../src/engine/person.js';
import type { Rule, Selector, Subject, Where } from '../../src/engine/rule.js';
import { HOUR } from '../../src/lib/clock.js';
import { aPerson, aRule, demanding, exactly, NOON } from '../fakes/fixtures.js';

// Organizations as a provider has them, in words that other policy engines know, too: who, where, what, how long, deny.

/** `family*` or the name of one role. */
export interface PlainRule {
  readonly id: string;
  readonly deny: boolean;
  readonly group: string;
  /** Absent: in every tenant. */
  readonly tenant?: string;
  readonly family?: Family;
  readonly role?: string;
  readonly mostHours: number;
}

export interface Question {
  readonly person: string;
  readonly tenant: string;
  readonly role: string;
  readonly hours: number;
}

export interface PlainOrganization {
  readonly id: string;
  readonly rules: readonly PlainRule[];
  /** The groups that each person is in. */
  readonly people: ReadonlyMap<string, readonly string[]>;
  readonly questions: readonly Question[];
}

const FAMILIES = ['Exchange', 'Reports', 'Teams', 'Privileged'] as const;
export type Family = (typeof FAMILIES)[number];

/** How long a family's roles are lent: the same in every rule, because only ours takes the strictest of several. */
const MOST_HOURS: Readonly<Record<Family, number>> = { Exchange: 4, Reports: 8, Teams: 6, Privileged: 2 };

const ROLES_A_FAMILY = 4;
const TENANTS = 4;
const GROUPS = 6;
const PEOPLE = 20;
const ALLOWING = 32;
const DENYING = 8;
const QUESTIONS = 200;
const ORGANIZATIONS = 5;

export const familyOf = (role: string): Family => FAMILIES.find((family) => role.startsWith(family)) ?? 'Privileged';

export const isOrdinary = (role: string): boolean => familyOf(role) !== 'Privileged';

const ROLES: readonly string[] = FAMILIES.flatMap((family) =>
  Array.from({ length: ROLES_A_FAMILY }, (_, index) => `${family} Role ${index}`),
);

/** The same numbers in every run. */
const createDice = (seed: number): ((sides: number) => number) => {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
};

const organization = (index: number): PlainOrganization => {
  const dice = createDice(index + 1);
  const id = `org${index}`;
  const tenant = (): string => `${id}-tenant${dice(TENANTS)}`;
  const group = (): string => `${id}-group${dice(GROUPS)}`;
  const role = (): string => ROLES[dice(ROLES.length)] ?? '';
  const rule = (number: number): PlainRule => {
    const deny = number >= ALLOWING;
    const named = role();
    const family = familyOf(named);
    const what = dice(4) === 0 && isOrdinary(named) ? { family } : { role: named };
    const where = !deny && dice(5) === 0 ? {} : { tenant: tenant() };
    return { id: `${id}-rule${number}`, deny, group: group(), ...where, ...what, mostHours: MOST_HOURS[family] };
  };
  const people = Array.from({ length: PEOPLE }, (_, number) => {
    const groups = Array.from({ length: GROUPS }, (_none, each) => `${id}-group${each}`).filter(() => dice(3) === 0);
    return [`${id}-person${number}`, groups] as const;
  });
  return {
    id,
    rules: Array.from({ length: ALLOWING + DENYING }, (_, number) => rule(number)),
    people: new Map(people),
    questions: Array.from({ length: QUESTIONS }, () => ({
      person: `${id}-person${dice(PEOPLE)}`,
      tenant: tenant(),
      role: role(),
      hours: 1 + dice(6),
    })),
  };
};

export const organizations = (): readonly PlainOrganization[] =>
  Array.from({ length: ORGANIZATIONS }, (_, index) => organization(index));

const roleOf = (name: string): Role => ({ id: roleId(name), name, privileged: !isOrdinary(name) });

const ruleOf = (organizationIs: OrganizationId, plain: PlainRule): Rule => {
  const subjects: readonly Subject[] = [{ kind: 'group', id: groupId(plain.group) }];
  const where: readonly Where[] =
    plain.tenant === undefined ? [{ kind: 'all' }] : [{ kind: 'tenant', id: tenantId(plain.tenant) }];
  const selector: Selector<Role['id']> =
    plain.role === undefined ? { kind: 'pattern', pattern: `${plain.family}*` } : exactly(roleOf(plain.role));
  const head = { id: ruleId(plain.id), name: plain.id, organization: organizationIs, subjects, where };
  const what = { roles: [selector], groups: [], templates: [] };
  return plain.deny
    ? { ...head, what, effect: 'deny' }
    : aRule({ ...head, what, demands: demanding({ longestMs: plain.mostHours * HOUR }) });
};

export interface Case {
  readonly ask: Ask;
  readonly book: Book;
}

/** The same questions in Latchkey's own words. */
export const casesOf = ({ id, rules, people, questions }: PlainOrganization): readonly Case[] => {
  const organizationIs = organizationId(id);
  const ours = rules.map((plain) => ruleOf(organizationIs, plain));
  const known = new Map<string, { readonly person: Person; readonly memberOf: ReadonlySet<GroupId> }>(
    [...people].map(([name, groups]) => [
      name,
      { person: aPerson({ id: personId(name) }), memberOf: new Set(groups.map(groupId)) },
    ]),
  );
  const tenantOf = (name: string): { readonly id: TenantId; readonly organization: OrganizationId } => ({
    id: tenantId(name),
    organization: organizationIs,
  });
  return questions.flatMap(({ person, tenant, role, hours }) => {
    const asking = known.get(person);
    if (asking === undefined) return [];
    const ask: Ask = {
      requester: asking.person,
      tenant: tenantOf(tenant),
      roles: [roleOf(role)],
      groups: [],
      account: 'dedicated',
      atEnd: 'disable',
      tap: false,
      durationMs: hours * HOUR,
      startsAt: NOON,
    };
    return [{ ask, book: { rules: ours, memberOf: asking.memberOf } }];
  });
};
