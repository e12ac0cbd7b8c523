import type { Fault } from '../../engine/faults.js';
import { organizationId } from '../../engine/ids.js';
import type { IdentityKey } from '../../engine/ids.js';
import type { Identity } from '../../engine/person.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { recordChange } from '../change.js';
import type { Admin } from '../change.js';
import type { Facts } from '../ports/audit.js';
import type { Change } from './compare.js';
import { planImport } from './plan.js';
import type { ImportDeps, ImportPlan } from './plan.js';

/**
 * Makes the configuration what the document says, one audited change after the other. What is here and not in the
 * document stays. Importing again, after a crash in the middle or not, does what is left to do and nothing else.
 */
export const importConfig = async (
  deps: ImportDeps,
  admin: Pick<Admin, 'person' | 'on'>,
  document: unknown,
): Promise<Result<ImportPlan, Fault>> => {
  const first = await planImport(deps, document);
  if (!first.ok) return first;
  for (const [key, id] of first.value.newPeople) await deps.people.appear(identityFor(key), id);
  // Somebody may have appeared by themselves meanwhile, under another id than was drawn for them.
  const plan = first.value.newPeople.size === 0 ? first : await planImport(deps, document);
  if (!plan.ok) return plan;
  for (const change of plan.value.changes) {
    await record(deps, admin, change);
    if (!(await change.write())) return err({ code: 'import.overtaken', noun: change.noun, name: change.name });
  }
  return ok(plan.value);
};

/** Somebody who has not spoken yet is known by their id alone; in Slack that is enough to write to them. */
const identityFor = (key: IdentityKey): Identity => {
  const user = key.slice(key.indexOf(':') + 1);
  return key.startsWith('slack:')
    ? { key, platform: 'slack', name: key, address: { platform: 'slack', conversation: user } }
    : { key, platform: 'teams', name: key };
};

const record = (deps: ImportDeps, admin: Pick<Admin, 'person' | 'on'>, change: Change): Promise<void> => {
  const { noun, name, kind, fields, before, after, organization } = change;
  const told = kind === 'add' ? Object.keys(after) : fields;
  return recordChange(deps, admin, {
    what: `${noun}.${kind === 'add' ? 'added' : 'changed'}`,
    ...(organization === undefined ? {} : { organization: organizationId(organization) }),
    facts: { name, way: 'import' },
    ...(before === undefined ? {} : { before: factsOf(before, told) }),
    after: factsOf(after, told),
  });
};

const factsOf = (item: object, fields: readonly string[]): Facts =>
  Object.fromEntries(
    Object.entries(item)
      .filter(([field]) => fields.includes(field))
      .map(([field, value]: [string, unknown]) => [field, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
