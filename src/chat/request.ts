import type { Fault } from '../engine/faults.js';
import type { Decision } from '../engine/policy.js';
import type { AccessRequest } from '../engine/request.js';
import { parseDuration } from '../engine/when.js';
import { consult, submit } from '../flows/submit.js';
import type { Submission } from '../flows/submit.js';
import { HOUR, MINUTE } from '../lib/clock.js';
import { err } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { Answer } from './answer.js';
import { card, nothing, refuse, show } from './answers.js';
import { allowedTo, readSubmission, tenantMeant } from './asking.js';
import type { Allowed } from './asking.js';
import type { RequestOptions } from './commands.js';
import { faultSentence } from './copy.js';
import type { ChatDeps, Turn } from './deps.js';
import { requestCard } from './request-card.js';
import { line, sayDuration, sayList } from './say.js';
import type { Intent, RequestValues } from './speaker.js';
import type { Choice, RequestForm } from './view.js';

/** `/jit request`: asks at once when enough was said, otherwise opens the form with what was. */
export const askByCommand = async (
  deps: ChatDeps,
  turn: Turn,
  tenantName: string | undefined,
  options: RequestOptions,
): Promise<Answer> => {
  const tenant = tenantName === undefined ? undefined : await tenantMeant(deps, tenantName);
  if (tenant !== undefined && !tenant.ok) return refuse(tenant.error, turn.reading);
  const enough = tenant !== undefined && options.role.length > 0 && (options.reason ?? '') !== '';
  if (!enough) {
    const lost = whatFormLacks(tenantName, options);
    if (lost !== undefined) return refuse(lost, turn.reading);
    const { role: roles, for: duration, reason, ticket } = options;
    const given = { duration, reason, ticket, tenant: tenant?.value.id };
    return openForm(deps, turn, { roles, ...withoutUndefined(given) });
  }
  const submission = await readSubmission(deps, tenant.value, options, turn.reading.zone ?? 'utc');
  if (!submission.ok) return refuse(submission.error, turn.reading);
  const request = await submit(deps, turn.person, turn.on, submission.value);
  if (!request.ok) return refuse(request.error, turn.reading);
  return acknowledge(turn, request.value);
};

/** The form asks for no start and no fixed end; rather than drop what was typed, it is not opened. */
const whatFormLacks = (tenantName: string | undefined, { from, until, role }: RequestOptions): Fault | undefined => {
  if (from === undefined && until === undefined) return undefined;
  if (tenantName === undefined) {
    return { code: 'command.usage', problem: 'With --from or --until, name the tenant too.', topic: 'request' };
  }
  return role.length === 0 ? { code: 'role.missing' } : { code: 'reason.missing' };
};

/** In a chat of their own the card that follows says it all; elsewhere the speaker is told where to look. */
const acknowledge = (turn: Turn, request: AccessRequest): Answer =>
  turn.speaker.direct
    ? nothing
    : show(
        card(`Asked as ${request.id}`, [line('Its card is in your own chat with me, and changes as things happen.')]),
      );

/** The form, for the first time or again for other choices. */
export const openForm = async (deps: ChatDeps, turn: Turn, values: RequestValues): Promise<Answer> => {
  if (turn.on === 'teams' && !turn.speaker.direct) return refuse({ code: 'direct-only' }, turn.reading);
  const form = await formFor(deps, turn, values);
  return 'code' in form ? refuse(form, turn.reading) : show(form);
};

/** A filled form: submitted, or only asked for again with other choices. */
export const askByForm = async (
  deps: ChatDeps,
  turn: Turn,
  { values, submit: isFinal, source }: Extract<Intent, { kind: 'form' }>,
): Promise<Answer> => {
  if (!isFinal) {
    const answer = await openForm(deps, turn, values);
    return answer.kind === 'show' && answer.tone === 'answer' ? { kind: 'replace', view: answer.view } : answer;
  }
  const submission = await submissionFrom(deps, turn, values);
  if (!submission.ok) return reopen(deps, turn, values, submission.error);
  const adopted = source !== undefined && turn.speaker.direct && turn.on === 'teams';
  const request = await submit(deps, turn.person, turn.on, {
    ...submission.value,
    ...(adopted ? { card: { key: 'request', ref: source, shown: '' } } : {}),
  });
  if (!request.ok) return reopen(deps, turn, values, request.error);
  // The form's message becomes the request's card.
  return adopted ? { kind: 'replace', view: requestCard(request.value, turn.reading.zone) } : nothing;
};

