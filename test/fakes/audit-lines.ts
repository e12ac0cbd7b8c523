import { BEFORE_THE_FIRST, lineAfter } from '../../src/engine/audit-chain.js';
import type { AuditEvent, AuditLine, AuditLog, IssuedHead, UnreadableLine } from '../../src/flows/ports/audit.js';

/** A log of these events, its lines named L-1, L-2… */
export const chainOf = (events: readonly AuditEvent[]): readonly AuditLine[] => {
  const lines: AuditLine[] = [];
  for (const event of events) lines.push(lineAfter(lines.at(-1) ?? BEFORE_THE_FIRST, `L-${lines.length + 1}`, event));
  return lines;
};

/** A log that somebody has had their hands on: it shows whatever `lines` holds, in the order of the numbers. */
export const logOf = (
  lines: () => readonly (AuditLine | UnreadableLine)[],
): Pick<AuditLog, 'walk' | 'heads' | 'rememberHead'> => {
  const issued: IssuedHead[] = [];
  return {
    walk: async function* walk(from) {
      yield* lines()
        .filter(({ seq }) => from <= 1 || seq >= from)
        .toSorted((one, other) => one.seq - other.seq);
    },
    heads: async () => issued.toSorted((one, other) => one.head.seq - other.head.seq),
    rememberHead: async (head, at) => void issued.push({ head, at }),
  };
};
