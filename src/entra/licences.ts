import type { z } from 'zod';
import type { Found, Inspection } from '../engine/inspection.js';
import { ok } from '../lib/result.js';
import type { Graph } from './call.js';
import type { GraphAnswer } from './errors.js';
import { licencePage } from './inspection-answers.js';
import type { Patience } from './patience.js';
import { readRows } from './read.js';

/** Which of the licences that matter here a tenant has. */

type Licences = Inspection['licences'] extends Found<infer T> ? T : never;

export const LICENCES = '/subscribedSkus?$select=capabilityStatus,servicePlans';

// learn.microsoft.com: "Product names and service plan identifiers for licensing". P2 has all that P1 has.
const P1_PLAN = '41781fb2-bc02-4b7c-bd55-b576c07bb09d';
const P2_PLAN = 'eec0eb4f-6444-4f95-aba0-50c24d67f998';

export const readLicences = async (graph: Graph, first: GraphAnswer, patience: Patience): Promise<Found<Licences>> => {
  const rows = await readRows(graph, licencePage, first, patience);
  if (!rows.ok) return rows;
  const plans = new Set(rows.value.flatMap(plansInEffect));
  const p2 = plans.has(P2_PLAN);
  return ok({ p1: p2 || plans.has(P1_PLAN), p2 });
};

type LicenceRow = z.infer<typeof licencePage>['value'][number];

const plansInEffect = ({ capabilityStatus, servicePlans }: LicenceRow): readonly string[] =>
  capabilityStatus === 'Enabled'
    ? servicePlans
        .filter(({ provisioningStatus }) => provisioningStatus === 'Success')
        .map(({ servicePlanId }) => servicePlanId.toLowerCase())
    : [];
