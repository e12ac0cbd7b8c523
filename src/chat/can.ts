/** `/jit can`: what somebody may ask for, told by the same decision that their request will meet. */
import { ordinaryIn } from '../engine/access.js';
import type { Manner, Role } from '../engine/access.js';
import { writeDuration } from '../engine/when.js';
import type { Tenant } from '../engine/tenant.js';
import { mannersIn, momentsOf, offerIn, openTenants } from '../flows/offer.js';
import type { Offered, OpenTenant, TenantOffer } from '../flows/offer.js';
import type { AllowRule } from '../engine/rule.js';
import { lendableUsers } from '../flows/lendable.js';
import { adminNames } from '../flows/standing.js';
import { HOUR } from '../lib/clock.js';
import type { Answer } from './answer.js';
import { card, refuse, show } from './answers.js';
import type { ChatDeps, Turn } from './deps.js';
import { lookOffer } from './look-offer.js';
import { namesIn, sayRole, saySelector, sayUsers } from './rule-text.js';
import type { Names } from './rule-text.js';
import { code, line, sayList, sayTime, strong } from './say.js';
import type { Reading } from './say.js';
import { tenantMeant } from './tenant-meant.js';
import { sayManner, sayTerms, writeManner } from './terms-text.js';
import type { Card, Line } from './view.js';

export const sayWhatOneCan = async (deps: ChatDeps, turn: Turn, typed: string | undefined): Promise<Answer> => {
  if (typed === undefined) return canAnywhere(deps, turn);
  const tenant = await tenantMeant(deps, turn.person, typed);
  return tenant.ok ? show(await canIn(deps, turn, tenant.value)) : refuse(tenant.error, turn.reading);
};

const MOST_LINES = 15;

const canAnywhere = async (deps: ChatDeps, turn: Turn): Promise<Answer> => {
  const open = await openTenants(deps, turn.person);
  if (open.length === 0) return refuse({ code: 'tenant.none', admins: await adminNames(deps) }, turn.reading);
  const [first] = open;
  const lines = open.map(openLine);
  return show({
    ...folded(`You may ask for access in ${open.length === 1 ? '1 tenant' : `${open.length} tenants`}`, lines, [
      line('For each of them: ', code(`/jit can ${first?.tenant.id}`)),
    ]),
  });
};

