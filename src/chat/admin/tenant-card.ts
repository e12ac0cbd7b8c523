import type { ExpirationAction } from '../../engine/access.js';
import { USUAL_PATTERN } from '../../engine/naming.js';
import { mayChange } from '../../engine/organization.js';
import type { Cloud, Tenant } from '../../engine/tenant.js';
import { card } from '../answers.js';
import { pauseLine } from '../checkup-card.js';
import { code, line, sayDuration, sayList } from '../say.js';
import type { Card, Fact } from '../view.js';
import type { AdminContext } from './noun.js';
import { TENANT_FORM } from './tenant-form.js';

/** So many names are shown; the directory's own list is longer. */
const SHOWN = 6;
const MOST_LENT = 100;

const CLOUDS: Readonly<Record<Cloud, string>> = {
  global: 'global',
  usgov: 'US government',
  usdod: 'US Department of Defense',
  china: 'China (21Vianet)',
};

export const ENDS: Readonly<Record<ExpirationAction, string>> = {
  disable: 'the account is disabled',
  delete: 'the account is deleted',
  keep: 'the account stays open, without access',
};

const PASSES: Readonly<Record<NonNullable<Tenant['accessPass']>, string>> = {
  many: 'on, for any number of sign-ins',
  once: 'on, each for one sign-in',
};

/** Every setting of a tenant, and the rules that name it. */
export const tenantCard = async (ctx: AdminContext, tenant: Tenant, title: string): Promise<Card> => {
  const { id, leaving } = tenant;
  const mayAct = mayChange(ctx.standing, tenant.organization);
  const pause = await ctx.deps.checkups.pauseOf(id);
  const lines = [
    ...(pause === undefined ? [] : [pauseLine(pause, ctx.turn.reading)]),
    ...(leaving === undefined
      ? []
      : [line(`It is being disconnected since ${leaving.by} said so: nothing new starts.`)]),
    line('Look whether all is well: ', code(`/jit admin tenant test ${id}`)),
  ];
  return {
    ...card(title, lines, mayAct ? [CHANGE(id)] : []),
    facts: [...(await whoseFacts(ctx, tenant)), ...lendingFacts(tenant), await rulesFact(ctx, tenant)],
  };
};

const CHANGE = (id: string) =>
  ({ verb: 'form', id: `${TENANT_FORM}/${id}`, label: 'Change…', style: 'default' }) as const;

const fact = (label: string, value: string): Fact => ({ label, value: line(value) });

const whoseFacts = async ({ sight }: AdminContext, tenant: Tenant): Promise<readonly Fact[]> => {
  const { id, organization, directoryId, cloud, authorised } = tenant;
  const owner = organization && ((await sight.organizations.byId(organization))?.name ?? organization);
  return [
    { label: 'Typed as', value: line(code(id)) },
    fact('Organization', owner ?? "the owners'"),
    fact('Directory', directoryId),
    fact('Cloud', cloud === undefined ? "the server's" : CLOUDS[cloud]),
    ...(authorised === undefined ? [] : [fact('Authorised by', `${authorised.name} (${authorised.upn})`)]),
  ];
};

const lendingFacts = (tenant: Tenant): readonly Fact[] => {
  const { domain, namePattern = USUAL_PATTERN, defaultDurationMs, longestDurationMs, roles, groups } = tenant;
  return [
    fact('Accounts are called', `${namePattern}@${domain}`),
    fact('Lasts, unless said', sayDuration(defaultDurationMs)),
    fact('Lasts at most', longestDurationMs === undefined ? 'as long as rules allow' : sayDuration(longestDurationMs)),
    fact('Roles', lent(roles?.map(({ name, unit }) => (unit === undefined ? name : `${name}@${unit.name}`)))),
    fact('Groups', lent(groups?.map(({ name }) => name))),
    fact('At the end, unless said', ENDS[tenant.atEnd ?? 'disable']),
    fact('Access passes', tenant.accessPass === undefined ? 'off' : PASSES[tenant.accessPass]),
  ];
};

const lent = (names: readonly string[] | undefined): string =>
  names === undefined ? 'any that rules allow' : `only ${sayList(names, MOST_LENT)}`;

const rulesFact = async ({ sight }: AdminContext, { id }: Tenant): Promise<Fact> => {
  const rules = await sight.rules.using({ kind: 'tenant', id }, SHOWN + 1);
  const names = rules.map(({ name }) => name);
  return fact('Rules that name it', names.length === 0 ? 'none' : sayList(names, SHOWN));
};
