import type { Fault } from '../engine/faults.js';
import type { OrganizationId } from '../engine/ids.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { difference, mayTouch, owned, recordChange } from './change.js';
import type { Admin, Change, ChangeDeps } from './change.js';
import type { Facts } from './ports/audit.js';
import type { Shelf } from './ports/config.js';

/** Whoever loses so many races in a row meets a fault rather than a loop. */
const MOST_RACES = 20;

export interface Editing<T> {
  /** The noun, for refusals. */
  readonly what: string;
  /** The audit event, `tenant.changed`. */
  readonly event: string;
  /** Whose it is. */
  readonly ownerOf: (item: T) => OrganizationId | undefined;
  /** What a reader of the log is to compare. */
  readonly factsOf: (item: T) => Facts;
  readonly about?: Pick<Change, 'tenant' | 'about'>;
  /** The item as it is to be, from how it is at that moment. */
  readonly next: (current: T) => Result<T, Fault>;
}

interface Kept<Id> {
  readonly id: Id;
  readonly name: string;
}

/** Changes one thing on a shelf, whoever else is at it. Where nothing differs, nothing is written and nothing recorded. */
export const edit = async <Id extends string, T extends Kept<Id>>(
  deps: ChangeDeps,
  admin: Admin,
  shelf: Shelf<T, Id>,
  id: Id,
  { what, event, ownerOf, factsOf, about, next }: Editing<T>,
): Promise<Result<T, Fault>> => {
  for (let race = 0; race < MOST_RACES; race += 1) {
    const current = await shelf.byId(id);
    if (current === undefined) return err({ code: 'admin.unknown', what, asked: id });
    const allowed = await mayTouch(deps, admin, ownerOf(current));
    if (!allowed.ok) return allowed;
    const changed = next(current);
    if (!changed.ok) return changed;
    const changes = difference(factsOf(current), factsOf(changed.value));
    if (Object.keys(changes.before).length + Object.keys(changes.after).length === 0) return ok(current);
    if (await isNameTaken(shelf, ownerOf, changed.value)) {
      return err({ code: 'admin.exists', what, name: changed.value.name });
    }
    await recordChange(deps, admin, {
      what: event,
      ...owned(ownerOf(changed.value)),
      ...about,
      facts: { [what]: current.id, name: current.name },
      ...changes,
    });
    if (await shelf.replace(changed.value, current)) return ok(changed.value);
  }
  return err({ code: 'busy' });
};

/** By another of the same owner; elsewhere the same name is another's business, and nobody's to hear of. */
export const isNameTaken = async <Id extends string, T extends Kept<Id>>(
  shelf: Pick<Shelf<T, Id>, 'named'>,
  ownerOf: (item: T) => OrganizationId | undefined,
  item: T,
): Promise<boolean> =>
  (await shelf.named(item.name)).some((other) => other.id !== item.id && ownerOf(other) === ownerOf(item));
