/** What somebody may see of a tenant's break-glass passwords, and on what terms. */
import { quorumsToMeet } from '../engine/decide-look.js';
import type { Tenant } from '../engine/tenant.js';
import { accountsToShow, openingFor, permissionFor } from '../flows/break-glass/look-ground.js';
import type { Permission } from '../flows/break-glass/look-ground.js';
import type { ChatDeps, Turn } from './deps.js';
import { namesIn } from './rule-text.js';
import type { Names } from './rule-text.js';
import { code, line, sayList, strong } from './say.js';
import { sayTerms } from './terms-text.js';
import type { Line } from './view.js';

/** A look is agreed to by somebody, whatever the rules leave open, unless its emergency is declared. */
export const sayLookTerms = ({ terms, rules }: Pick<Permission, 'terms' | 'rules'>, names: Names): string =>
  `${sayTerms({ ...terms, quorums: quorumsToMeet(terms.quorums) }, rules, names)} · nobody in a declared emergency`;

/** Nothing where no rule lets them look, where there is nothing to look at, or where they could not open it. */
export const lookOffer = async (deps: ChatDeps, { person }: Turn, tenant: Tenant): Promise<readonly Line[]> => {
  const [permission, accounts, opening] = await Promise.all([
    permissionFor(deps, person, tenant, false),
    accountsToShow(deps, tenant),
    openingFor(deps, person, tenant),
  ]);
  if (!permission.ok || !accounts.ok || !opening.ok) return [];
  const names = await namesIn(deps, permission.value.rules);
  const whose = sayList(accounts.value.map(({ name }) => name));
  return [
    line(
      strong('break-glass passwords'),
      ` of ${whose}: ${sayLookTerms(permission.value, names)} · `,
      code(`/jit break-glass ${tenant.id} --reason "…"`),
    ),
  ];
};
