import type { App } from './model.js';
import type { Property, Shape } from './properties.js';

/** Which properties a user has, which of them may be written, shown by default, and filtered by. */

const text: Property = { type: 'string', nullable: true, maxLength: 64 };

const passwordProfile: Shape = {
  password: { type: 'string' },
  forceChangePasswordNextSignIn: { type: 'boolean' },
  forceChangePasswordNextSignInWithMfa: { type: 'boolean' },
};

const writable: Shape = {
  accountEnabled: { type: 'boolean' },
  ageGroup: text,
  businessPhones: { type: 'strings' },
  city: { ...text, maxLength: 128 },
  companyName: text,
  country: { ...text, maxLength: 128 },
  department: text,
  displayName: { type: 'string', maxLength: 256 },
  employeeHireDate: { type: 'dateTime', nullable: true },
  employeeId: { ...text, maxLength: 16 },
  employeeType: text,
  givenName: text,
  jobTitle: { ...text, maxLength: 128 },
  mailNickname: { type: 'string', maxLength: 64 },
  mobilePhone: text,
  officeLocation: { ...text, maxLength: 128 },
  otherMails: { type: 'strings' },
  passwordPolicies: text,
  passwordProfile: { type: passwordProfile },
  postalCode: { ...text, maxLength: 40 },
  preferredLanguage: text,
  state: { ...text, maxLength: 128 },
  streetAddress: { ...text, maxLength: 1024 },
  surname: text,
  usageLocation: { ...text, maxLength: 2 },
  userPrincipalName: { type: 'string' },
  userType: text,
};

const READ_ONLY = [
  'createdDateTime',
  'deletedDateTime',
  'id',
  'lastPasswordChangeDateTime',
  'mail',
  'onPremisesSyncEnabled',
  'signInSessionsValidFromDateTime',
];

export const SHOWN_BY_DEFAULT = [
  'businessPhones',
  'displayName',
  'givenName',
  'jobTitle',
  'mail',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'surname',
  'userPrincipalName',
  'id',
];

const REQUIRED_AT_CREATION = ['accountEnabled', 'displayName', 'mailNickname', 'passwordProfile', 'userPrincipalName'];

const FILTERABLE = [
  'accountEnabled',
  'department',
  'displayName',
  'employeeId',
  'employeeType',
  'givenName',
  'id',
  'jobTitle',
  'mail',
  'mailNickname',
  'onPremisesSyncEnabled',
  'surname',
  'usageLocation',
  'userPrincipalName',
  'userType',
];

/** What $search looks into. */
export const SEARCHABLE: ReadonlySet<string> = new Set([
  'displayName',
  'givenName',
  'mail',
  'mailNickname',
  'surname',
  'userPrincipalName',
]);

export interface UserProperties {
  readonly createShape: Shape;
  readonly updateShape: Shape;
  readonly known: ReadonlySet<string>;
  readonly filterable: ReadonlySet<string>;
}

/** What Graph calls the directory extension attribute of an app. */
export const extensionName = (appId: string, attribute: string): string =>
  `extension_${appId.replaceAll('-', '')}_${attribute}`;

const required = (shape: Shape, names: readonly string[]): Shape =>
  Object.fromEntries(
    Object.entries(shape).map(([name, each]) => [name, names.includes(name) ? { ...each, required: true } : each]),
  );

/** With the directory extension attributes that these apps registered. */
export const userPropertiesFor = (apps: readonly App[]): UserProperties => {
  const extensions = apps.flatMap((app) => app.extensionAttributes.map((name) => extensionName(app.appId, name)));
  const extended: Shape = {
    ...writable,
    ...Object.fromEntries(
      extensions.map((name) => [name, { type: 'string', nullable: true, maxLength: 256 } satisfies Property]),
    ),
  };
  return {
    createShape: {
      ...required(extended, REQUIRED_AT_CREATION),
      passwordProfile: { type: required(passwordProfile, ['password']), required: true },
    },
    updateShape: extended,
    known: new Set([...Object.keys(extended), ...READ_ONLY]),
    filterable: new Set([...FILTERABLE, ...extensions]),
  };
};
