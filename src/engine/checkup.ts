/** Makes of what was found in a tenant a checklist that somebody can act on, and what the app may do there. */
import { accessPassFinding, clockFinding, credentialsFinding, domainFinding } from './checkup-tenant.js';
import { licenceFinding, tagFinding, throttlingFinding } from './checkup-tenant.js';
import { permissionFindings, roleFinding, tokenFinding } from './checkup-rights.js';
import { isPassing } from './faults.js';
import type { Finding, Look } from './finding.js';
import type { Found, Inspection } from './inspection.js';
import { ABOVE_EVERYONE, mayUse } from './own-rights.js';
import { NO_POWERS } from './powers.js';
import type { Powers } from './powers.js';

export interface Examination {
  /** In the order of their importance. */
  readonly findings: readonly Finding[];
  readonly powers: Powers;
  /** Checks that could not be made just now, for a reason that passes by itself. */
  readonly deferred: readonly string[];
}

/** Without a token nothing else can be known, and only that is said. */
export const examine = (look: Look): Examination => {
  const { token } = look.inspection;
  if (!token.ok) {
    return { findings: [tokenFinding(look)], powers: NO_POWERS, deferred: isPassing(token.error) ? ['token'] : [] };
  }
  const powers = powersIn(look.inspection);
  const findings = [
    tokenFinding(look),
    roleFinding(look),
    ...permissionFindings(look),
    domainFinding(look),
    accessPassFinding(look),
    licenceFinding(look, powers),
    ...credentialsFinding(look),
    ...tagFinding(look),
    clockFinding(look),
    throttlingFinding(look),
  ];
  return { findings, powers, deferred: deferredIn(look) };
};

/** What is not known to be so counts as not so. */
const powersIn = ({ principal, permissions, licences }: Inspection): Powers => {
  const changesHolders = principal.ok && ABOVE_EVERYONE.some((role) => principal.value.roles.includes(role));
  const granted = permissions.ok ? permissions.value : [];
  // Without that role an assignment of PIM could not be taken back in its first five minutes.
  const schedules = changesHolders && licences.ok && licences.value.p2 && mayUse('schedules', granted);
  return { changesHolders, schedules };
};

const deferredIn = ({ inspection, domains }: Look): readonly string[] => {
  const parts: Readonly<Record<string, Found<unknown>>> = {
    role: inspection.principal,
    permission: inspection.permissions,
    passes: inspection.passPolicy,
    licence: inspection.licences,
    credentials: inspection.credentials,
    tag: inspection.tagAttribute,
    clock: inspection.skewMs,
    domain: domains,
  };
  return Object.entries(parts).flatMap(([check, part]) => (!part.ok && isPassing(part.error) ? [check] : []));
};

const kindOf = ({ check }: Pick<Finding, 'check'>): string => check.split(':')[0] ?? check;

/**
 * What is known of a tenant after another look: whatever could not be looked at just now stays as it was last seen, so
 * that an outage is no change and hides none.
 */
export const knownAfter = (before: readonly Finding[], examination: Examination): readonly Finding[] => {
  const { findings, deferred } = examination;
  const isBlind = findings.some(({ check, state }) => check === 'token' && state !== 'ok');
  const seen = findings.filter((finding) => !deferred.includes(kindOf(finding)));
  const kept = before.filter(
    (finding) => (isBlind || deferred.includes(kindOf(finding))) && !seen.some(({ check }) => check === finding.check),
  );
  return [...seen, ...kept];
};

/** A finding that is another than it was. */
export interface Change {
  readonly finding: Finding;
  /** Absent: nobody knew of it. */
  readonly was?: Finding['state'];
}

/** What comes and goes by the minute, and what is announced in its own time. */
const UNTOLD = ['throttling', 'credentials'];

/** What is worth telling to people who read the last checklist. */
export const changesBetween = (before: readonly Finding[], after: readonly Finding[]): readonly Change[] =>
  after.flatMap((finding): readonly Change[] => {
    if (UNTOLD.includes(kindOf(finding))) return [];
    const was = before.find(({ check }) => check === finding.check)?.state;
    if (was === undefined) return finding.state === 'ok' ? [] : [{ finding }];
    return was === finding.state ? [] : [{ finding, was }];
  });

const RANK: readonly Finding['state'][] = ['missing', 'warning', 'unknown', 'ok'];

/** What needs somebody most comes first. */
export const worstFirst = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted((one, other) => RANK.indexOf(one.state) - RANK.indexOf(other.state));
