import type { Fault } from '../engine/faults.js';
import type { AccessRequest } from '../engine/request.js';
import type { Template } from '../engine/template.js';
import type { Tenant } from '../engine/tenant.js';
import { lendableUser } from '../flows/lendable.js';
import { momentsOf, offerIn, openTenants } from '../flows/offer.js';
import { adminNames } from '../flows/standing.js';
import { submit } from '../flows/submit.js';
import type { Submission } from '../flows/submit.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import type { Answer } from './answer.js';
import { card, nothing, refuse, show } from './answers.js';
import { readManner, readSubmission } from './asking.js';
import type { RequestOptions } from './command.js';
import { faultSentence } from './copy.js';
import type { ChatDeps, Turn } from './deps.js';
import { requestCard } from './request-card.js';
import { entriesIn, NO_TEMPLATE, tenantChosen } from './request-entries.js';
import type { RequestEntries } from './request-entries.js';
import { requestForm, withDuration } from './request-form.js';
import { chosenIn, hintFor, lacksPass, sayWithoutPass, zoneOf } from './request-offer.js';
import { line } from './say.js';
import type { FormIntent } from './speaker.js';
import { templateNamed } from './template-meant.js';
import { tenantMeant } from './tenant-meant.js';
import type { Form } from './view.js';
import { readWhose, saysWhose } from './whose.js';

/** `/jit request`: asks at once when enough was said, otherwise opens the form with what was. */
export const askByCommand = async (
  deps: ChatDeps,
  turn: Turn,
  tenantName: string | undefined,
  options: RequestOptions,
): Promise<Answer> => {
  const tenant = tenantName === undefined ? undefined : await tenantMeant(deps, turn.person, tenantName);
  if (tenant !== undefined && !tenant.ok) return refuse(tenant.error, turn.reading);
  if (options.for !== undefined && options.until !== undefined) return refuse({ code: 'time.both' }, turn.reading);
  if (tenant === undefined) return openForm(deps, turn, options);
  const template = await templateMeant(deps, turn, tenant.value, options.template);
  if (!template.ok) return refuse(template.error, turn.reading);
  const things = options.role.length + (options.group?.length ?? 0);
  const manner = readManner(tenant.value, options, template.value);
  if (!manner.ok) return refuse(manner.error, turn.reading);
  const enough =
    (template.value !== undefined || things > 0) &&
    (options.reason ?? '') !== '' &&
    saysWhose(manner.value.account, options);
  if (!enough) {
    const chosen = template.value === undefined ? {} : { template: template.value.id };
    return openForm(deps, turn, { ...options, ...chosen, tenant: tenant.value.id });
  }
  const submission = await submissionIn(deps, turn, tenant.value, options, template.value);
  if (!submission.ok) return refuse(submission.error, turn.reading);
  const request = await submit(deps, turn.person, turn.on, submission.value);
  if (!request.ok) return refuse(request.error, turn.reading);
  return acknowledge(turn, request.value, tenant.value);
};

/** One that no rule lets this person use does not exist for them. */
const templateMeant = async (
  deps: ChatDeps,
  { person }: Turn,
  tenant: Tenant,
  typed: string | undefined,
): Promise<Result<Template | undefined, Fault>> => {
  if (typed === undefined || typed === NO_TEMPLATE) return ok(undefined);
  const moments = await momentsOf(deps, person, tenant);
  const { templates } = await offerIn(deps, person, tenant, { manners: [], moments });
  return templateNamed(
    templates.map(({ thing }) => thing),
    tenant,
    typed,
  );
};

/** In a chat of their own the card that follows says it all; elsewhere the speaker is told where to look. */
const acknowledge = ({ speaker }: Turn, request: AccessRequest, tenant: Tenant): Answer => {
  const without = lacksPass(tenant, request) ? [line(sayWithoutPass(tenant, request.accountKind))] : [];
  if (speaker.direct && without.length === 0) return nothing;
  const where = speaker.direct ? [] : [line('Its card is in your own chat with me, and changes as things happen.')];
  return show(card(`Asked as ${request.id}`, [...without, ...where]));
};

