import type { ExistingUser, ExpirationAction } from '../engine/access.js';
import type { AccessRequest } from '../engine/request.js';
import type { Thing } from '../engine/rule.js';
import { line, strong } from './say.js';
import type { Line } from './view.js';

/** Everything that is asked for. */
export const accessOf = ({ roles, groups }: Pick<AccessRequest, 'roles' | 'groups'>): readonly Thing[] => [
  ...roles,
  ...groups,
];

/** How much more time is asked for, where nothing else is. */
export const moreTime = ({ extends: extended, endsBy }: AccessRequest): number | undefined =>
  extended === undefined || endsBy === undefined ? undefined : endsBy.getTime() - extended.from.getTime();

const AT_END: Readonly<Record<ExpirationAction, string>> = {
  disable: '',
  keep: 'account stays enabled at the end',
  delete: 'account deleted at the end',
};

/** What is out of the ordinary about the account; '' if nothing is. */
export const outOfOrdinary = ({ accountKind, atEnd, tap, template }: AccessRequest): string =>
  [
    accountKind === 'dedicated' ? AT_END[atEnd] : '',
    tap ? 'with an access pass' : '',
    template === undefined ? '' : `template ${template.name}`,
  ]
    .filter((word) => word !== '')
    .join(' · ');

const ORIGIN: Readonly<Record<ExistingUser['origin'], string>> = {
  cloud: '',
  synced: ', synced from another directory',
  guest: ', a guest',
};

/** Whose account it is, where it is not the technician's own: a new one, or somebody's who was there before. */
export const sayBorrowed = ({ accountKind, existing, fresh, upn, atEnd }: AccessRequest): string | undefined => {
  if (accountKind === 'existing') {
    return existing === undefined
      ? `existing user ${upn}`
      : `existing user ${existing.name} (${upn}${ORIGIN[existing.origin]})`;
  }
  if (accountKind === 'dedicated') return undefined;
  const whom = fresh === undefined ? '' : ` for ${fresh.firstName} ${fresh.lastName}`.trimEnd();
  return `new account ${upn}${whom}, ${atEnd === 'delete' ? 'deleted' : 'disabled'} at the end`;
};

/** The one loan by which somebody can act as another person. */
export const impersonationLines = ({ accountKind, existing, upn, tap }: AccessRequest): readonly Line[] =>
  accountKind === 'existing' && tap
    ? [line(strong('Signs in as them: '), `whoever has the access pass acts as ${existing?.name ?? upn}.`)]
    : [];
