import type { ExpirationAction } from '../engine/access.js';
import type { AccessRequest } from '../engine/request.js';
import type { Thing } from '../engine/rule.js';

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
export const outOfOrdinary = ({ atEnd, tap, template }: AccessRequest): string =>
  [AT_END[atEnd], tap ? 'with an access pass' : '', template === undefined ? '' : `template ${template.name}`]
    .filter((word) => word !== '')
    .join(' · ');