/** The form, for the first time or again for other choices. */
const openForm = async (deps: ChatDeps, turn: Turn, entries: RequestEntries): Promise<Answer> => {
  if (turn.on === 'teams' && !turn.speaker.direct) return refuse({ code: 'direct-only' }, turn.reading);
  const form = await formFor(deps, turn, entries);
  return 'code' in form ? refuse(form, turn.reading) : show(form);
};

/** A filled form: submitted, or only asked for again with other choices. */
export const askByForm = async (
  deps: ChatDeps,
  turn: Turn,
  { values, submit: isFinal, source }: FormIntent,
): Promise<Answer> => {
  const entries = entriesIn(values);
  if (!isFinal) {
    const answer = await openForm(deps, turn, entries);
    return answer.kind === 'show' && answer.tone === 'answer' ? { kind: 'replace', view: answer.view } : answer;
  }
  const submission = await submissionFrom(deps, turn, entries);
  if (!submission.ok) return reopen(deps, turn, entries, submission.error);
  const adopted = source !== undefined && turn.speaker.direct && turn.on === 'teams';
  const request = await submit(deps, turn.person, turn.on, {
    ...submission.value,
    ...(adopted ? { card: { key: 'request', ref: source, shown: '' } } : {}),
  });
  if (!request.ok) return reopen(deps, turn, entries, request.error);
  // The form's message becomes the request's card.
  return adopted ? { kind: 'replace', view: requestCard(request.value, turn.reading.zone) } : nothing;
};

const submissionFrom = async (
  deps: ChatDeps,
  turn: Turn,
  entries: RequestEntries,
): Promise<Result<Submission, Fault>> => {
  if (entries.tenant === undefined) {
    return err({ code: 'command.usage', problem: 'Choose a tenant first.', topic: 'request' });
  }
  const tenant = await tenantMeant(deps, turn.person, entries.tenant);
  if (!tenant.ok) return tenant;
  const template = await templateMeant(deps, turn, tenant.value, entries.template);
  return template.ok ? submissionIn(deps, turn, tenant.value, entries, template.value) : template;
};

/** All that was said, and whose account it is for: of users who are there only those whom rules let the speaker borrow. */
const submissionIn = async (
  deps: ChatDeps,
  turn: Turn,
  tenant: Tenant,
  options: RequestOptions,
  template: Template | undefined,
): Promise<Result<Submission, Fault>> => {
  const read = await readSubmission(deps, tenant, options, zoneOf(turn), template);
  if (!read.ok) return read;
  const whose = await readWhose((typed) => lendableUser(deps, turn.person, tenant, typed), read.value, options);
  return whose.ok ? ok({ ...read.value, ...whose.value }) : whose;
};

/** A refused form stays as it was filled, with the refusal in it. */
const reopen = async (deps: ChatDeps, turn: Turn, entries: RequestEntries, fault: Fault): Promise<Answer> => {
  const form = await formFor(deps, turn, entries);
  if ('code' in form) return refuse(fault, turn.reading);
  return { kind: 'show', view: { ...form, problem: faultSentence(fault, turn.reading) }, tone: 'refusal', fault };
};

const formFor = async (deps: ChatDeps, turn: Turn, asked: RequestEntries): Promise<Form | Fault> => {
  const all = await openTenants(deps, turn.person);
  if (all.length === 0) return { code: 'tenant.none', admins: await adminNames(deps) };
  const open = all.filter(({ tenant }) => tenant.leaving === undefined);
  const leaving = all.find(({ tenant }) => tenant.leaving !== undefined && tenant.id === (asked.tenant ?? tenant.id));
  if (leaving !== undefined && (asked.tenant !== undefined || open.length === 0)) {
    const { name, organization } = leaving.tenant;
    return { code: 'tenant.leaving', tenant: name, admins: await adminNames(deps, organization) };
  }
  const there = tenantChosen(open, asked);
  const chosen = there && (await chosenIn(deps, turn, there, asked));
  const offer = { open, ...(chosen === undefined ? {} : { chosen }) };
  const entries = withDuration(offer, asked);
  return requestForm(offer, entries, await hintFor(deps, turn, chosen, entries));
};