const openLine = ({ tenant, rules }: OpenTenant): Line => {
  const roles = new Map(rules.flatMap(({ what }) => what.roles.map((one) => [saySelector(one, 'role'), one.kind])));
  const groups = new Set(rules.flatMap(({ what }) => what.groups.map((one) => saySelector(one, 'group'))));
  const templates = new Set(rules.flatMap(({ what }) => what.templates));
  const patterns = [...roles].flatMap(([said, kind]) => (kind === 'pattern' ? [said] : []));
  const exact = roles.size - patterns.length;
  const parts = [
    ...(exact === 0 ? [] : [counted(exact, 'role')]),
    ...patterns,
    ...(groups.size === 0 ? [] : [counted(groups.size, 'group')]),
    ...(templates.size === 0 ? [] : [counted(templates.size, 'template')]),
  ];
  if (tenant.leaving !== undefined) return line(strong(tenant.name), ` (${tenant.id}): being disconnected`);
  return line(strong(tenant.name), ` (${tenant.id}): ${sayList(parts)}`);
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** The first lines, the rest folded, and what stands at the end in any case. */
const folded = (title: string, lines: readonly Line[], last: readonly Line[]): Card => {
  const more = lines.slice(MOST_LINES);
  return {
    ...card(title, [...lines.slice(0, MOST_LINES), ...(more.length === 0 ? last : [])]),
    ...(more.length === 0 ? {} : { more: [...more, ...last] }),
  };
};

const canIn = async (deps: ChatDeps, turn: Turn, tenant: Tenant): Promise<Card> => {
  const moments = await momentsOf(deps, turn.person, tenant);
  const { users } = await lendableUsers(deps, turn.person, tenant);
  const offer = await offerIn(deps, turn.person, tenant, { manners: mannersIn(tenant, users), moments });
  const all = [...offer.roles, ...offer.groups, ...offer.templates];
  const looks = await lookOffer(deps, turn, tenant);
  if (all.length === 0 && looks.length === 0) return nothingIn(deps, tenant, offer);
  const names = await namesIn(
    deps,
    all.flatMap(({ rules }) => rules),
  );
  const now = moments[0] ?? deps.clock.now();
  const telling = {
    names,
    now,
    reading: turn.reading,
    usual: ordinaryIn(tenant),
    passes: tenant.accessPass !== undefined,
  };
  const lines = [
    ...grouped(offer.roles, telling, sayRole),
    ...grouped(offer.groups, telling, ({ name }) => `group ${name}`),
    ...offer.templates.map((one) => offeredLine([`template ${one.thing.name}`], one, telling)),
    ...looks,
    ...(offer.fault === undefined ? [] : [line(UNREAD)]),
  ];
  return folded(`In ${tenant.name} you may ask for`, lines, all.length === 0 ? [] : exampleLines(offer, now));
};

const UNREAD = 'The directory does not answer, so what patterns stand for is missing here. Try again in a minute.';

const nothingIn = async (deps: ChatDeps, tenant: Tenant, { fault }: TenantOffer): Promise<Card> =>
  card(`In ${tenant.name} you may ask for nothing now`, [
    ...(fault === undefined ? [] : [line(UNREAD)]),
    line(`To change that, ask ${sayList(await adminNames(deps, tenant.organization))}.`),
  ]);

interface Telling {
  readonly names: Names;
  readonly now: Date;
  readonly reading: Reading;
  /** How things are asked for there where nobody says otherwise. */
  readonly usual: Manner;
  /** Whether the tenant gives access passes at all. */
  readonly passes: boolean;
}

/** What stands on the same terms stands on one line. */
const grouped = <T>(
  offered: readonly Offered<T>[],
  telling: Telling,
  nameOf: (thing: T) => string,
): readonly Line[] => {
  const byTerms = new Map<string, Offered<T>[]>();
  for (const one of offered) {
    const terms = termsOf(one, telling);
    byTerms.set(terms, [...(byTerms.get(terms) ?? []), one]);
  }
  return [...byTerms.values()].flatMap((some) => {
    const [first] = some;
    return first === undefined
      ? []
      : [
          offeredLine(
            some.map(({ thing }) => nameOf(thing)),
            first,
            telling,
          ),
        ];
  });
};

const MOST_NAMES = 40;

const offeredLine = <T>(names: readonly string[], offered: Offered<T>, telling: Telling): Line =>
  line(strong(sayList(names, MOST_NAMES)), `: ${termsOf(offered, telling)}`);

const termsOf = <T>(
  { terms, rules, manner, at }: Offered<T>,
  { names, now, reading, usual, passes }: Telling,
): string => {
  const later = at > now ? ` · from ${sayTime(at, reading)}` : '';
  const extra = sayManner(manner, usual);
  const pass = passes && !manner.tap && rules.some(({ what }) => what.tap === true) ? ['access pass if wanted'] : [];
  return (
    [sayTerms(terms, rules, names), extra, ...alsoOn(manner, rules), ...pass]
      .filter((part) => part !== '')
      .join(' · ') + later
  );
};

/** On which other accounts the same rules give it; whose, of users who are there. */
const alsoOn = ({ account }: Manner, rules: readonly AllowRule[]): readonly string[] => {
  const lending = rules.filter(({ what }) => what.accounts?.includes('existing') === true);
  const users = [...new Set(lending.map(({ what }) => sayUsers(what)))];
  const made = account !== 'fresh' && rules.some(({ what }) => what.accounts?.includes('fresh') === true);
  return [
    ...(made ? ['also on a new account'] : []),
    ...(users.length === 0 ? [] : [`${account === 'existing' ? '' : 'also on an existing user: '}${sayList(users)}`]),
  ];
};

const writeRole = ({ name, unit }: Role): string => (unit === undefined ? name : `${name}@${unit.name}`);

/** A command that would be accepted as it stands, but for a ticket whose number only the reader knows. */
const exampleLines = ({ tenant, roles, groups, templates }: TenantOffer, now: Date): readonly Line[] => {
  const usual = ordinaryIn(tenant);
  const all: readonly { readonly said: string; readonly offered: Offered<unknown> }[] = [
    ...roles.map((one) => ({
      said: `--role "${writeRole(one.thing)}"${writeManner(one.manner, usual)}`,
      offered: one,
    })),
    ...templates.map((one) => ({ said: `--template "${one.thing.name}"`, offered: one })),
    ...groups.map((one) => ({ said: `--group "${one.thing.name}"${writeManner(one.manner, usual)}`, offered: one })),
  ];
  const ready = all.filter(({ offered }) => offered.at <= now && offered.manner.account === 'dedicated');
  const best = ready.find(({ offered }) => offered.terms.ticket === undefined) ?? ready[0];
  if (best === undefined) return [];
  const { terms } = best.offered;
  const duration = writeDuration(Math.min(terms.longestMs, tenant.defaultDurationMs, 2 * HOUR));
  const ticket = terms.ticket === undefined ? '' : ' --ticket NUMBER';
  return [
    line('For example: ', code(`/jit request ${tenant.id} ${best.said} --for ${duration}${ticket} --reason "why"`)),
  ];
};
