/** What the request form is filled with, and what that comes to among what is on offer. */
import type { AdministrativeUnit, ExistingUser, Role } from '../engine/access.js';
import { defaultAmong } from '../engine/template.js';
import { roleMeant } from '../engine/role-meant.js';
import type { Template } from '../engine/template.js';
import { ordinaryIn } from '../engine/access.js';
import type { Manner } from '../engine/access.js';
import type { Offered, OpenTenant, TenantOffer } from '../flows/offer.js';
import { endFor } from '../flows/holder.js';
import { splitRole } from '../flows/role-names.js';
import type { RequestOptions } from './command.js';
import { listIn, textIn } from './form-values.js';
import { readAccount, readAtEnd, userIn } from './manner.js';
import type { FormValues } from './speaker.js';

/** What the form is filled with so far; `tenant` and `template` are ids. */
export interface RequestEntries extends RequestOptions {
  readonly tenant?: string;
}

export const UNTIL = 'until ';

/** Chosen where somebody wants none, so that the default does not come back. */
export const NO_TEMPLATE = '-';

export const entriesIn = (values: FormValues): RequestEntries => {
  const texts = Object.fromEntries(
    (['tenant', 'template', 'ticket', 'reason', 'first', 'last'] as const).flatMap((name) => {
      const text = textIn(values, name);
      return text === undefined ? [] : [[name, text]];
    }),
  ) as Pick<RequestEntries, 'tenant' | 'template' | 'ticket' | 'reason' | 'first' | 'last'>;
  const duration = textIn(values, 'duration');
  const start = textIn(values, 'start');
  const atEnd = textIn(values, 'new-end') ?? textIn(values, 'at-end');
  const userName = textIn(values, 'user-name');
  const userDomain = textIn(values, 'user-domain');
  const credential = textIn(values, 'credential');
  const account = accountIn(values);
  const groups = listIn(values, 'groups');
  return {
    role: listIn(values, 'roles').map((role) => confinedIn(values, role)),
    ...(groups.length === 0 ? {} : { group: groups }),
    ...texts,
    ...(account === undefined ? {} : { account }),
    ...(userName === undefined ? {} : { userName }),
    ...(userDomain === undefined ? {} : { userDomain }),
    ...(credential === undefined ? {} : { tap: credential === 'pass' }),
    ...(atEnd === undefined ? {} : { atEnd }),
    ...(duration === undefined ? {} : lasting(duration)),
    ...(start === undefined || /^now$/iu.test(start) ? {} : { from: start }),
  };
};

/** `existing:ID` where a user is chosen. */
const accountIn = (values: FormValues): string | undefined => {
  const account = textIn(values, 'account');
  const user = textIn(values, 'user');
  return account === 'existing' && user !== undefined ? `existing:${user}` : account;
};

export const WHOLE_DIRECTORY = '-';

/** The field that says where a role holds: its name is the role's id, in the letters that such names are made of. */
export const unitField = (role: string): string =>
  `unit-${role.toLowerCase().replaceAll(/\d/gu, (digit) => 'ghijklmnop'.charAt(Number(digit)))}`;

const confinedIn = (values: FormValues, role: string): string => {
  const unit = textIn(values, unitField(role));
  return unit === undefined || unit === WHOLE_DIRECTORY || role.includes('@') ? role : `${role}@${unit}`;
};

const lasting = (duration: string): Pick<RequestOptions, 'for' | 'until'> =>
  duration.startsWith(UNTIL) ? { until: duration.slice(UNTIL.length) } : { for: duration };

/** What the form offers to one person. */
export interface Offer {
  readonly open: readonly OpenTenant[];
  /** The tenant that the entries name, or the only one, with what may be asked for in it. */
  readonly chosen?: Chosen;
}

export interface Chosen extends TenantOffer {
  readonly rules: OpenTenant['rules'];
  readonly template?: Template;
  /** Those to which a role can be confined; none while no role is chosen. */
  readonly units: readonly AdministrativeUnit[];
  /** Whom the person may borrow there. */
  readonly users: readonly ExistingUser[];
  /** Under which new users can be made. */
  readonly domains: readonly string[];
}

