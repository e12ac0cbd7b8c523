import type { Fault } from '../../engine/faults.js';
import type { Tenant } from '../../engine/tenant.js';
import { owned } from '../../flows/change.js';
import { setTenant } from '../../flows/tenant-settings.js';
import { addTenant, removeTenant, tenantIdFrom } from '../../flows/tenants.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { card, show } from '../answers.js';
import { cleaned } from '../asking.js';
import { code, line, strong } from '../say.js';
import type { Line } from '../view.js';
import { unconfirmed, YES } from './confirm.js';
import { inUse, nameOf, organizationFor } from './find.js';
import { LISTING, paged } from './listing.js';
import { maybe, needed, verb } from './noun.js';
import type { Noun } from './noun.js';
import { tenantCard } from './tenant-card.js';
import { check } from './tenant-check.js';
import { app, connect } from './tenant-connect.js';
import { tenantNamed } from './tenant-named.js';
import { disconnect } from './tenant-disconnect.js';
import { set } from './tenant-set.js';
import { test } from './tenant-test.js';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

const TENANT = needed('TENANT', 'short name, name, domain or GUID');
const DOMAIN = maybe('DOMAIN', 'a verified, managed domain, under which accounts are made');

const add = verb({
  name: 'add',
  summary: 'connects a tenant that has consented',
  needs: 'own',
  arguments: { tenant: needed('TENANT', 'the short name that people will type') },
  options: {
    id: needed('GUID', "the tenant's id, as the Entra admin center shows it"),
    name: maybe('NAME', "what people read; else the directory's own name"),
    domain: DOMAIN,
    organization: maybe('ORGANIZATION', "whose it is; else the owners'"),
  },
  examples: ['/jit admin tenant add contoso --id 11111111-2222-4333-8444-555555555555 --domain contoso.com'],
  run: async (ctx, { tenant: typed }, options): Promise<Result<Answer, Fault>> => {
    const { deps, admin } = ctx;
    const id = tenantIdFrom(cleaned(typed));
    if (id === '')
      return err({ code: 'admin.invalid', field: 'tenant', problem: 'use letters and digits, like contoso' });
    if (!GUID.test(options.id)) {
      const problem = "give the tenant's GUID, as the Entra admin center shows it";
      return err({ code: 'admin.invalid', field: '--id', problem });
    }
    const name = options.name === undefined ? ok(undefined) : nameOf('--name', options.name);
    if (!name.ok) return name;
    const organization = await organizationFor(ctx, options.organization);
    if (!organization.ok) return organization;
    const tenant = await addTenant(deps, admin, {
      id,
      directoryId: options.id,
      ...owned(organization.value),
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
  run: async (ctx, _, options) => {
    const paused = new Set((await ctx.deps.checkups.pauses()).map(({ tenant }) => tenant));
    return paged(
      ctx,
      {
        noun: 'tenant',
        title: 'Tenants',
        empty: 'None yet. /jit admin tenant connect NAME connects one.',
      },
      options,
      ctx.sight.tenants,
      (tenant) => tenantLine(tenant, paused.has(tenant.id)),
    );
  },
});

const tenantLine = ({ id, name, domain, directoryId, leaving }: Tenant, isPaused: boolean): Line =>
  line(
    strong(id),
    ` ${name} · ${domain} · ${directoryId}${isPaused ? ' · paused' : ''}${leaving === undefined ? '' : ' · being disconnected'}`,
  );

const detail = verb({
  name: 'show',
  summary: 'shows its settings, and the rules that name it',
  needs: 'see',
  arguments: { tenant: TENANT },
  options: {},
  examples: ['/jit admin tenant show contoso'],
  run: async (ctx, { tenant: typed }) => {
    const tenant = await tenantNamed(ctx, typed);
    return tenant.ok ? ok(show(await tenantCard(ctx, tenant.value, tenant.value.name))) : tenant;
  },
});

const rename = verb({
  name: 'rename',
  summary: 'gives it another name; what people type stays',
  needs: 'change',
  arguments: { tenant: TENANT, name: needed('NAME', 'the new name') },
  options: {},
  examples: ['/jit admin tenant rename contoso "Contoso Group"'],
  run: async (ctx, { tenant: typed, name: typedName }) => {
    const tenant = await tenantNamed(ctx, typed);
    if (!tenant.ok) return tenant;
    const name = nameOf('name', typedName);
    if (!name.ok) return name;
    const renamed = await setTenant(ctx.deps, ctx.admin, tenant.value, { name: name.value });
    return renamed.ok ? ok(show(card(`${tenant.value.name} is now called ${renamed.value.name}`))) : renamed;
  },
});

const remove = verb({
  name: 'remove',
  summary: 'disconnects a tenant that nothing uses any more',
  needs: 'change',
  arguments: { tenant: TENANT },
  options: YES,
  examples: ['/jit admin tenant remove contoso'],
  run: async (ctx, { tenant: typed }, { yes }) => {
    const tenant = await tenantNamed(ctx, typed);
    if (!tenant.ok) return tenant;
    const { id, name } = tenant.value;
    const used = await inUse(ctx, 'tenant', name, { kind: 'tenant', id });
    if (used !== undefined) return err(used);
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

export const tenant: Noun = {
  name: 'tenant',
  summary: 'a connected Entra ID tenant',
  verbs: [connect, add, app, list, detail, set, test, check, rename, disconnect, remove],
  pages: 'list',
};
