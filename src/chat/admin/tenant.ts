import type { Fault } from '../../engine/faults.js';
import type { Tenant } from '../../engine/tenant.js';
import { addTenant, removeTenant, tenantIdFrom } from '../../flows/tenants.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { card, show } from '../answers.js';
import { cleaned } from '../asking.js';
import { code, line, strong } from '../say.js';
import type { Line } from '../view.js';
import { unconfirmed, YES } from './confirm.js';
import { found, nameOf } from './find.js';
import { LISTING, paged } from './listing.js';
import { maybe, needed, verb } from './noun.js';
import type { AdminContext, Noun } from './noun.js';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

const add = verb({
  name: 'add',
  summary: 'connects a tenant that has consented',
  needs: 'own',
  arguments: { tenant: needed('TENANT', 'the short name that people will type') },
  options: {
    id: needed('GUID', "the tenant's id, as the Entra admin center shows it"),
    name: maybe('NAME', "what people read; else the directory's own name"),
    domain: maybe('DOMAIN', 'a verified, managed domain, under which accounts are made'),
  },
  examples: ['/jit admin tenant add contoso --id 11111111-2222-4333-8444-555555555555 --domain contoso.com'],
  run: async ({ deps, admin }, { tenant: typed }, options): Promise<Result<Answer, Fault>> => {
    const id = tenantIdFrom(cleaned(typed));
    if (id === '')
      return err({ code: 'admin.invalid', field: 'tenant', problem: 'use letters and digits, like contoso' });
    if (!GUID.test(options.id)) {
      const problem = "give the tenant's GUID, as the Entra admin center shows it";
      return err({ code: 'admin.invalid', field: '--id', problem });
    }
    const name = options.name === undefined ? ok(undefined) : nameOf('--name', options.name);
    if (!name.ok) return name;
    const tenant = await addTenant(deps, admin, {
      id,
      directoryId: options.id,
      ...(name.value === undefined ? {} : { name: name.value }),
      ...(options.domain === undefined ? {} : { domain: options.domain }),
    });
    return tenant.ok ? ok(show(connected(tenant.value))) : tenant;
  },
});

const connected = ({ id, name, domain }: Tenant) =>
  card(`${name} is connected`, [
    line(`Accounts will be made as …@${domain}; people type `, code(id), '.'),
    line(
      'Next: ',
      code(`/jit admin rule add "NAME" --subject "GROUP" --tenant ${id} --role "ROLE" --approvers "GROUP"`),
    ),
  ]);

const list = verb({
  name: 'list',
  summary: 'shows the connected tenants',
  needs: 'see',
  arguments: {},
  options: LISTING,
  examples: ['/jit admin tenant list', '/jit admin tenant list --find cont'],
  run: (ctx, _, options) =>
    paged(
      ctx,
      {
        noun: 'tenant',
        title: 'Tenants',
        empty: 'None yet. /jit admin tenant add NAME --id GUID connects one.',
      },
      options,
      ctx.sight.tenants,
      tenantLine,
    ),
});

const tenantLine = ({ id, name, domain, directoryId }: Tenant): Line =>
  line(strong(id), ` ${name} · ${domain} · ${directoryId}`);

const remove = verb({
  name: 'remove',
  summary: 'disconnects a tenant that nothing uses any more',
  needs: 'change',
  arguments: { tenant: needed('TENANT', 'short name, name, domain or GUID') },
  options: YES,
  examples: ['/jit admin tenant remove contoso'],
  run: async (ctx, { tenant: typed }, { yes }) => {
    const tenant = await tenantNamed(ctx, typed);
    if (!tenant.ok) return tenant;
    const { id, name } = tenant.value;
    const question = unconfirmed(yes, {
      noun: 'tenant',
      id,
      what: `tenant ${name}`,
      consequence: 'Nobody can ask for access there any more, and its settings are lost.',
    });
    if (question !== undefined) return ok(question);
    const removed = await removeTenant(ctx.deps, ctx.admin, id);
    return removed.ok ? ok(show(card(`${removed.value.name} is no longer connected`))) : removed;
  },
});

/** A tenant is known by its domain and its GUID, too. */
export const tenantNamed = async ({ sight }: AdminContext, typed: string): Promise<Result<Tenant, Fault>> => {
  const direct = await found('tenant', sight.tenants, typed);
  if (direct.ok) return direct;
  const wanted = cleaned(typed).toLowerCase();
  const { items } = await sight.tenants.page({ skip: 0, limit: 0 });
  const other = items.find(({ domain, directoryId }) => [domain, directoryId].includes(wanted));
  return other === undefined ? direct : ok(other);
};

export const tenant: Noun = {
  name: 'tenant',
  summary: 'a connected Entra ID tenant',
  verbs: [add, list, remove],
  pages: 'list',
};
