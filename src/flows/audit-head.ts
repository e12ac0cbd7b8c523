import type { SignedHead } from '../engine/audit-head.js';
import { follow } from './audit-check.js';
import type { AuditBreak } from './audit-check.js';
import type { FlowDeps } from './deps.js';
import type { AuditLog } from './ports/audit.js';

export type HeadAnnouncement =
  | { readonly kind: 'empty' }
  /** `lines`: how many were added since the head before. `isFirst`: the database remembers none before it. */
  | { readonly kind: 'signed'; readonly head: SignedHead; readonly lines: number; readonly isFirst?: true }
  /** Not signed: a signature would vouch for what was tampered with. */
  | { readonly kind: 'broken'; readonly broken: AuditBreak };

interface HeadDeps extends Pick<FlowDeps, 'clock' | 'signer'> {
  readonly audit: Pick<AuditLog, 'walk' | 'heads' | 'rememberHead'>;
}

/**
 * Signs how far the audit log reaches and remembers it, for posting where admins read: what they have seen in a chat,
 * nobody can rewrite in the database. The lines since the head before are checked first. Repeating it is harmless.
 */
export const announceHead = async ({ clock, audit, signer }: HeadDeps): Promise<HeadAnnouncement> => {
  const latest = (await audit.heads()).at(-1)?.head;
  if (latest !== undefined && !signer.confirms(latest)) {
    return { kind: 'broken', broken: { seq: latest.seq, why: 'forged', head: latest } };
  }
  const end = latest === undefined ? await follow(audit, 1, []) : await follow(audit, latest.seq, [latest]);
  if ('why' in end) return { kind: 'broken', broken: end };
  if (end.seq === 0) return { kind: 'empty' };
  const head = signer.sign(end);
  await audit.rememberHead(head, clock.now());
  return { kind: 'signed', head, lines: end.seq - (latest?.seq ?? 0), ...(latest === undefined && { isFirst: true }) };
};
