/** `break-glass disable`: lets them be, once somebody has said what becomes of the users. */
import type { Tenant } from '../../engine/tenant.js';
import { disableBreakGlass } from '../../flows/break-glass/disable.js';
import type { Ended, Fate } from '../../flows/break-glass/disable.js';
import { err, ok } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { card, show } from '../answers.js';
import { cleaned, shortened } from '../asking.js';
import { code, line, sayList, strong } from '../say.js';
import type { ActButton, Line } from '../view.js';
import { TENANT } from './break-glass-enable.js';
import { YES } from './confirm.js';
import { maybe, verb } from './noun.js';
import { tenantNamed } from './tenant-named.js';

const FATES: Readonly<Record<Fate, { readonly label: string; readonly consequence: string }>> = {
  keep: {
    label: 'Leave them as they are',
    consequence: 'They stay Global Administrators, with the last password, which the vault keeps.',
  },
  disable: { label: 'Disable them', consequence: 'They stay in the directory, and nobody can sign in with them.' },
  delete: { label: 'Delete them', consequence: 'They can be restored for 30 days; the vault forgets their passwords.' },
};

const fateNamed = (typed: string): Fate | undefined =>
  (Object.keys(FATES) as readonly Fate[]).find((fate) => fate === cleaned(typed).toLowerCase());

export const disable = verb({
  name: 'disable',
  summary: 'stops changing their passwords, and asks what shall become of the users',
  needs: 'change',
  arguments: { tenant: TENANT },
  options: { users: maybe('WHAT', `what becomes of them: ${Object.keys(FATES).join(', ')}`), ...YES },
  examples: ['/jit admin break-glass disable contoso', '/jit admin break-glass disable contoso --users disable --yes'],
  run: async (ctx, { tenant: typed }, { users, yes }) => {
    const tenant = await tenantNamed(ctx, typed);
    if (!tenant.ok) return tenant;
    const fate = users === undefined ? undefined : fateNamed(users);
    if (users !== undefined && fate === undefined) {
      const problem = `${shortened(users)} is none of ${sayList(Object.keys(FATES))}`;
      return err({ code: 'admin.invalid', field: '--users', problem });
    }
    const accounts = await ctx.deps.breakGlass.ofTenant(tenant.value.id);
    if (accounts.length === 0) return err({ code: 'break-glass.none', tenant: tenant.value.name });
    if (fate === undefined || !yes) {
      return ok(
        question(
          tenant.value,
          accounts.map(({ upn }) => upn),
          fate,
        ),
      );
    }
    const ended = await disableBreakGlass(ctx.deps, ctx.admin, tenant.value, fate);
    return ended.ok ? ok(outcome(tenant.value, ended.value, fate)) : ended;
  },
});

/** Each button says the same command again with everything said, so that it is judged anew at the click. */
const question = ({ id, name }: Tenant, upns: readonly string[], wanted: Fate | undefined): Answer => {
  const fates = (Object.keys(FATES) as readonly Fate[]).filter((fate) => wanted === undefined || fate === wanted);
  const lines = fates.map((fate) => line(strong(`${FATES[fate].label}: `), FATES[fate].consequence));
  const buttons = fates.map((fate): ActButton => ({
    verb: 'admin-break-glass-disable',
    id: `${fate}/${id}`,
    label: FATES[fate].label,
    style: fate === 'delete' ? 'danger' : 'default',
    ...(fate === 'delete' ? { confirm: `Delete ${sayList(upns)}?` } : {}),
  }));
  const how = code(`/jit admin break-glass disable ${id} --users ${wanted ?? 'keep'} --yes`);
  return show(
    card(
      `Stop keeping break-glass accounts of ${name}?`,
      [line(`${sayList(upns)}: what shall become of them?`), ...lines, line('To do it, click, or type ', how)],
      buttons,
    ),
  );
};

const outcome = ({ id, name }: Tenant, ended: readonly Ended[], fate: Fate): Answer => {
  const isOpen = ended.some((one) => one.outcome === 'unconfirmed');
  const again = line('Then once more: ', code(`/jit admin break-glass disable ${id} --users ${fate} --yes`));
  return show(
    card(`${isOpen ? '🚨 ' : ''}Break-glass of ${name} is not kept any more`, [
      ...ended.map(endedLine),
      ...(isOpen ? [again] : []),
    ]),
  );
};

const ENDED: Readonly<Record<Exclude<Ended['outcome'], 'unconfirmed'>, string>> = {
  kept: 'stays as it is; its last password stays in the vault.',
  disabled: 'is disabled, as the directory shows.',
  deleted: 'is deleted, as the directory shows.',
  'never-made': 'was never made.',
};

const endedLine = (ended: Ended): Line =>
  ended.outcome === 'unconfirmed'
    ? line(strong(ended.upn), ` is not confirmed yet: ${ended.clause}. Its last password stays in the vault.`)
    : line(strong(ended.upn), ` ${ENDED[ended.outcome]}`);
