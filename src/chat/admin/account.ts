import type { AccountKind } from '../../engine/access.js';
import type { Account } from '../../engine/account.js';
import type { Fault } from '../../engine/faults.js';
import type { AccessRequest, RequestState } from '../../engine/request.js';
import { overdueMs } from '../../engine/due.js';
import { retire as retireAccount } from '../../flows/retire.js';
import type { Retired } from '../../flows/retire.js';
import { troubleClause } from '../../flows/trouble.js';
import { addMs, DAY } from '../../lib/clock.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Tenant } from '../../engine/tenant.js';
import { card, show } from '../answers.js';
import { cleaned, shortened } from '../asking.js';
import { code, line, plain, sayMoment, strong } from '../say.js';
import type { Reading } from '../say.js';
import type { Fact, Line } from '../view.js';
import { adopt } from './account-adopt.js';
import { YES } from './confirm.js';
import { LISTING, PAGE, pagedFrom } from './listing.js';
import { flag, maybe, needed, verb } from './noun.js';
import type { AdminContext, Noun } from './noun.js';
import { tenantNamed } from './tenant-named.js';

const ACCOUNT = needed('ACCOUNT', 'its user principal name, as in jit-dana.fox@contoso.com');

const UNUSED_DAYS = 90;

const KINDS: Readonly<Record<AccountKind, string>> = {
  dedicated: 'one for all requests',
  fresh: 'made for one request',
  existing: 'was there before',
};

const list = verb({
  name: 'list',
  summary: 'shows the accounts that I keep, those used last first',
  needs: 'see',
  arguments: { tenant: maybe('TENANT', 'only those there') },
  options: {
    page: LISTING.page,
    tenant: maybe('TENANT', 'the same; with it the pages are turned'),
    enabled: flag('only those that somebody can sign in with'),
    unused: flag(`only those that nobody has used for ${UNUSED_DAYS} days`),
  },
  examples: ['/jit admin account list', '/jit admin account list contoso --enabled'],
  run: async (ctx, args, options) => {
    const typed = args.tenant ?? options.tenant;
    const tenants = typed === undefined ? ok(await tenantsSeen(ctx)) : await oneTenant(ctx, typed);
    if (!tenants.ok) return tenants;
    const byId = new Map(tenants.value.map((tenant) => [tenant.id, tenant]));
    const unusedSince = addMs(ctx.deps.clock.now(), -UNUSED_DAYS * DAY);
    const said = {
      ...(typed === undefined ? {} : { tenant: cleaned(typed) }),
      ...(options.enabled ? { enabled: 'yes' } : {}),
      ...(options.unused ? { unused: 'yes' } : {}),
    };
    const listing = { noun: 'account', title: 'Accounts', empty: 'None: they are made when somebody first needs one.' };
    return pagedFrom(listing, options.page, said, async (skip) => {
      const filter = {
        tenants: [...byId.keys()],
        ...(options.enabled ? { open: true as const } : {}),
        ...(options.unused ? { unusedSince } : {}),
      };
      const { items, total } = await ctx.deps.accounts.list(filter, { skip, limit: PAGE });
      return { lines: await Promise.all(items.map((account) => accountLine(ctx, account))), total };
    });
  },
});

const tenantsSeen = async ({ sight }: AdminContext): Promise<readonly Tenant[]> =>
  (await sight.tenants.page({ skip: 0, limit: 0 })).items;

const oneTenant = async (ctx: AdminContext, typed: string): Promise<Result<readonly Tenant[], Fault>> => {
  const tenant = await tenantNamed(ctx, typed);
  return tenant.ok ? ok([tenant.value]) : tenant;
};

const accountLine = async (ctx: AdminContext, account: Account): Promise<Line> => {
  const { deps, turn } = ctx;
  const stored = await deps.requests.byAccount(account.id, ['approved', 'provisioning', 'active', 'closing']);
  const requests = stored.map(({ request }) => request);
  const owner = await ownerOf(ctx, account);
  return line(
    strong(account.upn),
    ` · ${owner} · ${KINDS[account.kind]} · ${stateOf(account, requests, turn.reading)} · ${lastUse(account, turn.reading)}`,
  );
};

const ownerOf = async ({ deps }: AdminContext, { person }: Account): Promise<string> =>
  person === undefined ? "nobody's own" : ((await deps.people.byId(person))?.name ?? 'somebody who was forgotten');

const stateOf = (account: Account, requests: readonly AccessRequest[], reading: Reading): string => {
  const closing = requests.filter(({ state }) => state === 'closing');
  if (closing.some((request) => overdueMs(request, reading.today) !== undefined)) return 'overdue';
  if (closing.length > 0) return 'ending';
  if (requests.some(({ state }) => state === 'active' || state === 'provisioning')) return 'live';
  if (account.credential.use === 'kept') return 'kept open, without access';
  if (account.kind === 'existing') return 'as it was before';
  return account.creationSent ? 'shut' : 'not in the directory';
};

const lastUse = ({ lastUsedAt }: Account, reading: Reading): string =>
  lastUsedAt === undefined ? 'never used' : `last used ${sayMoment(lastUsedAt, reading)}`;

interface Found {
  readonly account: Account;
  readonly tenant: Tenant;
}