export const tenantChosen = (open: readonly OpenTenant[], { tenant }: RequestEntries): OpenTenant | undefined =>
  open.find((candidate) => candidate.tenant.id === tenant) ?? (open.length === 1 ? open[0] : undefined);

/** The template that was chosen; where none was, and nothing else either, the default one. */
export const templateChosen = (
  { tenant, templates }: TenantOffer,
  { template: asked, role, group = [] }: RequestEntries,
): Template | undefined => {
  const offered = templates.map(({ thing }) => thing);
  if (asked !== undefined) return offered.find(({ id }) => id === asked);
  return role.length + group.length > 0 ? undefined : defaultAmong(offered, tenant);
};

/** How the form would have it asked for; what does not go together is not asked for. */
export const mannerOf = (
  { tenant, template }: Pick<Chosen, 'tenant' | 'template'>,
  entries: RequestEntries,
): Manner => {
  const usual = template ?? ordinaryIn(tenant);
  const said = readAccount(entries.account);
  const account = (said.ok ? said.value : undefined) ?? usual.account;
  const atEnd = readAtEnd(entries.atEnd);
  const wanted = (atEnd.ok ? atEnd.value : undefined) ?? usual.atEnd;
  return { account, atEnd: endFor(account, wanted), tap: entries.tap ?? usual.tap };
};

/** The user who is chosen among those who may be borrowed: by id, or as a command named them. */
export const userChosen = ({ users }: Pick<Chosen, 'users'>, entries: RequestEntries): ExistingUser | undefined => {
  const named = userIn(entries.account)?.toLowerCase();
  if (named === undefined) return undefined;
  return users.find(({ id, upn, name }) => [id.toLowerCase(), upn.toLowerCase(), name.toLowerCase()].includes(named));
};

export interface Named {
  readonly id: string;
  readonly name: string;
}

/** Those among what is on offer that are named by id or by name; where nothing is named, the template's. */
export const thingsChosen = (chosen: Chosen, { role, group = [] }: RequestEntries) => {
  const { template } = chosen;
  const filled = role.length + group.length === 0 ? template : undefined;
  return {
    roles: filled?.roles ?? rolesAmong(withThose(chosen.roles, template?.roles), chosen.units, role),
    groups: filled?.groups ?? namedAmong(withThose(chosen.groups, template?.groups), group),
  };
};

/** What is on offer by itself, and what the template holds. */
export const withThose = <T extends Named>(offered: readonly Offered<T>[], held: readonly T[] = []): readonly T[] => [
  ...new Map([...offered.map(({ thing }) => thing), ...held].map((thing) => [valueOf(thing), thing])).values(),
];

/** What stands for a thing among the choices; a role in a unit is another choice than in the whole directory. */
export const valueOf = ({ id, unit }: Named & Pick<Role, 'unit'>): string =>
  unit === undefined ? id : `${id}@${unit.id}`;

const rolesAmong = (
  roles: readonly Role[],
  units: readonly AdministrativeUnit[],
  names: readonly string[],
): readonly Role[] => {
  const meant = names.flatMap((name) => roleAmong(roles, units, name) ?? []);
  return [...new Map(meant.map((role) => [valueOf(role), role])).values()];
};

const roleAmong = (roles: readonly Role[], units: readonly AdministrativeUnit[], typed: string): Role | undefined => {
  const everywhere = roles.filter(({ unit }) => unit === undefined);
  const whole = roles.find((role) => valueOf(role) === typed) ?? roleMeant(everywhere, typed);
  const { role: name, unit: place } = splitRole(typed);
  if (whole !== undefined || place === undefined) return whole;
  const isPlace = ({ id, name: called }: AdministrativeUnit): boolean =>
    id === place.toLowerCase() || called.toLowerCase() === place.toLowerCase();
  const there = roles.filter(({ unit }) => unit !== undefined && isPlace(unit));
  const role = roleMeant(everywhere, name);
  const unit = units.find(isPlace);
  return roleMeant(there, name) ?? (role === undefined || unit === undefined ? undefined : { ...role, unit });
};

const namedAmong = <T extends Named>(things: readonly T[], names: readonly string[]): readonly T[] => {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  return things.filter(({ id, name }) => wanted.has(id.toLowerCase()) || wanted.has(name.toLowerCase()));
};
