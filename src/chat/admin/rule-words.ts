/** What admins say of a rule, read into its parts. */
import type { Fault } from '../../engine/faults.js';
import { ALL_ADMINS } from '../../engine/group.js';
import type { GroupId } from '../../engine/ids.js';
import type { Escalation, Quorum, Rule, Subject, Where } from '../../engine/rule.js';
import { parseWindow } from '../../engine/window-text.js';
import { parseDuration } from '../../engine/when.js';
import type { RuleParts } from '../../flows/rules/rule-parts.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { cleaned } from '../asking.js';
import { ACCOUNT_WORDS, END_WORDS, meantBy } from '../manner.js';
import { allFound, found, withoutPrefix } from './find.js';
import type { AdminContext } from './noun.js';
import { personToName } from './people-meant.js';

/** The options of `rule add` and `rule set`, which say the same in the same words. */
export interface RuleWords {
  readonly subject: readonly string[];
  readonly tenant: readonly string[];
  readonly organization: readonly string[];
  readonly everywhere: boolean;
  readonly role: readonly string[];
  readonly group: readonly string[];
  readonly template: readonly string[];
  readonly account: readonly string[];
  readonly 'at-end': readonly string[];
  readonly tap: string | boolean | undefined;
  readonly user: readonly string[];
  readonly outsiders: string | boolean | undefined;
  readonly 'break-glass'?: boolean;
  readonly when: string | undefined;
  readonly max: string | undefined;
  readonly ticket: string | boolean | undefined;
  readonly 'ticket-pattern': string | undefined;
  readonly approvals: string | undefined;
  readonly approvers: readonly string[];
  readonly auto: boolean;
  readonly 'self-approval': string | boolean | undefined;
  readonly denials: string | undefined;
  readonly escalate: string | undefined;
  readonly pending: string | undefined;
  readonly passkey: string | boolean | undefined;
}

/** The parts that were said, and no others. `base`: the rule that they change. */
export const partsIn = async (ctx: AdminContext, words: RuleWords, base?: Rule): Promise<Result<RuleParts, Fault>> =>
  joined([
    part('subjects', await subjectsIn(ctx, words.subject)),
    part('where', await placesIn(ctx, words)),
    part('roles', ok(namesIn(words.role))),
    part('groups', ok(namesIn(words.group))),
    part('templates', await templatesIn(ctx, words.template)),
    part('accounts', kindsIn('--account', words.account, ACCOUNT_WORDS)),
    part('atEnd', kindsIn('--at-end', words['at-end'], END_WORDS)),
    part('tap', yesOrNo('--tap', words.tap)),
    part('users', ok(namesIn(words.user.flatMap((many) => many.split(','))))),
    part('outsiders', yesOrNo('--outsiders', words.outsiders)),
    part('breakGlass', ok(words['break-glass'] === true ? true : undefined)),
    part('when', windowIn(words.when)),
    part('longestMs', durationIn(words.max)),
    part('ticket', ticketIn(words)),
    part('quorums', await quorumsIn(ctx, words, base)),
    part('escalation', await escalationIn(ctx, words.escalate)),
    part('selfApproval', yesOrNo('--self-approval', words['self-approval'])),
    part('denials', countIn('--denials', words.denials)),
    part('pendingMs', durationIn(words.pending)),
    part('secondFactor', yesOrNo('--passkey', words.passkey)),
  ]);

type Part = Result<RuleParts, Fault>;

const part = <K extends keyof RuleParts>(name: K, read: Result<RuleParts[K] | undefined, Fault>): Part => {
  if (!read.ok) return read;
  return ok(read.value === undefined ? {} : { [name]: read.value });
};

const joined = (parts: readonly Part[]): Part => {
  const failed = parts.find((one) => !one.ok);
  if (failed !== undefined) return failed;
  return ok(Object.assign({}, ...parts.map((one) => (one.ok ? one.value : {}))) as RuleParts);
};

