import { BEFORE_THE_FIRST, breakAfter } from '../engine/audit-chain.js';
import type { AuditHead, ChainBreak } from '../engine/audit-chain.js';
import { printHead } from '../engine/audit-head.js';
import type { SignedHead } from '../engine/audit-head.js';
import type { AuditLog, HeadVerifier } from './ports/audit.js';

/** The first thing that is wrong with the log; `seq` is the line it was found at. */
export type AuditBreak =
  | ChainBreak
  | { readonly seq: number; readonly why: 'unreadable'; readonly place: string }
  /** A signed head says another hash: some line after `since`, the signed head before, was rewritten. */
  | { readonly seq: number; readonly why: 'rewritten'; readonly since: number; readonly head: SignedHead }
  /** A signed head knows of lines that are gone. */
  | { readonly seq: number; readonly why: 'cut-off'; readonly head: SignedHead }
  /** A head that claims to be ours was not signed with our key. */
  | { readonly seq: number; readonly why: 'forged'; readonly head: SignedHead };

export type AuditVerdict =
  | { readonly intact: true; readonly head: AuditHead; readonly signedHeads: number }
  | { readonly intact: false; readonly broken: AuditBreak };

interface Check {
  readonly audit: Pick<AuditLog, 'walk' | 'heads'>;
  readonly verifier: HeadVerifier;
  /** Signed heads that were kept elsewhere, as in a chat. */
  readonly known?: readonly SignedHead[];
}

/** Reads the whole log and holds it against its chain and against every signed head. */
export const checkLog = async ({ audit, verifier, known = [] }: Check): Promise<AuditVerdict> => {
  // Before the lines: of a log that grows meanwhile no head may be newer than what is read.
  const remembered = (await audit.heads()).map(({ head }) => head);
  const heads = [...new Map([...remembered, ...known].map((head) => [printHead(head), head])).values()];
  const forged = heads.find((head) => !verifier.confirms(head));
  if (forged !== undefined) return { intact: false, broken: { seq: forged.seq, why: 'forged', head: forged } };
  const end = await follow(audit, 1, heads);
  return 'why' in end ? { intact: false, broken: end } : { intact: true, head: end, signedHeads: heads.length };
};

/**
 * Walks the chain from line `from` to its end, past each of `heads`: where it ends, or what is wrong first. What precedes
 * `from` is taken on trust.
 */
export const follow = async (
  audit: Pick<AuditLog, 'walk'>,
  from: number,
  heads: readonly SignedHead[],
): Promise<AuditHead | AuditBreak> => {
  const ahead = heads.toSorted((one, other) => one.seq - other.seq);
  let end = from === 1 ? BEFORE_THE_FIRST : undefined;
  let since = from - 1;
  for await (const line of audit.walk(from)) {
    if ('unreadable' in line) return { seq: line.seq, why: 'unreadable', place: line.unreadable };
    const broken = breakAfter(end ?? { seq: from - 1, hash: line.previous }, line);
    if (broken !== undefined) return broken;
    end = { seq: line.seq, hash: line.hash };
    for (; ahead[0]?.seq === line.seq; ahead.shift()) {
      if (ahead[0].hash !== line.hash) return { seq: line.seq, why: 'rewritten', since, head: ahead[0] };
      since = line.seq;
    }
  }
  const reached = end ?? { seq: from - 1, hash: BEFORE_THE_FIRST.hash };
  return ahead[0] === undefined ? reached : { seq: reached.seq + 1, why: 'cut-off', head: ahead[0] };
};
