/** Forgets a person: their groups, offices, passkeys, and in the end who they are. */
import type { Fault } from '../engine/faults.js';
import { idsOf } from '../engine/person.js';
import type { Person } from '../engine/person.js';
import type { RequestState } from '../engine/request.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { mayOwn, recordChange } from './change.js';
import type { Admin, ChangeDeps } from './change.js';
import type { FlowDeps } from './deps.js';
import { appoint } from './offices.js';
import { setOrganizationAdmins } from './organizations.js';

type ForgetDeps = ChangeDeps & Pick<FlowDeps, 'requests' | 'identities' | 'passkeys'>;

const OPEN: readonly RequestState[] = ['pending', 'approved', 'provisioning', 'active', 'closing'];

const MOST_NAMED = 5;

/** Why this person cannot be forgotten now; `undefined`: they can. */
export const whyKept = async (deps: ForgetDeps, person: Person): Promise<Fault | undefined> => {
  const requesters = idsOf(person);
  const open = await deps.requests.list({ requesters, states: OPEN }, MOST_NAMED);
  if (open.length > 0) return { code: 'person.busy', name: person.name, requests: open.map(({ id }) => id) };
  const rules = await Promise.all(requesters.map((id) => deps.config.rules.using({ kind: 'person', id }, MOST_NAMED)));
  const by = rules.flat().map(({ name }) => `rule ${name}`);
  return by.length === 0 ? undefined : { code: 'admin.in-use', what: 'person', name: person.name, by };
};

/** Their identities go last: whoever dies before that leaves somebody who can be forgotten once more. */
export const forget = async (deps: ForgetDeps, admin: Admin, person: Person): Promise<Result<undefined, Fault>> => {
  const allowed = await mayOwn(deps, admin);
  if (!allowed.ok) return allowed;
  const kept = await whyKept(deps, person);
  if (kept !== undefined) return err(kept);
  const dismissed = await appoint(deps, admin, person, { owner: false, auditor: false });
  if (!dismissed.ok) return dismissed;
  const ids = idsOf(person);
  const groups = await deps.config.groups.ofPeople(ids);
  await recordChange(deps, admin, {
    what: 'person.forgotten',
    about: ids,
    facts: {
      person: person.name,
      identities: person.identities.map(({ key }) => key),
      groups: groups.map(({ name }) => name),
    },
  });
  for (const { id } of await deps.config.organizations.administeredBy(ids)) {
    const resigned = await setOrganizationAdmins(deps, admin, id, { add: [], remove: ids });
    if (!resigned.ok) return resigned;
  }
  for (const { id } of groups) await deps.config.groups.removeMembers(id, ids);
  for (const { credentialId } of await deps.passkeys.ofPerson(ids)) await deps.passkeys.remove(credentialId);
  await deps.identities.forget(ids);
  return ok(undefined);
};
