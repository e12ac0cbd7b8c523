import type { BreakGlassId } from '../engine/ids.js';
import { LONGEST_TAG } from './tag.js';

/** What tells an emergency administrator in a directory: the role, and the mark on those whom Latchkey made. */

/** The template id, which is the role's id in every tenant. */
export const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10';

/** Roles that may change the password of a Global Administrator: Privileged Authentication Administrator, and itself. */
export const RESETTERS: readonly string[] = ['7be44c8a-adaf-4e2a-84d6-ab2649e08a13', GLOBAL_ADMINISTRATOR];

// No tenant is called so: whoever looks for the accounts that are lent in a tenant finds none of these among them.
export const writeMark = (id: BreakGlassId): string => `break-glass:${id}`.slice(0, LONGEST_TAG);
