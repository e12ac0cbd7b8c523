import type { DirectoryFault } from '../engine/faults.js';

/** What the error codes of Graph and of its login authority mean to us. */

type Meaning = DirectoryFault['code'];

// learn.microsoft.com/graph/errors and the reference of each resource. A code says more than the status it comes with.
const GRAPH: Readonly<Record<string, Meaning>> = {
  Authorization_RequestDenied: 'directory.forbidden',
  Authorization_IdentityNotFound: 'directory.consent',
  InvalidAuthenticationToken: 'directory.credential',
  Request_ResourceNotFound: 'directory.not-found',
  RoleAssignmentDoesNotExist: 'directory.not-found',
  Authentication_RequestFromNonPremiumTenantOrB2CTenant: 'directory.licence',
  ActiveDurationTooShort: 'directory.too-soon',
  PendingRoleAssignmentRequest: 'directory.unavailable',
  Directory_QuotaExceeded: 'directory.quota',
  Directory_ConcurrencyViolation: 'directory.unavailable',
  Directory_ExpiredPageToken: 'directory.unavailable',
  Request_ThrottledTemporarily: 'directory.throttled',
  TooManyRequests: 'directory.throttled',
};

const LICENCE = /^AadPremiumLicense/;

/** What a refusal with this code means, if the code tells. */
export const meaningOf = (code: string | undefined): Meaning | undefined => {
  if (code === undefined) return undefined;
  return LICENCE.test(code) ? 'directory.licence' : Object.entries(GRAPH).find(([known]) => known === code)?.[1];
};

// learn.microsoft.com: "Microsoft Entra authentication and authorization error codes".
/** The secret or certificate is wrong, has expired, or is not the kind that the app has. */
const CREDENTIAL = [7000215, 7000222, 7000218, 700025, 700027, 700030, 50012, 50013];
/** The assertion is not valid now: its certificate has expired, or this machine's clock is wrong. */
const CLOCK = [700024, 500133, 700021];
/** Workload identity federation: no federated credential fits the platform's token. */
const FEDERATION = [70021, 700211, 700212, 700213, 700238];
const CONSENT = [700016, 7000112, 7000229, 65001, 650052, 650057, 500011, 501051];
const NO_SUCH_TENANT = [90002, 900021, 900023, 90019, 5000225];
const AWAY = [50196, 90033, 50000, 90024, 90050];
const THROTTLED = [90055];
const FORBIDDEN = [53003, 530032];

const SIGN_IN: ReadonlyMap<number, Meaning> = new Map(
  (
    [
      [CREDENTIAL, 'directory.credential'],
      [CLOCK, 'directory.credential'],
      [FEDERATION, 'directory.credential'],
      [CONSENT, 'directory.consent'],
      [NO_SUCH_TENANT, 'directory.not-found'],
      [AWAY, 'directory.unavailable'],
      [THROTTLED, 'directory.throttled'],
      [FORBIDDEN, 'directory.forbidden'],
    ] as const
  ).flatMap(([codes, meaning]) => codes.map((code) => [code, meaning] as const)),
);

/** What a failed sign-in with this code, `AADSTS…`, means. One that nobody knows is about what we sent. */
export const meaningOfSignIn = (code: string): Meaning =>
  SIGN_IN.get(Number(code.replace('AADSTS', ''))) ?? 'directory.credential';