/** Only what lies in a tenant that is in sight; what does not is as if it were not there. */
const accountSeen = async ({ deps, sight }: AdminContext, typed: string): Promise<Result<Found, Fault>> => {
  const found: Found[] = [];
  for (const account of await deps.accounts.byUpn(cleaned(typed))) {
    const tenant = await sight.tenants.byId(account.tenant);
    if (tenant !== undefined) found.push({ account, tenant });
  }
  const [one, ...others] = found;
  if (one === undefined) return err({ code: 'admin.unknown', what: 'account', asked: shortened(typed) });
  if (others.length === 0) return ok(one);
  const candidates = found.map(({ account, tenant }) => `${account.upn} in ${tenant.id}`);
  return err({ code: 'admin.ambiguous', what: 'account', asked: shortened(typed), candidates });
};

/** The last of its requests that are shown. */
const SHOWN = 5;

const detail = verb({
  name: 'show',
  summary: 'shows what is known of it, what the directory says of it now, and who used it last',
  needs: 'see',
  arguments: { account: ACCOUNT },
  options: {},
  examples: ['/jit admin account show jit-dana.fox@contoso.com'],
  run: async (ctx, { account: typed }) => {
    const found = await accountSeen(ctx, typed);
    if (!found.ok) return found;
    const { account, tenant } = found.value;
    const { deps, turn } = ctx;
    const stored = await deps.requests.byAccount(account.id, EVERY_STATE);
    const requests = stored.map(({ request }) => request).toSorted((one, other) => +other.createdAt - +one.createdAt);
    const facts: readonly Fact[] = [
      { label: 'Tenant', value: line(tenant.name) },
      { label: 'Whose', value: line(await ownerOf(ctx, account)) },
      { label: 'Kind', value: line(KINDS[account.kind]) },
      { label: 'State', value: line(stateOf(account, requests, turn.reading)) },
      { label: 'Used', value: line(lastUse(account, turn.reading)) },
      { label: 'Object id', value: line(account.objectId ?? 'none yet') },
      { label: 'The directory says', value: line(await directorySays(ctx, found.value)) },
    ];
    const lines = requests
      .slice(0, SHOWN)
      .map(({ id, state, requesterName, roles }) =>
        line(strong(id), ` ${STATES[state]} · ${requesterName} · ${roles.map(({ name }) => name).join(', ')}`),
      );
    const next = line('Next: ', code(`/jit admin account retire ${account.upn}`));
    return ok(show({ ...card(account.upn, [...lines, next]), facts }));
  },
});

const STATES: Readonly<Record<RequestState, string>> = {
  pending: 'waits for approval',
  approved: 'approved, not begun',
  provisioning: 'is being prepared',
  active: 'live',
  closing: 'is ending',
  closed: 'over',
  denied: 'denied',
  cancelled: 'called off',
  lapsed: 'lapsed',
};

const EVERY_STATE = [
  'pending',
  'approved',
  'provisioning',
  'active',
  'closing',
  'closed',
  'denied',
  'cancelled',
] as const;

const directorySays = async ({ deps }: AdminContext, { account, tenant }: Found): Promise<string> => {
  if (!account.creationSent) return 'nothing: it is not there yet';
  const { id, upn, displayName, objectId } = account;
  const user = { account: id, upn, displayName, ...(objectId === undefined ? {} : { objectId }) };
  const seen = await deps.directory.observe(tenant, user);
  if (!seen.ok) return `nothing now: ${troubleClause(seen.error)}`;
  if (!seen.value.exists) return 'there is no such user';
  const { enabled, assignments, groups, generation } = seen.value;
  const tag = account.kind === 'existing' || generation !== undefined ? '' : ', without my tag';
  return `${enabled ? 'enabled' : 'disabled'}, roles: ${assignments.length}, groups: ${groups.length}${tag}`;
};

const OUTCOMES: Readonly<Record<Retired, string>> = {
  gone: 'is gone and forgotten',
  disabled: 'is disabled for good, and forgotten',
  waiting: 'is not let go yet: the directory has not confirmed it. I go on trying; say it again in a minute',
};

const retire = verb({
  name: 'retire',
  summary: 'disables an account that nobody uses, gives it another password, and forgets it',
  needs: 'change',
  arguments: { account: ACCOUNT },
  options: { delete: flag('deletes it as well; it can be restored for 30 days'), ...YES },
  examples: [
    '/jit admin account retire jit-dana.fox@contoso.com',
    '/jit admin account retire jit-dana.fox@contoso.com --delete --yes',
  ],
  run: async (ctx, { account: typed }, { delete: remove, yes }) => {
    const found = await accountSeen(ctx, typed);
    if (!found.ok) return found;
    const { upn } = found.value.account;
    if (!yes) {
      const command = `/jit admin account retire ${upn}${remove ? ' --delete' : ''} --yes`;
      const consequence = remove ? 'It is shut and deleted.' : 'It is shut, keeps nothing, and I let go of it.';
      return ok(show(card(`Retire ${upn}?`, [line(consequence), line('To do it, type ', code(command))])));
    }
    const retired = await retireAccount(ctx.deps, ctx.admin, { ...found.value, remove });
    return retired.ok
      ? ok(show(card(`${upn} ${OUTCOMES[retired.value]}`, [[plain(found.value.tenant.name)]])))
      : retired;
  },
});

export const account: Noun = {
  name: 'account',
  summary: 'a directory user that I keep',
  verbs: [list, detail, adopt, retire],
  pages: 'list',
};
