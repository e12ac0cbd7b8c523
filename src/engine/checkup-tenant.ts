/** What a checklist says of the tenant: its domain, its policies, its licences, its clock, and the app's own marks. */
import { unread } from './checkup-rights.js';
import type { Finding, Look } from './finding.js';
import type { PassPolicy } from './inspection.js';
import { mayUse } from './own-rights.js';
import type { Powers } from './powers.js';
import { writeDuration } from './when.js';
import { DAY, MINUTE, SECOND } from '../lib/clock.js';

export const domainFinding = (look: Look): Finding => {
  const { tenant, domains } = look;
  const check = 'domain';
  if (!domains.ok) return unread(look, check, 'The domains', { fault: domains.error, takes: 'Domain.Read.All' });
  const own = domains.value.find(({ name }) => name.toLowerCase() === tenant.domain.toLowerCase());
  if (own?.verified === true && own.managed) {
    return { check, state: 'ok', says: `Accounts are made under ${tenant.domain}, which is verified and managed.` };
  }
  const usable = domains.value.filter(({ verified, managed }) => verified && managed).map(({ name }) => name);
  const why = own === undefined ? 'is no domain of the tenant' : own.verified ? 'is federated' : 'is not verified';
  return {
    check,
    state: 'missing',
    says: `No account can be made: ${tenant.domain} ${why}.`,
    fix: `/jit admin tenant set ${tenant.id} --domain ${usable[0] ?? 'DOMAIN'}`,
  };
};

export const accessPassFinding = (look: Look): Finding => {
  const { tenant, inspection } = look;
  const { passPolicy, permissions } = inspection;
  const check = 'passes';
  if (!passPolicy.ok) {
    const why = { fault: passPolicy.error, takes: 'Policy.Read.AuthenticationMethod' };
    return unread(look, check, "The tenant's policy for access passes", why);
  }
  const policy = passPolicy.value;
  const found = policy.enabled ? sayPolicy(policy) : 'The tenant gives no access passes';
  if (tenant.accessPass === undefined) return { check, state: 'ok', says: `${found}; none are asked for here.` };
  const canEnable = mayUse('pass-policy', permissions.ok ? permissions.value : []);
  const enable = canEnable
    ? `/jit admin tenant test ${tenant.id} --enable-passes`
    : 'Entra admin center, Authentication methods, Policies, Temporary Access Pass: enable it for all users.';
  if (!policy.enabled)
    return { check, state: 'missing', says: `${found}: every credential is a password.`, fix: enable };
  if (!policy.everybody) {
    return { check, state: 'warning', says: `${found}. Accounts outside those groups get a password.`, fix: enable };
  }
  if (policy.onceOnly && tenant.accessPass === 'many') {
    const fix = `/jit admin tenant set ${tenant.id} --tap once`;
    return { check, state: 'warning', says: `${found}, and passes for many sign-ins are wanted here.`, fix };
  }
  return { check, state: 'ok', says: `${found}.` };
};

const sayPolicy = ({ leastMinutes, mostMinutes, onceOnly, everybody }: PassPolicy): string => {
  const whom = everybody ? 'everybody' : 'members of some groups';
  const lasting = `${writeDuration(leastMinutes * MINUTE)} to ${writeDuration(mostMinutes * MINUTE)}`;
  return `The tenant gives access passes to ${whom}, for ${lasting}${onceOnly ? ' and one sign-in' : ''}`;
};

/** A licence that is not there is no fault: what follows from it is said. */
export const licenceFinding = (look: Look, powers: Powers): Finding => {
  const { tenant, inspection } = look;
  const { licences, permissions } = inspection;
  const check = 'licence';
  if (!licences.ok) {
    return unread(look, check, 'The licences', { fault: licences.error, takes: 'LicenseAssignment.Read.All' });
  }
  const { p1, p2 } = licences.value;
  if (!p2) return { check, state: 'ok', says: `${p1 ? 'Entra ID P1' : 'No Entra ID P1 or P2'}: ${ALONE}.` };
  if (powers.schedules) return { check, state: 'ok', says: 'Entra ID P2: Entra itself ends roles on time.' };
  const granted = permissions.ok ? permissions.value : [];
  const role = 'privileged-authentication-administrator';
  const fix = powers.changesHolders
    ? 'Grant RoleAssignmentSchedule.ReadWrite.Directory in the Entra admin center, Enterprise applications, Latchkey, Permissions.'
    : `Make Latchkey Privileged Authentication Administrator in the Entra admin center, Roles and admins${mayUse('own-role', granted) ? `, or /jit admin tenant test ${tenant.id} --take-role ${role}` : ''}`;
  return { check, state: 'warning', says: `Entra ID P2, which is not made use of: ${ALONE}.`, fix };
};

