import type { types } from '@slack/bolt';
import { loadTemplate } from '../chat/template.js';
import { cut, oneLine } from '../chat/text.js';
import type { Choice, RequestForm } from '../chat/view.js';
import { LIMITS } from './limits.js';

const fillRequestForm = loadTemplate('request-form', 'slack');

/** The request form as a modal. Slack keeps what was typed as long as a block keeps its id. */
export const renderRequestForm = (form: RequestForm): types.ModalView => {
  const tenants = optionsOf(form.tenants, [form.tenant ?? '']);
  const roles = optionsOf(form.roles, form.chosenRoles);
  const durations = optionsOf(form.durations, [form.duration]);
  return fillRequestForm({
    ...said('problem', form.problem),
    ...(tenants.length > 0 && { tenants: select('tenant', 'Choose a tenant', tenants, form.tenant) }),
    ...(roles.length > 0 && { roles: multiSelect('roles', 'Choose roles', roles, form.chosenRoles) }),
    // Roles belong to a tenant: another tenant's must not inherit what was chosen here.
    rolesBlock: cut(`roles:${form.tenant ?? ''}`, LIMITS.blockId),
    remarks: remarksOn(form).map((remark) => ({ remark })),
    ...(durations.length > 0 && { durations: select('duration', 'How long', durations, form.duration) }),
    reason: input('reason', form.reason, true),
    ticket: input('ticket', form.ticket, false),
    ...said('hint', form.hint),
  }) as types.ModalView;
};

const said = (name: string, text: string | undefined): object => {
  const words = cut(oneLine(text ?? '').trim(), LIMITS.sentence);
  return words === '' ? {} : { [name]: words };
};

const remarksOn = (form: RequestForm): readonly string[] => [
  ...(form.tenants.length === 0
    ? ['No tenant is open to you. Ask an admin for a rule: /jit can says who they are.']
    : []),
  ...(form.tenants.length > 0 && form.roles.length === 0
    ? [form.tenant === undefined ? 'Choose a tenant to see its roles.' : 'You may not ask for a role in this tenant.']
    : []),
  ...[form.tenants, form.roles].flatMap((choices) =>
    choices.length > LIMITS.options
      ? [`Only ${LIMITS.options} of ${choices.length} are listed here; /jit request takes any of them by name.`]
      : [],
  ),
];

/** What Slack can list, never without what is already chosen: it refuses an initial option that is not an option. */
const optionsOf = (choices: readonly Choice[], chosen: readonly string[]): readonly types.PlainTextOption[] => {
  const usable = choices.filter(({ value }) => value !== '' && value.length <= LIMITS.optionValue);
  const isChosen = ({ value }: Choice): boolean => chosen.includes(value);
  const listed =
    usable.length <= LIMITS.options
      ? usable
      : [...usable.filter(isChosen), ...usable.filter((choice) => !isChosen(choice))].slice(0, LIMITS.options);
  return listed.map(({ value, label }) => ({ text: plain(label || value, LIMITS.optionText), value }));
};

const select = (
  action: string,
  placeholder: string,
  options: readonly types.PlainTextOption[],
  chosen: string | undefined,
): types.StaticSelect => {
  const initial = options.find(({ value }) => value === chosen);
  return {
    type: 'static_select',
    action_id: action,
    placeholder: plain(placeholder, LIMITS.optionText),
    options: [...options],
    ...(initial && { initial_option: initial }),
  };
};

const multiSelect = (
  action: string,
  placeholder: string,
  options: readonly types.PlainTextOption[],
  chosen: readonly string[],
): types.MultiStaticSelect => {
  const initial = options.filter(({ value }) => value !== undefined && chosen.includes(value));
  return {
    type: 'multi_static_select',
    action_id: action,
    placeholder: plain(placeholder, LIMITS.optionText),
    options: [...options],
    ...(initial.length > 0 && { initial_options: initial }),
  };
};

const input = (action: string, typed: string, multiline: boolean): types.PlainTextInput => ({
  type: 'plain_text_input',
  action_id: action,
  multiline,
  max_length: LIMITS.inputText,
  ...(typed !== '' && { initial_value: cut(typed, LIMITS.inputText) }),
});

const plain = (text: string, max: number): types.PlainTextElement => ({
  type: 'plain_text',
  text: cut(oneLine(text).trim() || '—', max),
  emoji: false,
});
