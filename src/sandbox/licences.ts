import { fixedId } from './fixed-id.js';
import type { GraphAnswer, GraphCall, Route } from './graph-call.js';
import type { Plan } from './model.js';
import { checkOptions, project, readSelect, type Row } from './odata.js';
import { page } from './page.js';
import type { AnyOf } from './permissions.js';

/** `/subscribedSkus`: what the tenant has bought. */

const READ_LICENCES: AnyOf = [
  'LicenseAssignment.Read.All',
  'Organization.Read.All',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
];

interface Sku {
  readonly id: string;
  readonly name: string;
  readonly servicePlans: readonly { readonly servicePlanId: string; readonly servicePlanName: string }[];
}

const P1 = { servicePlanId: '41781fb2-bc02-4b7c-bd55-b576c07bb09d', servicePlanName: 'AAD_PREMIUM' };
const P2 = { servicePlanId: 'eec0eb4f-6444-4f95-aba0-50c24d67f998', servicePlanName: 'AAD_PREMIUM_P2' };

// Who buys P2 gets P1 with it.
const SKUS: Readonly<Record<Plan, Sku>> = {
  P1: { id: '078d2b04-f1bd-4111-bbd4-b4b1b354cef4', name: 'AAD_PREMIUM', servicePlans: [P1] },
  P2: { id: '84a661c4-e949-4bd2-a560-ed7766fcaf2b', name: 'AAD_PREMIUM_P2', servicePlans: [P1, P2] },
};

const KNOWN = new Set([
  'accountId',
  'appliesTo',
  'capabilityStatus',
  'consumedUnits',
  'id',
  'prepaidUnits',
  'servicePlans',
  'skuId',
  'skuPartNumber',
]);

const BOUGHT = 25;

const row = (tenantId: string, plan: Plan): Row => {
  const { id, name, servicePlans } = SKUS[plan];
  return {
    accountId: fixedId('billing account', tenantId),
    appliesTo: 'User',
    capabilityStatus: 'Enabled',
    consumedUnits: 0,
    id: `${tenantId}_${id}`,
    prepaidUnits: { enabled: BOUGHT, suspended: 0, warning: 0, lockedOut: 0 },
    servicePlans: servicePlans.map((each) => ({ ...each, provisioningStatus: 'Success', appliesTo: 'User' })),
    skuId: id,
    skuPartNumber: name,
  };
};

const list = (call: GraphCall): GraphAnswer => {
  checkOptions(call.query, ['$select']);
  const select = readSelect(call.query, 'microsoft.graph.subscribedSku', KNOWN);
  const rows = call.tenant.plans.map((plan) => row(call.tenant.id, plan));
  return page(call, 'subscribedSkus', rows, (each) => project(each, select));
};

export const licenceRoutes: readonly Route[] = [
  { method: 'GET', path: '/subscribedSkus', needs: [READ_LICENCES], handle: list },
];