const ALONE = 'Latchkey alone takes roles back, and nothing does while it is down';

const SOON_MS = 30 * DAY;

/** Of several credentials the one that ends last counts. */
export const credentialsFinding = (look: Look): readonly Finding[] => {
  const { tenant, inspection, ownApp } = look;
  const { credentials, at } = inspection;
  const check = 'credentials';
  if (!credentials.ok) {
    const why = { fault: credentials.error, takes: 'Application.Read.All' };
    return [unread(look, check, "When the app's credentials end", why)];
  }
  const last = credentials.value?.reduce((one, other) => (other.expiresAt > one.expiresAt ? other : one), NEVER);
  if (last === undefined || last === NEVER) return [];
  const left = last.expiresAt.getTime() - at.getTime();
  const says = `The app's last ${last.kind} ${left > 0 ? 'ends' : 'has ended'} on ${dayOf(last.expiresAt)}.`;
  if (left > SOON_MS) return [{ check, state: 'ok', says }];
  const fix = ownApp
    ? `Make a new one in the tenant's app registration, then /jit admin tenant app ${tenant.id}`
    : "Make a new one in the app's registration, give it to Latchkey as in manifests/entra.md, and restart it.";
  return [{ check, state: left > 0 ? 'warning' : 'missing', says, fix }];
};

const NEVER = { kind: 'secret', name: '', expiresAt: new Date(0) } as const;

const dayOf = (at: Date): string => at.toISOString().slice(0, 'YYYY-MM-DD'.length);

/** Only where the app is at home can it be seen. */
export const tagFinding = (look: Look): readonly Finding[] => {
  const { tagAttribute } = look.inspection;
  const check = 'tag';
  if (!tagAttribute.ok) {
    const why = { fault: tagAttribute.error, takes: 'Application.Read.All' };
    return [unread(look, check, 'Whether accounts can carry the mark of Latchkey', why)];
  }
  if (tagAttribute.value === undefined) return [];
  if (tagAttribute.value) return [{ check, state: 'ok', says: 'Accounts can carry the mark of Latchkey.' }];
  return [
    {
      check,
      state: 'missing',
      says: 'No account can be made: the app has no directory extension to mark accounts with.',
      fix: 'Add the directory extension "latchkey" to the app\'s registration, as in manifests/entra.md.',
    },
  ];
};

const SLIGHT_MS = 60 * SECOND;
const GRAVE_MS = 5 * MINUTE;

export const clockFinding = (look: Look): Finding => {
  const { skewMs } = look.inspection;
  const check = 'clock';
  if (!skewMs.ok) return unread(look, check, "The directory's clock", { fault: skewMs.error });
  const away = Math.abs(skewMs.value);
  if (away <= SLIGHT_MS) return { check, state: 'ok', says: "Latchkey's clock and the directory's agree." };
  return {
    check,
    state: away > GRAVE_MS ? 'missing' : 'warning',
    says: `Latchkey's clock is ${writeDuration(away)} ${skewMs.value > 0 ? 'behind' : 'ahead of'} the directory's${away > GRAVE_MS ? ', so that its sign-ins are refused or soon will be' : ''}.`,
    fix: 'Have the clock of the server that runs Latchkey set by a time service.',
  };
};

const TIGHT = 0.8;

export const throttlingFinding = ({ tenant, inspection: { throttling } }: Look): Finding => {
  const { refused, used } = throttling;
  const check = 'throttling';
  const share = `${Math.round(used * 100)} % of what Graph allows was used`;
  if (refused === 0 && used < TIGHT) return { check, state: 'ok', says: `Graph has room: ${share}.` };
  return {
    check,
    state: 'warning',
    says:
      refused > 0
        ? `Graph has refused ${refused} calls of late for being too many; ${share}.`
        : `Graph is near its limit: ${share}.`,
    fix: `It passes by itself. If it stays, see what else uses the same app there, then /jit admin tenant test ${tenant.id}`,
  };
};
