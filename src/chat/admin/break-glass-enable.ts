/** `break-glass enable`, `adopt`, `rotate` and `check`. */
import type { Fault } from '../../engine/faults.js';
import type { Tenant } from '../../engine/tenant.js';
import { checkTenant, excludeFromPolicies } from '../../flows/break-glass/check.js';
import type { CheckedAccount } from '../../flows/break-glass/check.js';
import { enableBreakGlass } from '../../flows/break-glass/enable.js';
import type { EnableWish } from '../../flows/break-glass/enable.js';
import { rotateNow } from '../../flows/break-glass/rotate-now.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { card, show } from '../answers.js';
import { cleaned } from '../asking.js';
import { code, line } from '../say.js';
import type { Line } from '../view.js';
import { checkLines, rotationLine } from './break-glass-words.js';
import { flag, many, needed, verb } from './noun.js';
import type { AdminContext } from './noun.js';
import { tenantNamed } from './tenant-named.js';

export const TENANT = needed('TENANT', 'short name, name, domain or GUID');

export const enable = verb({
  name: 'enable',
  summary: 'makes emergency Global Administrators there, and changes their passwords every day',
  needs: 'change',
  arguments: { tenant: TENANT },
  options: { name: many('NAME', 'what stands before the @; absent: emergency1 and emergency2') },
  examples: [
    '/jit admin break-glass enable contoso',
    '/jit admin break-glass enable contoso --name emergency1 --name emergency2',
  ],
  notes: [
    'They are cloud-only, on the first onmicrosoft.com domain of the tenant, Global Administrator for good, at most two.',
    'Their passwords go into the vault of its organization, which only its members can open.',
  ],
  run: async (ctx, { tenant }, { name }) =>
    keep(ctx, tenant, name.length === 0 ? {} : { names: name.map((one) => cleaned(one).toLowerCase()) }),
});

export const adopt = verb({
  name: 'adopt',
  summary: 'takes over emergency administrators who are there already',
  needs: 'change',
  arguments: { tenant: TENANT, users: many('UPN', 'user principal names, as in emergency@contoso.onmicrosoft.com') },
  options: {},
  examples: ['/jit admin break-glass adopt contoso emergency@contoso.onmicrosoft.com'],
  notes: ['From then on the password that somebody has on paper does not open them any more: it changes at once.'],
  run: async (ctx, { tenant, users }) =>
    users.length === 0
      ? err({ code: 'admin.invalid', field: 'UPN', problem: 'say which users, by their user principal names' })
      : keep(ctx, tenant, { adopt: users.map(cleaned) }),
});

const keep = async (ctx: AdminContext, typed: string, wish: EnableWish): Promise<Result<Answer, Fault>> => {
  const tenant = await tenantNamed(ctx, typed);
  if (!tenant.ok) return tenant;
  const { id, name } = tenant.value;
  const enabled = await enableBreakGlass(ctx.deps, ctx.admin, tenant.value, wish);
  if (!enabled.ok) return enabled;
  const { reading } = ctx.turn;
  const lines: readonly Line[] = enabled.value.flatMap((one) => [rotationLine(one, reading), ...checkLines(one, id)]);
  return ok(
    show(
      card(`Break-glass of ${name} is kept from now on`, [
        ...lines,
        line('Next, try them: ', code(`/jit admin break-glass drill ${id}`)),
      ]),
    ),
  );
};

export const rotate = verb({
  name: 'rotate',
  summary: 'changes the passwords of a tenant now',
  needs: 'change',
  arguments: { tenant: TENANT },
  options: {},
  examples: ['/jit admin break-glass rotate contoso'],
  notes: ['They change by themselves once a day, after each look, and when somebody joins or leaves the vault.'],
  run: async (ctx, { tenant: typed }) => {
    const tenant = await tenantNamed(ctx, typed);
    if (!tenant.ok) return tenant;
    const rotated = await rotateNow(ctx.deps, ctx.admin, tenant.value);
    if (!rotated.ok) return rotated;
    const lines = rotated.value.map((one) => rotationLine(one, ctx.turn.reading));
    return ok(show(card(`Break-glass of ${tenant.value.name}`, lines)));
  },
});

export const check = verb({
  name: 'check',
  summary: 'looks whether they would work in an emergency',
  needs: 'see',
  arguments: { tenant: TENANT },
  options: { exclude: flag('excludes them from the conditional access policies that would stop them') },
  examples: ['/jit admin break-glass check contoso', '/jit admin break-glass check contoso --exclude'],
  notes: ['--exclude changes policies of the tenant itself, and takes Policy.ReadWrite.ConditionalAccess there.'],
  run: async (ctx, { tenant: typed }, { exclude }) => {
    const tenant = await tenantNamed(ctx, typed);
    if (!tenant.ok) return tenant;
    if (!exclude) return checked(tenant.value, await checkTenant(ctx.deps, tenant.value));
    const after = await excludeFromPolicies(ctx.deps, ctx.admin, tenant.value);
    return after.ok ? checked(tenant.value, after.value) : after;
  },
});

const checked = ({ id, name }: Tenant, accounts: readonly CheckedAccount[]): Result<Answer, Fault> => {
  if (accounts.length === 0) return err({ code: 'break-glass.none', tenant: name });
  const lines = accounts.flatMap((one) => checkLines(one, id));
  const title = lines.length === 0 ? `Break-glass of ${name} would work` : `Break-glass of ${name}: look at this`;
  const upns = accounts.map(({ account }) => account.upn);
  const fine = line(`Nothing is in the way of ${upns.join(' and ')}. Only a drill shows it for sure.`);
  return ok(show(card(title, lines.length === 0 ? [fine] : lines)));
};
