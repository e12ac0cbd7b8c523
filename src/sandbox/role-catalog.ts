/** A built-in directory role. Its id is its template id, the same in every tenant. */
export interface BuiltInRole {
  readonly id: string;
  readonly displayName: string;
  readonly description: string;
  readonly isPrivileged: boolean;
  /** May be assigned at the scope of an administrative unit. */
  readonly fitsUnits: boolean;
}

const PRIVILEGED = true;
const ORDINARY = false;

export const ROLE = {
  applicationAdministrator: '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3',
  authenticationAdministrator: 'c4e39bd9-1100-46d3-8c65-fb160da0071f',
  directoryReaders: '88d8e3e3-8f55-4a1e-953a-9b9898b8876b',
  globalAdministrator: '62e90394-69f5-4237-9190-012177145e10',
  globalReader: 'f2ef992c-3afb-46b9-b7cf-a126ee74c451',
  groupsAdministrator: 'fdd7a751-b60b-444a-984c-02652fe8fa1c',
  guestInviter: '95e79109-95c0-4d8e-aee3-d01accf2d47b',
  helpdeskAdministrator: '729827e3-9c14-49f7-bb1b-9608f156bbb8',
  messageCenterReader: '790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b',
  passwordAdministrator: '966707d0-3269-4727-9be2-8c3a10f19b9d',
  privilegedAuthenticationAdministrator: '7be44c8a-adaf-4e2a-84d6-ab2649e08a13',
  reportsReader: '4a5d8f65-41da-4de4-8968-e035b65339cf',
  usageSummaryReportsReader: '75934031-6c7e-415a-99d7-48dbd49e875e',
  userAdministrator: 'fe930be7-5e62-47db-91af-98c3a49a38b1',
} as const;

const UNIT_ROLES: ReadonlySet<string> = new Set([
  'Authentication Administrator',
  'Cloud Device Administrator',
  'Groups Administrator',
  'Helpdesk Administrator',
  'License Administrator',
  'Password Administrator',
  'Privileged Authentication Administrator',
  'SharePoint Administrator',
  'Teams Administrator',
  'User Administrator',
]);

const role = (id: string, displayName: string, isPrivileged: boolean, description: string): BuiltInRole => ({
  id,
  displayName,
  isPrivileged,
  description,
  fitsUnits: UNIT_ROLES.has(displayName),
});

