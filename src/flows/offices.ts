/** Who is an owner or an auditor of Latchkey itself. */
import type { Fault } from '../engine/faults.js';
import { isNamedBy } from '../engine/person.js';
import type { Person } from '../engine/person.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { mayOwn, recordChange } from './change.js';
import type { Admin, ChangeDeps } from './change.js';
import type { Offices } from './ports/config.js';
import { ownersIn } from './standing.js';

/** What somebody is to be from now on; what is absent stays. */
export interface Appointment {
  readonly owner?: boolean;
  readonly auditor?: boolean;
}

const MOST_RACES = 20;

/**
 * Gives somebody an office or takes it. Both who asks and who would be left are read from the very document that is then
 * replaced if nobody else did: two owners who dismiss each other at the same moment leave one.
 */
export const appoint = async (
  deps: ChangeDeps,
  admin: Admin,
  person: Person,
  appointment: Appointment,
): Promise<Result<undefined, Fault>> => {
  for (let race = 0; race < MOST_RACES; race += 1) {
    const offices = await deps.config.offices.read();
    const isStillOwner = (await ownersIn(deps, offices)).some(({ id }) => isNamedBy(admin.person, id));
    const allowed = await mayOwn(deps, { standing: { ...admin.standing, owner: isStillOwner } });
    if (!allowed.ok) return allowed;
    const next = officesAfter(deps, offices, person, appointment);
    const before = officesOf(deps, offices, person);
    const after = officesOf(deps, next, person);
    if (before.owner === after.owner && before.auditor === after.auditor) return ok(undefined);
    if ((await ownersIn(deps, next)).length === 0) return err({ code: 'owner.last', name: person.name });
    await recordChange(deps, admin, {
      what: 'person.office',
      about: [person.id],
      facts: { person: person.name },
      before,
      after,
    });
    if (await deps.config.offices.replace(next, offices)) return ok(undefined);
  }
  return err({ code: 'busy' });
};

/** What somebody holds by these offices, whether or not they could still speak. */
const officesOf = ({ settings }: Pick<ChangeDeps, 'settings'>, offices: Offices, person: Person) => ({
  owner:
    offices.owners.some((id) => isNamedBy(person, id)) ||
    person.identities.some(({ key }) => settings.owners.includes(key) && !offices.dismissed.includes(key)),
  auditor: offices.auditors.some((id) => isNamedBy(person, id)),
});

const officesAfter = (
  { settings }: Pick<ChangeDeps, 'settings'>,
  offices: Offices,
  person: Person,
  { owner, auditor }: Appointment,
): Offices => {
  const others = (ids: Offices['owners']): Offices['owners'] => ids.filter((id) => !isNamedBy(person, id));
  const keys = person.identities.map(({ key }) => key);
  const firstKeys = keys.filter((key) => settings.owners.includes(key));
  const dismissed = offices.dismissed.filter((key) => !keys.includes(key));
  return {
    ...offices,
    ...(owner === true && {
      owners: [...others(offices.owners), ...(firstKeys.length > 0 ? [] : [person.id])],
      dismissed,
    }),
    ...(owner === false && { owners: others(offices.owners), dismissed: [...dismissed, ...firstKeys] }),
    ...(auditor === true && { auditors: [...others(offices.auditors), person.id] }),
    ...(auditor === false && { auditors: others(offices.auditors) }),
  };
};
