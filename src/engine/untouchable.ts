import type { ExistingUser } from './access.js';
import type { DirectoryUserId } from './ids.js';

/** Whether a user is lent to nobody, whatever rules say: one of those whom Latchkey itself keeps in that tenant. */
export const isUntouchable = ({ id }: Pick<ExistingUser, 'id'>, kept: readonly DirectoryUserId[]): boolean =>
  kept.includes(id);
