import { okay, param, withContext, type GraphAnswer, type GraphCall, type Route } from './graph-call.js';
import type { AdministrativeUnit } from './model.js';
import { checkOptions, LIST_OPTIONS, project, readSelect, type Row } from './odata.js';
import { readFilter } from './odata-filter.js';
import { page } from './page.js';
import { READ_UNITS } from './permissions.js';
import { notFound } from './refusal.js';

/** `/directory/administrativeUnits`: parts of a directory that a role may be limited to. */

const UNITS = 'directory/administrativeUnits';

const unitRow = ({ id, displayName, description, isMemberManagementRestricted }: AdministrativeUnit): Row => ({
  id,
  deletedDateTime: null,
  displayName,
  description,
  isMemberManagementRestricted,
  visibility: null,
  membershipType: null,
  membershipRule: null,
  membershipRuleProcessingState: null,
});

const PROPERTIES = new Set([
  'id',
  'deletedDateTime',
  'displayName',
  'description',
  'isMemberManagementRestricted',
  'visibility',
  'membershipType',
  'membershipRule',
  'membershipRuleProcessingState',
]);

const list = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, LIST_OPTIONS);
  const select = readSelect(call.query, 'microsoft.graph.administrativeUnit', PROPERTIES);
  const filter = readFilter(call.query, new Set(['id', 'displayName']));
  const rows = call.tenant.administrativeUnits.all(call.readAt).map(unitRow).filter(filter.test);
  return page(call, UNITS, rows, (row) => project(row, select));
};

const read = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$select']);
  const select = readSelect(call.query, 'microsoft.graph.administrativeUnit', PROPERTIES);
  const unit = call.tenant.administrativeUnits.get(param(call, 'unit').toLowerCase(), call.readAt);
  if (unit === undefined) throw notFound(param(call, 'unit'));
  return okay(withContext(`${UNITS}/$entity`, project(unitRow(unit), select)));
};

export const administrativeUnitRoutes: readonly Route[] = [
  { method: 'GET', path: `/${UNITS}`, needs: [READ_UNITS], handle: list },
  { method: 'GET', path: `/${UNITS}/{unit}`, needs: [READ_UNITS], handle: read },
];
