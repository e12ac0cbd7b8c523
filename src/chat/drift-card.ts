/** What was found in tenants that should not be so, and what came of it. */
import type { Drift } from '../engine/drift.js';
import type { DirectoryGroupId, RoleId } from '../engine/ids.js';
import type { Finding, Names, Report } from '../flows/findings.js';
import { card } from './answers.js';
import { code, line, sayList, sayTime, strong } from './say.js';
import type { Reading } from './say.js';
import type { Card, Line } from './view.js';

/** More would not be read on a phone; the rest is folded, and each tenant shows its own on demand. */
const MOST_LINES = 12;

/** All that is new since the last one. */
export const driftDigest = (reports: readonly Report[], reading: Reading): Card => {
  const lines = reports.flatMap((report) => reportLines(report, reading));
  const [only] = reports;
  const open = reports.some(({ outcome }) => outcome.kind !== 'looked' || outcome.findings.some(needsSomebody));
  const where = reports.length === 1 && only !== undefined ? only.tenant.name : `${reports.length} tenants`;
  const title = open ? `🚨 ${where}: found what needs a look` : `${where}: found and put right`;
  return { ...card(title, lines.slice(0, MOST_LINES)), ...folded(lines.slice(MOST_LINES)) };
};

const folded = (lines: readonly Line[]): Pick<Card, 'more'> => (lines.length === 0 ? {} : { more: lines });

/** What a look at one tenant has shown, to whoever asked for it. */
export const checkedCard = (report: Report, reading: Reading): Card => {
  const { tenant, outcome } = report;
  if (outcome.kind !== 'looked') return card(`${tenant.name} was not looked at`, reportLines(report, reading));
  const { accounts, findings } = outcome;
  const count = accounts === 1 ? '1 account' : `${accounts} accounts`;
  if (findings.length === 0) {
    return card(`${tenant.name} is as it should be`, [line(`${count} on record; nobody else there carries my tag.`)]);
  }
  const lines = findings.map((finding) => findingLine(report, finding, outcome.names));
  const title = `${tenant.name}: ${findings.length === 1 ? '1 finding' : `${findings.length} findings`}, ${count}`;
  return { ...card(title, lines.slice(0, MOST_LINES)), ...folded(lines.slice(MOST_LINES)) };
};

const reportLines = (report: Report, reading: Reading): readonly Line[] => {
  const { tenant, outcome } = report;
  if (outcome.kind === 'looked') return outcome.findings.map((finding) => findingLine(report, finding, outcome.names));
  const since = outcome.kind === 'paused' ? ` since ${sayTime(outcome.since, reading)}` : '';
  const said = `It cannot be looked at${since}: ${outcome.clause}. Next: `;
  return [line(strong(tenant.name), ` ${said}`, code(`/jit admin tenant test ${tenant.id}`))];
};

const needsSomebody = (finding: Finding): boolean =>
  finding.kind === 'stray' || finding.remedy.kind === 'theirs' || finding.remedy.kind === 'under-way';

const findingLine = ({ tenant }: Report, finding: Finding, names: Names): Line => {
  const about = strong(`${tenant.name}: ${finding.upn}`);
  if (finding.kind === 'stray') {
    const how = finding.enabled ? 'It can sign in. ' : '';
    const said = ` carries my tag, but is none of my accounts. ${how}I never touch it; take it over: `;
    return line(about, said, code(`/jit admin account adopt ${tenant.id} --pattern "${finding.upn}"`));
  }
  return line(about, ` ${whatHappened(finding, names)} `, ...whatCameOfIt(finding, tenant.id));
};

type Drifted = Extract<Finding, { kind: 'drift' }>;

const whatHappened = ({ drift, live }: Drifted, names: Names): string => {
  const during = live ? ' while it is lent' : '';
  switch (drift.kind) {
    case 'open':
      return 'could sign in, though nobody needs it.';
    case 'disabled':
      return 'was disabled while it is lent.';
    case 'extra':
      return `held ${thingsIn(drift, names)}, which nobody asked for.`;
    case 'missing':
      return `lost ${thingsIn(drift, names)} while it is lent.`;
    case 'other-end':
      return `held ${thingsIn({ ...drift, groups: [] }, names)} until another time than was agreed.`;
    case 'password':
      return `carried a tag that speaks of another password${during}.`;
    case 'untagged':
      return `lost its tag${during}.`;
    case 'deleted':
      return `was deleted${during}.`;
    case 'renamed':
      return `was renamed to ${drift.to}${during}.`;
    default:
      return drift satisfies never;
  }
};

const thingsIn = (
  { roles, groups }: Pick<Extract<Drift, { kind: 'extra' }>, 'roles' | 'groups'>,
  names: Names,
): string =>
  sayList([...roles.map((role) => roleName(role, names)), ...groups.map((group) => groupName(group, names))]);

const roleName = (held: RoleId, names: Names): string => {
  const [role = '', unit] = held.split('@');
  const name = names.get(held) ?? names.get(role as RoleId) ?? `role ${role}`;
  return unit === undefined ? name : `${name} in an administrative unit`;
};

const groupName = (group: DirectoryGroupId, names: Names): string => `group ${names.get(group) ?? group}`;

const PUT_RIGHT: Readonly<Record<Drift['kind'], string>> = {
  open: 'It is disabled again and has another password.',
  disabled: 'It is enabled again.',
  extra: 'That is taken away.',
  missing: 'That is given back.',
  'other-end': 'The end is as agreed again.',
  password: 'Another one is set.',
  untagged: 'It is tagged again and has another password.',
  deleted: 'It is made anew, and its holder gets another credential.',
  renamed: '',
};

const NOTED: Readonly<Partial<Record<Drift['kind'], string>>> = {
  deleted: 'The next request makes it anew.',
  renamed: 'I go by that name from now on.',
};

const whatCameOfIt = ({ upn, drift, remedy, live }: Drifted, tenant: string): Line => {
  switch (remedy.kind) {
    case 'repaired':
      return line(PUT_RIGHT[drift.kind]);
    case 'noted':
      return line(NOTED[drift.kind] ?? '');
    case 'under-way':
      return line(`It is not put right yet${remedy.clause === undefined ? '' : `: ${remedy.clause}`}; I go on trying.`);
    case 'theirs':
      return live
        ? line('Whoever uses it has to end it and ask for another: ', code(`/jit admin account show ${upn}`))
        : line('Let it go, or look at it: ', code(`/jit admin account show ${upn}`), `, tenant ${tenant}.`);
    default:
      return remedy satisfies never;
  }
};
