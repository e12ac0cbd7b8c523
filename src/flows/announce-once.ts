import { addMs, MINUTE } from '../lib/clock.js';
import type { FlowDeps } from './deps.js';
import { tellAdmins } from './tell-admins.js';
import type { Concerned, TellDeps } from './tell-admins.js';

type AnnounceDeps<Card> = TellDeps<Card> & Pick<FlowDeps, 'clock' | 'announcements'>;

/** So long the others wait for whoever took it to say it; one who died over it is replaced then. */
const CLAIM_MS = 5 * MINUTE;

/**
 * Tells admins once, however many processes want to, and then does what makes it unnecessary to tell again: only after
 * that does it count as said. `false`: somebody else has or is at it, or nobody could be told.
 */
export const announceOnce = async <Card>(
  deps: AnnounceDeps<Card>,
  id: string,
  cardFor: (zone: string | undefined) => Card,
  { concerned, settle }: { readonly concerned: Concerned; readonly settle: () => Promise<unknown> },
): Promise<boolean> => {
  const now = deps.clock.now();
  if (!(await deps.announcements.claim(id, now, addMs(now, CLAIM_MS)))) return false;
  if ((await tellAdmins(deps, cardFor, concerned)) === 0) {
    await deps.announcements.release(id);
    return false;
  }
  await settle();
  await deps.announcements.said(id);
  return true;
};