const subjectsIn = async (
  ctx: AdminContext,
  words: readonly string[],
): Promise<Result<readonly Subject[] | undefined, Fault>> => {
  const subjects: Subject[] = [];
  for (const word of words) {
    const subject = await subjectMeant(ctx, cleaned(word));
    if (!subject.ok) return subject;
    subjects.push(subject.value);
  }
  const distinct = new Map(subjects.map((subject) => [JSON.stringify(subject), subject]));
  return ok(words.length === 0 ? undefined : [...distinct.values()]);
};

// What can only name a person: a mention, an id of a platform, an e-mail. A bare name names a group.
const PERSON = /^(?:<?@|slack:|teams:|person:|me$)|^[^\s:]+@[^\s:]+$/iu;

const subjectMeant = async (ctx: AdminContext, word: string): Promise<Result<Subject, Fault>> => {
  if (/^everyone$/iu.test(word)) return ok({ kind: 'everyone' });
  if (PERSON.test(word)) {
    const person = await personToName(ctx, withoutPrefix('person', word).trim());
    return person.ok ? ok({ kind: 'person', id: person.value }) : person;
  }
  const group = await groupMeant(ctx, word);
  return group.ok ? ok({ kind: 'group', id: group.value.id }) : group;
};

/** One of the groups in sight, or the built-in one. */
export const groupMeant = async (
  ctx: AdminContext,
  typed: string,
): Promise<Result<{ readonly id: GroupId; readonly name: string }, Fault>> => {
  const name = cleaned(withoutPrefix('group', typed));
  const isBuiltIn = [ALL_ADMINS.name, ALL_ADMINS.id].some((known) => known.toLowerCase() === name.toLowerCase());
  return isBuiltIn ? ok(ALL_ADMINS) : found('group', ctx.sight.groups, name);
};

const placesIn = async (
  ctx: AdminContext,
  { tenant, organization, everywhere }: RuleWords,
): Promise<Result<readonly Where[] | undefined, Fault>> => {
  const tenants = await allFound('tenant', ctx.sight.tenants, tenant);
  if (!tenants.ok) return tenants;
  const organizations = await allFound('organization', ctx.sight.organizations, organization);
  if (!organizations.ok) return organizations;
  const places: readonly Where[] = [
    ...new Map(tenants.value.map(({ id }): [string, Where] => [id, { kind: 'tenant', id }])).values(),
    ...new Map(organizations.value.map(({ id }): [string, Where] => [id, { kind: 'organization', id }])).values(),
  ];
  if (!everywhere) return ok(places.length === 0 ? undefined : places);
  if (places.length === 0) return ok([{ kind: 'all' }]);
  return err(invalid('--everywhere', 'that holds every tenant already; leave out the others'));
};

const NONE = /^none$/iu;

/** `none` empties the list. */
const namesIn = (words: readonly string[]): readonly string[] | undefined => {
  const names = words.map(cleaned).filter((name) => name !== '');
  if (words.length === 0) return undefined;
  return names.filter((name) => !NONE.test(name));
};

const templatesIn = async (
  ctx: AdminContext,
  words: readonly string[],
): Promise<Result<RuleParts['templates'], Fault>> => {
  if (words.length === 0) return ok(undefined);
  const templates = await allFound(
    'template',
    ctx.sight.templates,
    words.filter((word) => !NONE.test(word)),
  );
  return templates.ok ? ok(templates.value.map(({ id }) => id)) : templates;
};

const kindsIn = <T>(
  field: string,
  words: readonly string[],
  known: Readonly<Record<string, T>>,
): Result<readonly T[] | undefined, Fault> => {
  const kinds = new Set<T>();
  for (const word of words.flatMap((many) => many.split(','))) {
    const kind = meantBy(known, word);
    if (kind === undefined) return err(invalid(field, `say ${Object.keys(known).join(', ')}`));
    kinds.add(kind);
  }
  return ok(kinds.size === 0 ? undefined : [...kinds]);
};

/** A flag that was not raised says nothing. */
const yesOrNo = (field: string, said: string | boolean | undefined): Result<boolean | undefined, Fault> => {
  if (typeof said !== 'string') return ok(said === true ? true : undefined);
  if (/^(?:yes|no)$/iu.test(said)) return ok(said.toLowerCase() === 'yes');
  return err(invalid(field, 'say yes or no'));
};

