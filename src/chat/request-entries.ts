/** What the request form is filled with, and what that comes to among what is on offer. */
import type { AccountKind, ExpirationAction } from '../engine/access.js';
import { defaultAmong } from '../engine/template.js';
import { roleMeant } from '../engine/role-meant.js';
import type { Template } from '../engine/template.js';
import { ordinaryIn } from '../engine/access.js';
import type { Manner } from '../engine/access.js';
import type { Offered, OpenTenant, TenantOffer } from '../flows/offer.js';
import type { RequestOptions } from './command.js';
import { listIn, textIn } from './form-values.js';
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
    (['tenant', 'template', 'account', 'ticket', 'reason'] as const).flatMap((name) => {
      const text = textIn(values, name);
      return text === undefined ? [] : [[name, text]];
    }),
  ) as Pick<RequestEntries, 'tenant' | 'template' | 'account' | 'ticket' | 'reason'>;
  const duration = textIn(values, 'duration');
  const start = textIn(values, 'start');
  const atEnd = textIn(values, 'at-end');
  const groups = listIn(values, 'groups');
  return {
    role: listIn(values, 'roles'),
    ...(groups.length === 0 ? {} : { group: groups }),
    ...texts,
    ...(atEnd === undefined ? {} : { atEnd }),
    ...(duration === undefined ? {} : lasting(duration)),
    ...(start === undefined || /^now$/iu.test(start) ? {} : { from: start }),
  };
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

/** How the form would have it asked for. */
export const mannerOf = (
  { tenant, template }: Pick<Chosen, 'tenant' | 'template'>,
  entries: RequestEntries,
): Manner => {
  const usual = template ?? ordinaryIn(tenant);
  return {
    account: (entries.account as AccountKind | undefined) ?? usual.account,
    atEnd: (entries.atEnd as ExpirationAction | undefined) ?? usual.atEnd,
    tap: entries.tap ?? usual.tap,
  };
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
    roles: filled?.roles ?? rolesAmong(withThose(chosen.roles, template?.roles), role),
    groups: filled?.groups ?? namedAmong(withThose(chosen.groups, template?.groups), group),
  };
};

/** What is on offer by itself, and what the template holds. */
export const withThose = <T extends Named>(offered: readonly Offered<T>[], held: readonly T[] = []): readonly T[] => [
  ...new Map([...offered.map(({ thing }) => thing), ...held].map((thing) => [thing.id, thing])).values(),
];

const rolesAmong = <T extends Named>(roles: readonly T[], names: readonly string[]): readonly T[] => {
  const meant = new Set(names.map((name) => roleMeant(roles, name)));
  return roles.filter((role) => meant.has(role));
};

const namedAmong = <T extends Named>(things: readonly T[], names: readonly string[]): readonly T[] => {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  return things.filter(({ id, name }) => wanted.has(id.toLowerCase()) || wanted.has(name.toLowerCase()));
};
