/** The part of the request form that says on which account, with which credential, and what becomes of it. */
import { ordinaryIn } from '../engine/access.js';
import type { AccountKind, ExistingUser, ExpirationAction, Manner } from '../engine/access.js';
import { mannerOf, userChosen } from './request-entries.js';
import type { Chosen, RequestEntries } from './request-entries.js';
import type { Choice, Field, TextField } from './view.js';

const ACCOUNTS: Readonly<Record<AccountKind, string>> = {
  dedicated: 'My own',
  fresh: 'A new account',
  existing: 'An existing user',
};

const ENDS: Readonly<Record<ExpirationAction, string>> = {
  disable: 'Disable the account',
  delete: 'Delete the account',
  keep: 'Keep the account',
};

/** Asked only where there is a choice; whatever hangs on the account stands below it. */
export const mannerFields = (chosen: Chosen, entries: RequestEntries): readonly Field[] => {
  const manner = mannerOf(chosen, entries);
  const usual = ordinaryIn(chosen.tenant);
  const offered = chosen.rules.flatMap(({ what }) => what.accounts ?? [usual.account]);
  const accounts = new Set([manner.account, ...offered]);
  return [
    ...oneOf('account', 'Account', choicesIn(ACCOUNTS, accounts), manner.account, chosen),
    ...WHOSE[manner.account](chosen, entries),
    ...credentialField(chosen, manner),
    ...endField(chosen, manner, usual),
  ];
};

const choicesIn = <T extends string>(labels: Readonly<Record<T, string>>, offered: ReadonlySet<T>): readonly Choice[] =>
  (Object.keys(labels) as T[]).filter((value) => offered.has(value)).map((value) => ({ value, label: labels[value] }));

const oneOf = (
  name: string,
  label: string,
  choices: readonly Choice[],
  value: string,
  { templates }: Chosen,
): readonly Field[] =>
  choices.length < 2
    ? []
    : [
        {
          kind: 'choice',
          name,
          label,
          optional: false,
          choices,
          value,
          refresh: true,
          of: templates.length === 0 ? ['tenant'] : ['tenant', 'template'],
        },
      ];

const LONGEST_NAME = 64;

const named = (name: string, label: string, value = '', more: Partial<TextField> = {}): Field => ({
  kind: 'text',
  name,
  label,
  optional: false,
  value,
  multiline: false,
  longest: LONGEST_NAME,
  ...more,
});

const freshFields = (chosen: Chosen, { first, last, userName, userDomain }: RequestEntries): readonly Field[] => {
  const { domain } = chosen.tenant;
  const domains = [...new Set([domain, ...chosen.domains])];
  const wanted = domains.find((one) => one === userDomain?.toLowerCase()) ?? domain;
  return [
    named('first', 'First name', first),
    named('last', 'Last name', last),
    named('user-name', 'User name', userName, { optional: true, help: 'Empty: made of the names, like ada.byron.' }),
    ...oneOf(
      'user-domain',
      'Domain',
      domains.map((value) => ({ value, label: `@${value}` })),
      wanted,
      chosen,
    ),
  ];
};

const ORIGIN: Readonly<Record<ExistingUser['origin'], string>> = { cloud: '', synced: ', synced', guest: ', guest' };

const userField = (chosen: Chosen, entries: RequestEntries): readonly Field[] => {
  const value = userChosen(chosen, entries)?.id;
  return [
    {
      kind: 'choice',
      name: 'user',
      label: 'Which user?',
      help: 'Only users whom a rule names. Whatever they had before stays; what is added here goes at the end.',
      optional: false,
      choices: chosen.users.map(({ id, name, upn, origin }) => ({
        value: id,
        label: `${name} (${upn}${ORIGIN[origin]})`,
      })),
      ...(value === undefined ? {} : { value }),
      refresh: true,
      of: ['tenant'],
      none: 'No rule lends you a user there.',
    },
  ];
};

const WHOSE: Readonly<Record<AccountKind, (chosen: Chosen, entries: RequestEntries) => readonly Field[]>> = {
  dedicated: () => [],
  fresh: freshFields,
  existing: userField,
};

/** A tenant that gives no access passes is not asked for one. */
const credentialField = (chosen: Chosen, { account, tap }: Manner): readonly Field[] => {
  const given = chosen.rules.some(({ what }) => what.tap === true) || chosen.template?.tap === true;
  if (chosen.tenant.accessPass === undefined || !(given || tap)) return [];
  const choices =
    account === 'existing'
      ? [
          { value: 'password', label: 'Their own password' },
          { value: 'pass', label: 'Access pass, which signs in as them' },
        ]
      : [
          { value: 'password', label: 'Password' },
          { value: 'pass', label: 'Access pass' },
        ];
  return oneOf('credential', 'Sign in with', choices, tap ? 'pass' : 'password', chosen);
};

/** A new account is not left behind, and one that was there is left as it was. */
const endField = (chosen: Chosen, { account, atEnd }: Manner, usual: Manner): readonly Field[] => {
  if (account === 'existing') return [];
  // What rules allow for accounts of another kind is no choice for this one.
  const rules = chosen.rules.filter(({ what }) => (what.accounts ?? [usual.account]).includes(account));
  const said = rules.flatMap(({ what }) => what.atEnd ?? [usual.atEnd]);
  const ends = new Set([atEnd, ...said].filter((end) => account === 'dedicated' || end !== 'keep'));
  // Another field for each kind, so that what was chosen for one is no choice for the other.
  return oneOf(account === 'fresh' ? 'new-end' : 'at-end', 'At the end', choicesIn(ENDS, ends), atEnd, chosen);
};
