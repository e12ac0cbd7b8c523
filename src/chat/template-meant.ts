import type { Fault } from '../engine/faults.js';
import type { Template } from '../engine/template.js';
import type { Tenant } from '../engine/tenant.js';
import { closest } from '../lib/closest.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { cleaned, shortened } from './asking.js';

/** The template that somebody means by its name or id; of two of one name that of the tenant's own organization. */
export const templateNamed = (
  templates: readonly Template[],
  tenant: Pick<Tenant, 'name' | 'organization'>,
  typed: string,
): Result<Template, Fault> => {
  const wanted = cleaned(typed.replace(/^template:/iu, '')).toLowerCase();
  const found = templates.filter(({ id, name }) => id.toLowerCase() === wanted || name.toLowerCase() === wanted);
  const template = found.find(({ organization }) => organization !== undefined) ?? found[0];
  if (template !== undefined) return ok(template);
  const meant = closest(
    wanted,
    templates.map(({ name }) => name),
  );
  const suggestion = meant === undefined ? {} : { meant };
  return err({ code: 'template.unknown', tenant: tenant.name, asked: shortened(typed), ...suggestion });
};
