import { z } from 'zod';

import { ControlRefusal } from './tenant-lookup.js';
import { findTenant, type World } from './world.js';

/** Switching Microsoft's limits on, and reading what was used of them. */

const Limit = z.strictObject({ most: z.int().positive(), seconds: z.number().positive() }).nullable().optional();

const LimitsBody = z.strictObject({
  /** A tenant's id or domain; without one, for all that have no limits of their own. */
  tenant: z.string().optional(),
  /** What is not said is Microsoft's figure; null is no limit. */
  limits: z
    .strictObject({
      resourceUnits: Limit,
      writes: Limit,
      authenticationMethods: Limit,
      conditionalAccess: Limit,
      auditLogs: Limit,
    })
    .prefault({}),
});

export const setLimits = (world: World, input: unknown): unknown => {
  const { tenant: name, limits } = LimitsBody.parse(input);
  const tenant = name === undefined ? undefined : findTenant(world, name);
  if (name !== undefined && tenant === undefined) throw new ControlRefusal(`no tenant ${name}`);
  world.limits.set(tenant?.id ?? null, limits);
  return describeLimits(world);
};

export const describeLimits = (world: World): unknown => ({ limits: world.limits.list(), use: world.limits.use() });
