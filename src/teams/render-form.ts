import { loadTemplate } from '../chat/template.js';
import { cut, oneLine } from '../chat/text.js';
import type { Choice, RequestForm } from '../chat/view.js';
import { executeAction } from './render-actions.js';
import { withoutMarkdown } from './text.js';

const fillRequestForm = loadTemplate('request-form', 'teams');

/** More choices than these are searched, not read. */
const MOST_IN_VIEW = 10;
/** Teams takes messages of 100 KB; a choice costs about a quarter of one. */
const MOST_CHOICES = 200;
const LONGEST_LABEL = 100;
const LONGEST_TEXT = 1_000;
const LONGEST_VALUE = 200;

/** What can be listed, never without what is already chosen. */
const listed = (choices: readonly Choice[], chosen: readonly string[]): readonly Choice[] => {
  const usable = choices.filter(({ value }) => value !== '' && value.length <= LONGEST_VALUE);
  if (usable.length <= MOST_CHOICES) return usable;
  const isChosen = ({ value }: Choice): boolean => chosen.includes(value);
  return [...usable.filter(isChosen), ...usable.filter((choice) => !isChosen(choice))].slice(0, MOST_CHOICES);
};

const optionOf = ({ value, label }: Choice): object => ({
  value,
  title: withoutMarkdown(cut(oneLine(label).trim() || value, LONGEST_LABEL)),
});

const said = (text: string | undefined): string => cut(oneLine(text ?? '').trim(), LONGEST_TEXT);

const remarksOn = (form: RequestForm): readonly string[] => [
  ...(form.tenants.length === 0
    ? ['No tenant is open to you. Ask an admin for a rule: jit can says who they are.']
    : []),
  ...(form.tenant !== undefined && form.roles.length === 0 ? ['You may not ask for a role in this tenant.'] : []),
  ...[form.tenants, form.roles].flatMap(({ length }) =>
    length > MOST_CHOICES
      ? [`Only ${MOST_CHOICES} of ${length} are listed here; jit request takes any of them by name.`]
      : [],
  ),
];

const nextStep = (form: RequestForm): object[] => {
  if (form.tenant === undefined) {
    const next = { verb: 'form-refresh', label: 'Next', style: 'primary', data: { id: '' } } as const;
    return form.tenants.length === 0 ? [] : [executeAction(next)];
  }
  const submit = { verb: 'form-submit', label: 'Request', style: 'primary' } as const;
  const back = { verb: 'form-refresh', label: 'Other tenant', style: 'default' } as const;
  return [
    ...(form.roles.length === 0 ? [] : [executeAction({ ...submit, data: { id: '', tenant: form.tenant } })]),
    // Without the inputs: a field that is still empty must not keep anybody from going back.
    ...(form.tenants.length > 1 ? [executeAction({ ...back, data: { id: '', tenant: '' }, withInputs: false })] : []),
  ];
};

/** The request form in two steps, because the roles belong to the tenant that is chosen first. */
export const renderRequestForm = (form: RequestForm): unknown => {
  const choosesRoles = form.tenant !== undefined && form.roles.length > 0;
  const roles = listed(form.roles, form.chosenRoles);
  const tenant = form.tenants.find(({ value }) => value === form.tenant);
  return fillRequestForm({
    problem: said(form.problem),
    choosesTenant: form.tenant === undefined && form.tenants.length > 0,
    tenants: listed(form.tenants, []).map(optionOf),
    tenantStyle: form.tenants.length > MOST_IN_VIEW ? 'filtered' : 'compact',
    tenant: form.tenant ?? '',
    tenantLabel: said(tenant?.label ?? form.tenant),
    choosesRoles,
    roles: roles.map(optionOf),
    roleStyle: roles.length > MOST_IN_VIEW ? 'filtered' : 'expanded',
    chosenRoles: form.chosenRoles.filter((role) => roles.some(({ value }) => value === role)).join(','),
    remarks: remarksOn(form).map((remark) => ({ remark })),
    durations: form.durations.map(optionOf),
    duration: form.duration,
    reason: cut(form.reason, LONGEST_TEXT),
    ticket: said(form.ticket),
    hint: said(form.hint),
    actions: nextStep(form),
  });
};
