/** `break-glass status`: one line a tenant, worst first; and `break-glass show`: all that is known of one. */
import type { Fault } from '../../engine/faults.js';
import type { Tenant } from '../../engine/tenant.js';
import { breakGlassStatus } from '../../flows/break-glass/status.js';
import type { AccountStatus, TenantStatus } from '../../flows/break-glass/status.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { card, show } from '../answers.js';
import { code, line, sayList, sayMoment, sayTime, strong } from '../say.js';
import type { Reading } from '../say.js';
import type { Line } from '../view.js';
import { TENANT } from './break-glass-enable.js';
import { sayAge, wrongClauses } from './break-glass-words.js';
import { LISTING, PAGE, pagedFrom } from './listing.js';
import { verb } from './noun.js';
import type { AdminContext } from './noun.js';
import { tenantNamed } from './tenant-named.js';

export const status = verb({
  name: 'status',
  summary: 'shows how the break-glass accounts of all tenants are, worst first',
  needs: 'see',
  arguments: {},
  options: { page: LISTING.page },
  examples: ['/jit admin break-glass status'],
  run: async (ctx, _args, { page }) => everywhere(ctx, page),
});

export const detail = verb({
  name: 'show',
  summary: 'shows all that is known of those of one tenant',
  needs: 'see',
  arguments: { tenant: TENANT },
  options: {},
  examples: ['/jit admin break-glass show contoso'],
  run: async (ctx, { tenant: typed }) => {
    const tenant = await tenantNamed(ctx, typed);
    return tenant.ok ? one(ctx, tenant.value) : tenant;
  },
});

const everywhere = async (ctx: AdminContext, page: string | undefined): Promise<Result<Answer, Fault>> => {
  const all = await breakGlassStatus(ctx.deps, ctx);
  const listing = {
    noun: 'break-glass',
    title: 'Break-glass accounts',
    empty: 'None yet. Next: /jit admin break-glass enable TENANT',
    next: line('Next: ', code('/jit admin break-glass show TENANT')),
  };
  return pagedFrom(listing, page, {}, async (skip) => ({
    lines: await Promise.all(all.slice(skip, skip + PAGE).map((each) => tenantLine(ctx, each))),
    total: all.length,
  }));
};

const tenantLine = async (ctx: AdminContext, status: TenantStatus): Promise<Line> => {
  const { tenant, accounts } = status;
  const { reading } = ctx.turn;
  const wrong = [...new Set([...accounts.flatMap(wrongClauses), ...(await blindness(ctx, tenant))])];
  const count = accounts.length === 1 ? '1 account' : `${accounts.length} accounts`;
  return line(
    strong(tenant.name),
    ` · ${count}, ${sayAge(oldest(accounts))} · ${recipientWords(status)} · ${drillWords(accounts, reading)} · ${useWords(accounts, reading)}`,
    ...(wrong.length === 0 ? [' · fine'] : [' · ', strong('wrong: '), wrong.join('; ')]),
  );
};

/** `undefined`: one was never changed. */
const oldest = (accounts: readonly AccountStatus[]): number | undefined => {
  const ages = accounts.map(({ ageMs }) => ageMs);
  return ages.some((age) => age === undefined) ? undefined : Math.max(...ages.map(Number));
};

const recipientWords = ({ vault }: Pick<TenantStatus, 'vault'>): string => {
  if (vault === undefined) return 'no vault';
  if (vault.mode === 'server') return 'sealed to the server';
  return vault.recipients === 1 ? '1 recipient' : `${vault.recipients} recipients`;
};

const drillWords = (accounts: readonly AccountStatus[], reading: Reading): string => {
  const drills = accounts.flatMap(({ account }) => account.drilled?.at ?? []);
  const last = drills.toSorted((a, b) => +b - +a)[0];
  return last === undefined ? 'never drilled' : `drilled ${sayTime(last, reading)}`;
};

const useWords = (accounts: readonly AccountStatus[], reading: Reading): string => {
  const uses = accounts.flatMap(({ account }) => account.used?.at ?? []);
  const last = uses.toSorted((a, b) => +b - +a)[0];
  return last === undefined ? 'never used' : `used ${sayTime(last, reading)}`;
};

/** Why nobody would see it being used. */
const blindness = async ({ deps }: AdminContext, { id }: Tenant): Promise<readonly string[]> => {
  const trouble = (await deps.watches.of(id))?.trouble;
  return trouble === undefined ? [] : [`its use is not seen: ${trouble.clause}`];
};

const one = async (ctx: AdminContext, tenant: Tenant): Promise<Result<Answer, Fault>> => {
  const all = await breakGlassStatus(ctx.deps, ctx);
  const found = all.find((each) => each.tenant.id === tenant.id);
  if (found === undefined) return err({ code: 'break-glass.none', tenant: tenant.name });
  const blind = await blindness(ctx, tenant);
  return ok(
    show({
      ...card(`Break-glass accounts of ${tenant.name}`, [
        ...found.accounts.flatMap((each) => accountLines(each, ctx.turn.reading)),
        ...blind.map((clause) => line(strong('Watch: '), `${clause}.`)),
        line('Vault: ', recipientWords(found), '.'),
      ]),
      more: [
        line('Change the passwords: ', code(`/jit admin break-glass rotate ${tenant.id}`)),
        line('See whether they would work: ', code(`/jit admin break-glass check ${tenant.id}`)),
        line('Try them: ', code(`/jit admin break-glass drill ${tenant.id}`)),
      ],
    }),
  );
};

const accountLines = (status: AccountStatus, reading: Reading): readonly Line[] => {
  const { account, ageMs, unsettled } = status;
  const { upn, origin, rotateAt, drilled, used } = account;
  const wrong = wrongClauses(status);
  const facts = [
    origin,
    sayAge(ageMs),
    ...(rotateAt === undefined ? [] : [`next ${sayMoment(rotateAt, reading)}`]),
    ...(unsettled > 1 ? [`${unsettled} passwords may open it; a look shows all of them`] : []),
    drilled === undefined ? 'never drilled' : `drilled ${sayTime(drilled.at, reading)}`,
  ];
  const use =
    used === undefined ? [] : [`${used.view ?? 'Nobody had opened it'}: ${used.says}, ${sayTime(used.at, reading)}`];
  return [
    line(strong(upn), ` ${facts.join(' · ')}`),
    ...(wrong.length === 0 ? [] : [line(strong('Wrong: '), `${sayList(wrong, wrong.length)}.`)]),
    ...use.map((said) => line(strong('Last use: '), `${said}.`)),
  ];
};