const submissionFrom = async (
  deps: ChatDeps,
  turn: Turn,
  { tenant: asked, roles, duration, reason, ticket }: RequestValues,
): Promise<Result<Submission, Fault>> => {
  if (asked === undefined || asked === '') {
    return err({ code: 'command.usage', problem: 'Choose a tenant first.', topic: 'request' });
  }
  const tenant = await tenantMeant(deps, asked);
  if (!tenant.ok) return tenant;
  const options = { role: roles, ...withoutUndefined({ for: duration, reason, ticket }) };
  return readSubmission(deps, tenant.value, options, turn.reading.zone ?? 'utc');
};

/** A refused form stays as it was filled, with the refusal in it. */
const reopen = async (deps: ChatDeps, turn: Turn, values: RequestValues, fault: Fault): Promise<Answer> => {
  const form = await formFor(deps, turn, values);
  if ('code' in form) return refuse(fault, turn.reading);
  return { kind: 'show', view: { ...form, problem: faultSentence(fault, turn.reading) }, tone: 'refusal' };
};

const formFor = async (deps: ChatDeps, turn: Turn, values: RequestValues): Promise<RequestForm | Fault> => {
  const allowed = await allowedTo(deps, turn.person);
  const [only] = allowed;
  if (only === undefined) return { code: 'tenant.none' };
  const chosen = allowed.find(({ tenant }) => tenant.id === values.tenant) ?? (allowed.length === 1 ? only : undefined);
  const wanted = new Set(values.roles.map((role) => role.toLowerCase()));
  const roles = chosen?.roles ?? [];
  const chosenRoles = roles.filter(({ id, name }) => wanted.has(id) || wanted.has(name.toLowerCase()));
  const durations = durationsFor(chosen, values.duration);
  const duration =
    values.duration ?? durations.find(({ value }) => value === '4h')?.value ?? durations.at(-1)?.value ?? '1h';
  return {
    kind: 'request-form',
    tenants: allowed.map(({ tenant }) => ({ value: tenant.id, label: tenant.name })),
    ...(chosen === undefined ? {} : { tenant: chosen.tenant.id }),
    roles: roles.map(({ id, name, longestMs }) => ({ value: id, label: `${name} (up to ${sayDuration(longestMs)})` })),
    chosenRoles: chosenRoles.map(({ id }) => id),
    durations,
    duration,
    reason: values.reason ?? '',
    ticket: values.ticket ?? '',
    hint: await hintFor(deps, turn, chosen, chosenRoles, duration),
  };
};

const PRESETS = ['30m', '1h', '2h', '4h', '8h', '12h', '24h'];

const readMs = (text: string): number => {
  const duration = parseDuration(text);
  return duration.ok ? duration.value : 0;
};

/** The usual durations that some rule would accept there; what was asked for by command is one of them. */
const durationsFor = (chosen: Allowed | undefined, asked: string | undefined): readonly Choice[] => {
  const longest = Math.max(HOUR, ...(chosen?.roles ?? []).map(({ longestMs }) => longestMs));
  const usual = PRESETS.filter((preset) => readMs(preset) <= longest);
  const all = asked === undefined || usual.includes(asked) || readMs(asked) < MINUTE / 6 ? usual : [...usual, asked];
  return all.map((value) => ({ value, label: sayDuration(readMs(value)) }));
};

/** What will be needed, from the same decision that will be made. */
const hintFor = async (
  deps: ChatDeps,
  turn: Turn,
  chosen: Allowed | undefined,
  roles: Allowed['roles'],
  duration: string,
): Promise<string> => {
  if (chosen === undefined) return 'Choose a tenant to see what you may ask for there.';
  if (roles.length === 0) return 'Choose what you need.';
  const asked = { tenant: chosen.tenant, roles, durationMs: readMs(duration) };
  return sayDecision(await consult(deps, turn.person, asked), turn);
};

const sayDecision = (decision: Decision, turn: Turn): string => {
  if (decision.kind === 'refuse') return faultSentence(decision.fault, turn.reading);
  if (decision.kind === 'allow') return 'No approval needed.';
  const needed = decision.quorums.map(({ count, groupName }) => `${count} of ${groupName}`);
  return `Needs approval: ${sayList(needed)}.`;
};

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const withoutUndefined = <T extends object>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
