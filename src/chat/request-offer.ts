/** What the request form can offer for the choices made so far, and what they would come to. */
import type { AccountKind } from '../engine/access.js';
import type { Decision } from '../engine/decide.js';
import type { Tenant } from '../engine/tenant.js';
import { consult, refusalOf } from '../flows/consult.js';
import { usableDomains } from '../flows/domains.js';
import { lendableUsers } from '../flows/lendable.js';
import { mannersIn, offerIn } from '../flows/offer.js';
import type { OpenTenant } from '../flows/offer.js';
import { ordinarily, readTimes } from './asking.js';
import { faultSentence } from './copy.js';
import type { ChatDeps, Turn } from './deps.js';
import { mannerOf, templateChosen, thingsChosen, userChosen } from './request-entries.js';
import type { Chosen, RequestEntries } from './request-entries.js';
import { sayList } from './say.js';

export const zoneOf = ({ reading }: Turn): string => reading.zone ?? 'utc';

/** What may be asked for there, from when the access would begin. */
export const chosenIn = async (
  deps: ChatDeps,
  turn: Turn,
  { tenant, rules }: OpenTenant,
  entries: RequestEntries,
): Promise<Chosen> => {
  const times = readTimes(entries, tenant, zoneOf(turn), deps.clock.now());
  const moments = [(times.ok ? times.value.startsAt : undefined) ?? deps.clock.now()];
  const { users, ...lent } = await lendableUsers(deps, turn.person, tenant);
  const offer = await offerIn(deps, turn.person, tenant, { manners: mannersIn(tenant, users), moments });
  const fault = offer.fault ?? lent.fault;
  const template = templateChosen(offer, entries);
  const chosen = { ...offer, rules, users, ...(template === undefined ? {} : { template }) };
  const { account } = mannerOf(chosen, entries);
  const picked = entries.role.length + (template?.roles.length ?? 0) > 0;
  const [units, domains] = await Promise.all([
    picked ? deps.search.units(tenant, '') : undefined,
    account === 'fresh' ? deps.directory.describe(tenant.directoryId) : undefined,
  ]);
  return {
    ...chosen,
    units: units?.ok === true ? units.value : [],
    domains: domains?.ok === true ? usableDomains(domains.value.domains) : [],
    ...(fault === undefined ? {} : { fault }),
  };
};

/** What will be needed, from the same decision that will be made. */
export const hintFor = async (
  deps: ChatDeps,
  turn: Turn,
  chosen: Chosen | undefined,
  entries: RequestEntries,
): Promise<string> => {
  if (chosen === undefined) return 'Choose a tenant to see what you may ask for there.';
  const { tenant, template } = chosen;
  const things = thingsChosen(chosen, entries);
  if (things.roles.length + things.groups.length === 0) return 'Choose what you need.';
  const now = deps.clock.now();
  const times = readTimes(entries, tenant, zoneOf(turn), now);
  if (!times.ok) return faultSentence(times.error, turn.reading);
  const { durationMs, startsAt = now } = times.value;
  const { ticket } = entries;
  const manner = mannerOf(chosen, entries);
  const user = manner.account === 'existing' ? userChosen(chosen, entries) : undefined;
  if (manner.account === 'existing' && user === undefined) return 'Choose whom you want to borrow.';
  const question = {
    ...ordinarily(tenant, startsAt),
    ...manner,
    ...(user === undefined ? {} : { user }),
    ...things,
    durationMs,
    ...(ticket === undefined ? {} : { ticket }),
    ...(template === undefined ? {} : { template }),
  };
  const decision = await consult(deps, turn.person, question);
  if (decision.kind !== 'refuse') {
    const without = lacksPass(tenant, manner) ? ` ${sayWithoutPass(tenant, manner.account)}` : '';
    return `${sayDecision(decision)}${without}`;
  }
  return faultSentence(await refusalOf(deps, turn.person, question, decision.why), turn.reading);
};

const sayDecision = ({ kind, terms }: Exclude<Decision, { kind: 'refuse' }>): string => {
  if (kind === 'allow') return 'No approval needed.';
  const needed = terms.quorums.map(({ count, groupName }) => `${count} of ${groupName}`);
  return `Needs approval: ${sayList(needed)}.`;
};

/** Whether a pass is wanted where none is given. */
export const lacksPass = ({ accessPass }: Tenant, { tap }: { readonly tap: boolean }): boolean =>
  tap && accessPass === undefined;

export const sayWithoutPass = ({ name }: Tenant, account: AccountKind): string =>
  account === 'existing'
    ? `${name} gives no access passes, so whoever uses it signs in as before.`
    : `${name} gives no access passes, so you will get a password instead.`;