/** The roles a help desk asks for, and every role that the rules on who may reset whom speak of. */
export const BUILT_IN_ROLES: readonly BuiltInRole[] = [
  role(
    ROLE.applicationAdministrator,
    'Application Administrator',
    PRIVILEGED,
    'Manages app registrations and enterprise apps.',
  ),
  role(
    ROLE.authenticationAdministrator,
    'Authentication Administrator',
    PRIVILEGED,
    'Sets and resets sign-in methods of non-administrators.',
  ),
  role(
    '0526716b-113d-4c15-b2c8-68e3c22b9f80',
    'Authentication Policy Administrator',
    ORDINARY,
    'Manages the policies on sign-in methods.',
  ),
  role(
    'b0f54661-2d74-4c50-afa3-1ec803f12efe',
    'Billing Administrator',
    ORDINARY,
    'Keeps payment information up to date.',
  ),
  role(
    '158c047a-c907-4556-b7ef-446551a6b5f7',
    'Cloud Application Administrator',
    PRIVILEGED,
    'Manages apps, except the application proxy.',
  ),
  role(
    '7698a772-787b-4ac8-901f-60d6b08affd2',
    'Cloud Device Administrator',
    PRIVILEGED,
    'Enables, disables and deletes devices.',
  ),
  role(
    '17315797-102d-40b4-93e0-432062caca18',
    'Compliance Administrator',
    ORDINARY,
    'Manages compliance settings and reports.',
  ),
  role(
    'b1be1c3e-b65d-4f19-8427-f6fa0d97feb9',
    'Conditional Access Administrator',
    PRIVILEGED,
    'Manages conditional access.',
  ),
  role(ROLE.directoryReaders, 'Directory Readers', ORDINARY, 'Reads basic directory information.'),
  role(
    '9360feb5-f418-4baa-8175-e2a00bac4301',
    'Directory Writers',
    PRIVILEGED,
    'Reads and writes basic directory information.',
  ),
  role('8329153b-31d0-4727-b945-745eb3bc5f31', 'Domain Name Administrator', PRIVILEGED, 'Manages domain names.'),
  role('29232cdf-9323-42fd-ade2-1d097af3e4de', 'Exchange Administrator', ORDINARY, 'Manages Exchange.'),
  role(ROLE.globalAdministrator, 'Global Administrator', PRIVILEGED, 'Manages everything.'),
  role(ROLE.globalReader, 'Global Reader', PRIVILEGED, 'Reads everything a Global Administrator reads.'),
  role(ROLE.groupsAdministrator, 'Groups Administrator', ORDINARY, 'Manages groups and their settings.'),
  role(ROLE.guestInviter, 'Guest Inviter', ORDINARY, 'Invites guests.'),
  role(ROLE.helpdeskAdministrator, 'Helpdesk Administrator', PRIVILEGED, 'Resets passwords of non-administrators.'),
  role('3a2c62db-5318-420d-8d74-23affee5d9d5', 'Intune Administrator', PRIVILEGED, 'Manages Intune.'),
  role('4d6ac14f-3453-41d0-bef9-a3e0c569773a', 'License Administrator', ORDINARY, 'Assigns licences.'),
  role(ROLE.messageCenterReader, 'Message Center Reader', ORDINARY, 'Reads the message center.'),
  role(ROLE.passwordAdministrator, 'Password Administrator', PRIVILEGED, 'Resets passwords of non-administrators.'),
  role(
    ROLE.privilegedAuthenticationAdministrator,
    'Privileged Authentication Administrator',
    PRIVILEGED,
    'Sets and resets sign-in methods of everybody.',
  ),
  role(
    'e8611ab8-c189-46e8-94e1-60213ab1f814',
    'Privileged Role Administrator',
    PRIVILEGED,
    'Manages role assignments.',
  ),
  role(ROLE.reportsReader, 'Reports Reader', ORDINARY, 'Reads sign-in and audit reports.'),
  role('194ae4cb-b126-40b2-bd5b-6091b380977d', 'Security Administrator', PRIVILEGED, 'Manages security settings.'),
  role('5f2222b1-57c3-48ba-8ad5-d4759f1fde6f', 'Security Operator', PRIVILEGED, 'Handles security events.'),
  role('5d6b6bb7-de71-4623-b4af-96380a352509', 'Security Reader', PRIVILEGED, 'Reads security information.'),
  role(
    'f023fd81-a637-4b56-95fd-791ac0226033',
    'Service Support Administrator',
    ORDINARY,
    'Reads service health, files support tickets.',
  ),
  role('f28a1f50-f6e7-4571-818b-6a12f2af6b6c', 'SharePoint Administrator', ORDINARY, 'Manages SharePoint.'),
  role('69091246-20e8-4a56-aa4d-066075b2a7a8', 'Teams Administrator', ORDINARY, 'Manages Teams.'),
  role(ROLE.usageSummaryReportsReader, 'Usage Summary Reports Reader', ORDINARY, 'Reads usage reports.'),
  role(
    ROLE.userAdministrator,
    'User Administrator',
    PRIVILEGED,
    'Manages users and groups, resets passwords of limited administrators.',
  ),
];

const byId = new Map(BUILT_IN_ROLES.map((each) => [each.id, each]));
const byName = new Map(BUILT_IN_ROLES.map((each) => [each.displayName.toLowerCase(), each]));

export const roleById = (id: string): BuiltInRole | undefined => byId.get(id.toLowerCase());

/** For the control plane, where people write names. */
export const roleByNameOrId = (text: string): BuiltInRole | undefined =>
  byName.get(text.toLowerCase()) ?? roleById(text);
