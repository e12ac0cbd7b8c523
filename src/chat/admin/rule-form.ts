/** The form of a new rule: what most rules need. Whatever is rarer is typed. */
import { ALL_ADMINS } from '../../engine/group.js';
import type { AdminCommand } from '../command.js';
import { isYes, listIn, textIn } from '../form-values.js';
import type { FormValues } from '../speaker.js';
import type { Choice, Form } from '../view.js';
import type { AdminContext } from './noun.js';

export const RULE_FORM = 'rule-add';

/** More than anybody looks through; whoever has more types the names. */
const MOST_CHOICES = 100;

/** The empty form, with the tenants and groups that are in sight. */
export const ruleForm = async ({ sight }: AdminContext): Promise<Form> => {
  const page = { skip: 0, limit: MOST_CHOICES };
  const [tenants, groups] = await Promise.all([sight.tenants.page(page), sight.groups.page(page)]);
  const admins: Choice = { value: ALL_ADMINS.name, label: ALL_ADMINS.name };
  const named = [admins, ...groups.items.map(({ id, name }): Choice => ({ value: id, label: name }))];
  return {
    kind: 'form',
    form: RULE_FORM,
    id: '',
    title: 'A new rule',
    fields: [
      { kind: 'choices', name: 'subject', label: 'Who may ask?', optional: false, choices: named, values: [] },
      {
        kind: 'choices',
        name: 'tenant',
        label: 'Where?',
        optional: false,
        choices: tenants.items.map(({ id, name }) => ({ value: id, label: name })),
        values: [],
      },
      text('role', 'For which roles?', {
        help: 'Full names or patterns like Exchange*, with commas. Empty: every role that is not privileged.',
      }),
      {
        kind: 'choices',
        name: 'account',
        label: 'On which account?',
        help: 'None: their own, made for them.',
        optional: true,
        choices: [
          { value: 'mine', label: 'Their own' },
          { value: 'fresh', label: 'A new account' },
          { value: 'existing', label: 'An existing user' },
        ],
        values: [],
      },
      text('user', 'Which users may be borrowed?', {
        help: 'User principal names or patterns like svc-*, with commas. Only for existing users.',
      }),
      { kind: 'yes-no', name: 'tap', label: 'An access pass may be asked for', optional: true, value: false },
      text('max', 'For how long at the most?', { placeholder: '4h' }),
      { kind: 'choices', name: 'approvers', label: 'Who has to agree?', optional: true, choices: named, values: [] },
      text('approvals', 'How many of each?', { value: '1' }),
      { kind: 'yes-no', name: 'auto', label: 'Nobody has to agree', optional: true, value: false },
      { kind: 'yes-no', name: 'ticket', label: 'A ticket is needed', optional: true, value: false },
      text('name', 'What is the rule called?', { help: 'Empty: it is named after its parts.' }),
    ],
    submit: 'Add the rule',
    hint: 'Hours, templates, escalation and more: /jit help admin rule add.',
  };
};

const text = (
  name: string,
  label: string,
  more: { readonly help?: string; readonly placeholder?: string; readonly value?: string },
) => ({ kind: 'text' as const, name, label, optional: true, multiline: false, value: '', ...more });

/** Whoever names users means that they may be borrowed. */
const accountsIn = (values: FormValues): readonly string[] => {
  const chosen = listIn(values, 'account');
  return textIn(values, 'user') === undefined || chosen.includes('existing') ? chosen : [...chosen, 'existing'];
};

/** What was filled in, as the command that it stands for. */
export const commandIn = (values: FormValues): AdminCommand => {
  const name = textIn(values, 'name');
  const max = textIn(values, 'max');
  const count = textIn(values, 'approvals') ?? '1';
  const auto = isYes(values, 'auto');
  return {
    name: 'admin',
    noun: 'rule',
    verb: 'add',
    args: name === undefined ? {} : { name },
    options: {
      subject: listIn(values, 'subject'),
      tenant: listIn(values, 'tenant'),
      role: (textIn(values, 'role') ?? '').split(',').flatMap((role) => role.trim() || []),
      account: accountsIn(values),
      user: [textIn(values, 'user') ?? ''].filter((user) => user !== ''),
      ...(isYes(values, 'tap') ? { tap: true } : {}),
      ...(max === undefined ? {} : { max }),
      approvers: auto ? [] : listIn(values, 'approvers').map((group) => `${count} of ${group}`),
      ...(auto ? { auto: true } : {}),
      ...(isYes(values, 'ticket') ? { ticket: true } : {}),
    },
  };
};
