import type { Fault } from '../engine/faults.js';
import { groupId } from '../engine/ids.js';
import type { PersonId } from '../engine/ids.js';
import type { Group } from '../engine/group.js';
import { randomId } from '../lib/random.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { asOwner, recordChange } from './change.js';
import type { Admin, ChangeDeps } from './change.js';

export const groupNamed = async (deps: Pick<ChangeDeps, 'config'>, name: string): Promise<Group | undefined> =>
  (await deps.config.groups.named(name))[0];

/** Makes the group where there is none, and adds the people to it. */
export const addToGroup = (
  deps: ChangeDeps,
  admin: Admin,
  name: string,
  people: readonly PersonId[],
): Promise<Result<Group, Fault>> =>
  asOwner(deps, admin, async () => {
    const known = await groupNamed(deps, name);
    if (known !== undefined && people.length === 0)
      return err({ code: 'admin.exists', what: 'group', name: known.name });
    await recordChange(deps, admin, {
      what: known === undefined ? 'group.added' : 'group.joined',
      facts: { group: name, people },
    });
    if (known === undefined) {
      const group: Group = { id: groupId(randomId(deps.random)), name, members: people };
      return (await deps.config.groups.add(group)) ? ok(group) : err({ code: 'admin.exists', what: 'group', name });
    }
    await deps.config.groups.addMembers(known.id, people);
    return ok({ ...known, members: [...new Set([...known.members, ...people])] });
  });

/** Takes people out of a group; with nobody named, removes the group itself unless rules use it. */
export const removeFromGroup = (
  deps: ChangeDeps,
  admin: Admin,
  name: string,
  people: readonly PersonId[],
): Promise<Result<Group, Fault>> =>
  asOwner(deps, admin, async () => {
    const known = await groupNamed(deps, name);
    if (known === undefined) return err({ code: 'admin.unknown', what: 'group', asked: name });
    if (people.length > 0) {
      await recordChange(deps, admin, { what: 'group.left', facts: { group: known.name, people } });
      await deps.config.groups.removeMembers(known.id, people);
      return ok({ ...known, members: known.members.filter((member) => !people.includes(member)) });
    }
    const users = await deps.config.rules.using({ kind: 'group', id: known.id }, 5);
    if (users.length > 0) {
      return err({
        code: 'admin.in-use',
        what: 'group',
        name: known.name,
        by: users.map((rule) => `rule ${rule.name}`),
      });
    }
    await recordChange(deps, admin, { what: 'group.removed', facts: { group: known.name } });
    await deps.config.groups.remove(known.id);
    return ok({ ...known, members: [] });
  });
