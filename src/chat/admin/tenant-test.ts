/** `tenant test`: what Latchkey may do in a tenant, what is missing, and the two repairs that it can make itself. */
import type { Fault } from '../../engine/faults.js';
import { TAKEABLE, USEFUL_ROLES } from '../../engine/own-rights.js';
import type { UsefulRole } from '../../engine/own-rights.js';
import type { Tenant } from '../../engine/tenant.js';
import { checkUp } from '../../flows/checkup.js';
import { enablePasses, takeRole } from '../../flows/repair.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { card, show } from '../answers.js';
import { changesCard, checkupCard } from '../checkup-card.js';
import { meantBy } from '../manner.js';
import { code, line } from '../say.js';
import type { Card } from '../view.js';
import { YES } from './confirm.js';
import { flag, maybe, needed, verb } from './noun.js';
import type { AdminContext } from './noun.js';
import { tenantNamed } from './tenant-named.js';

export const test = verb({
  name: 'test',
  summary: 'looks what Latchkey may do there, and says what is missing and how to get it',
  needs: 'see',
  arguments: { tenant: needed('TENANT', 'short name, name, domain or GUID') },
  options: {
    'enable-passes': flag('lets the tenant give Temporary Access Passes to everybody'),
    'take-role': maybe('ROLE', `gives Latchkey a directory role there: ${TAKEABLE.join(' or ')}`),
    ...YES,
  },
  examples: [
    '/jit admin tenant test contoso',
    '/jit admin tenant test contoso --enable-passes',
    '/jit admin tenant test contoso --take-role user-administrator',
  ],
  notes: [
    'The same is looked at daily, and admins are told what has changed.',
    'Both repairs need a permission in the tenant, and say which. Only owners let Latchkey take a role.',
  ],
  run: async (ctx, { tenant: typed }, { 'enable-passes': passes, 'take-role': role, yes }) => {
    const tenant = await tenantNamed(ctx, typed);
    if (!tenant.ok) return tenant;
    if (passes && role !== undefined) {
      return err({ code: 'admin.invalid', field: '--take-role', problem: 'say it without --enable-passes' });
    }
    if (passes) return repairPasses(ctx, tenant.value, yes);
    if (role !== undefined) return repairRole(ctx, tenant.value, role, yes);
    return ok(show(await lookNow(ctx, tenant.value)));
  },
});

const lookNow = async ({ deps, turn, admin }: AdminContext, tenant: Tenant): Promise<Card> => {
  const { findings } = await checkUp(deps, tenant, changesCard, admin.person);
  return checkupCard(tenant, findings, await deps.checkups.pauseOf(tenant.id), turn.reading);
};

const repairPasses = async (ctx: AdminContext, tenant: Tenant, yes: boolean): Promise<Result<Answer, Fault>> => {
  if (!yes) {
    return ok(
      question(`Let ${tenant.name} give access passes to everybody?`, {
        consequence: `This changes the policy of ${tenant.name} itself: its administrators, too, can then give a pass to any user.`,
        command: `/jit admin tenant test ${tenant.id} --enable-passes --yes`,
      }),
    );
  }
  const enabled = await enablePasses(ctx.deps, ctx.admin, tenant);
  return enabled.ok ? repaired(ctx, tenant, `${tenant.name} gives access passes now`) : enabled;
};

const repairRole = async (
  ctx: AdminContext,
  tenant: Tenant,
  typed: string,
  yes: boolean,
): Promise<Result<Answer, Fault>> => {
  const role = meantBy(TAKEABLE_ROLES, typed);
  if (role === undefined) {
    return err({ code: 'admin.invalid', field: '--take-role', problem: `say ${TAKEABLE.join(' or ')}` });
  }
  if (!yes) {
    return ok(
      question(`Make Latchkey ${role.name} in ${tenant.name}?`, {
        consequence: `It may then change passwords and sign-in of ${role.reach}.`,
        command: `/jit admin tenant test ${tenant.id} --take-role ${typed} --yes`,
      }),
    );
  }
  const taken = await takeRole(ctx.deps, ctx.admin, tenant, role);
  return taken.ok ? repaired(ctx, tenant, `Latchkey is ${role.name} in ${tenant.name}`) : taken;
};

const TAKEABLE_ROLES: Readonly<Record<string, UsefulRole>> = Object.fromEntries(
  TAKEABLE.flatMap((name) => {
    const role = USEFUL_ROLES[name];
    return role === undefined ? [] : [[name, role]];
  }),
);

const question = (
  title: string,
  { consequence, command }: { readonly consequence: string; readonly command: string },
): Answer => show(card(title, [line(consequence), line('To do it, type ', code(command))]));

/** A directory may need a minute until it shows what was just changed. */
const repaired = async (ctx: AdminContext, tenant: Tenant, title: string): Promise<Result<Answer, Fault>> => {
  const { lines, more, title: found } = await lookNow(ctx, tenant);
  return ok(show({ ...card(title, [line(found), ...lines]), ...(more === undefined ? {} : { more }) }));
};