const windowIn = (said: string | undefined): Result<RuleParts['when'], Fault> => {
  if (said === undefined) return ok(undefined);
  if (/^always$/iu.test(said.trim())) return ok('always');
  const window = parseWindow(cleaned(said));
  return window.ok ? window : err(invalid('--when', window.error));
};

const durationIn = (said: string | undefined): Result<number | undefined, Fault> =>
  said === undefined ? ok(undefined) : parseDuration(said);

const ticketIn = (words: RuleWords): Result<RuleParts['ticket'], Fault> => {
  const needed = yesOrNo('--ticket', words.ticket);
  if (!needed.ok) return needed;
  const pattern = words['ticket-pattern'];
  if (pattern !== undefined && needed.value === false) {
    return err(invalid('--ticket', 'with a pattern a ticket is needed; leave one of the two out'));
  }
  if (pattern !== undefined) return ok({ pattern: cleaned(pattern) });
  return ok(needed.value === undefined ? undefined : needed.value ? {} : 'none');
};

const countIn = (field: string, said: string | undefined): Result<number | undefined, Fault> => {
  if (said === undefined) return ok(undefined);
  return /^\d{1,2}$/u.test(said.trim()) ? ok(Number(said)) : err(invalid(field, 'give a number from 1 to 99'));
};

const quorumsIn = async (
  ctx: AdminContext,
  { approvals, approvers, auto }: RuleWords,
  base: Rule | undefined,
): Promise<Result<readonly Quorum[] | undefined, Fault>> => {
  const count = countIn('--approvals', approvals);
  if (!count.ok) return count;
  if (auto || count.value === 0) {
    return approvers.length === 0 && (count.value ?? 0) === 0
      ? ok([])
      : err(invalid('--auto', 'then nobody is asked; leave out --approvals and --approvers'));
  }
  if (approvers.length === 0) return count.value === undefined ? ok(undefined) : recounted(count.value, base);
  const quorums = new Map<string, Quorum>();
  for (const word of approvers) {
    const [, voices, group = word] = /^\s*(\d{1,2})\s+of\s+(.+)$/iu.exec(word) ?? [];
    const meant = await groupMeant(ctx, group);
    if (!meant.ok) return meant;
    const { id, name } = meant.value;
    quorums.set(id, { group: id, groupName: name, count: voices === undefined ? (count.value ?? 1) : Number(voices) });
  }
  return ok([...quorums.values()]);
};

/** Only how many have to agree was said: of those who are asked already, or of the admins. */
const recounted = (count: number, base: Rule | undefined): Result<readonly Quorum[], Fault> => {
  const known = base?.effect === 'allow' ? base.demands.quorums : [];
  const [one = { group: ALL_ADMINS.id, groupName: ALL_ADMINS.name }, ...others] = known;
  if (others.length === 0) return ok([{ group: one.group, groupName: one.groupName, count }]);
  return err(
    invalid('--approvals', `several groups are asked; say each, like --approvers "${count} of ${one.groupName}"`),
  );
};

const escalationIn = async (
  ctx: AdminContext,
  said: string | undefined,
): Promise<Result<Escalation | 'none' | undefined, Fault>> => {
  if (said === undefined) return ok(undefined);
  if (NONE.test(said.trim())) return ok('none');
  const [, after = '', to = ''] = /^(.{1,20}?)\s+to\s+(.+)$/iu.exec(said.trim()) ?? [];
  if (to === '') return err(invalid('--escalate', 'write it like "30m to Managers", or none'));
  const afterMs = parseDuration(after);
  if (!afterMs.ok) return afterMs;
  const group = await groupMeant(ctx, to);
  if (!group.ok) return group;
  return ok({ afterMs: afterMs.value, group: group.value.id, groupName: group.value.name });
};

const invalid = (field: string, problem: string): Fault => ({ code: 'admin.invalid', field, problem });
