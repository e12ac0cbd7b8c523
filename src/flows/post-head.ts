import { announceHead } from './audit-head.js';
import type { HeadAnnouncement } from './audit-head.js';
import type { FlowDeps } from './deps.js';
import type { Notifier } from './ports.js';
import { tellAdmins } from './tell-admins.js';

type PostDeps<Card> = Pick<FlowDeps, 'clock' | 'audit' | 'signer' | 'people' | 'config' | 'settings' | 'log'> & {
  readonly notifier: Notifier<Card>;
};

/** Nobody could be shown the head, so nobody could miss lines that are rewritten: the chore tries again. */
export class HeadUntold extends Error {
  override readonly name = 'HeadUntold';

  constructor() {
    super('the head of the audit log reached no owner and no channel of admins');
  }
}

/** Signs the head of the audit log and posts it where admins read; what is wrong with the log is told just so. */
export const postHead = async <Card>(
  deps: PostDeps<Card>,
  drawHead: (announcement: Exclude<HeadAnnouncement, { kind: 'empty' }>) => Card,
): Promise<void> => {
  const announcement = await announceHead(deps);
  if (announcement.kind === 'empty') return;
  if (announcement.kind === 'broken') deps.log.error({ broken: announcement.broken }, 'the audit log is broken');
  if ((await tellAdmins(deps, () => drawHead(announcement))) === 0) throw new HeadUntold();
};
