import { setTimeout as wait } from 'node:timers/promises';
import type { Collection } from 'mongodb';
import { BEFORE_THE_FIRST, canonical, lineAfter, type AuditHead } from '../engine/audit-chain.js';
import type { AuditEvent, AuditLine } from '../flows/ports/audit.js';
import { toDocument, type AuditDocument } from './audit-document.js';
import { BOUNDED } from './collection.js';
import { isDuplicate, retrying } from './retry.js';

/** What becomes a line once it is known which line it follows. */
interface Entry {
  readonly id: string;
  readonly event: AuditEvent;
}

interface Batch {
  readonly entries: Entry[];
  readonly written: Promise<void>;
}

/** So many lines share one write, where they had to wait for the one before. */
const MOST_AT_ONCE = 100;

const PAUSE_MS = 10;

/**
 * Adds lines at the end of the chain. Those of this process wait for one another and share writes. Between processes the
 * number of the line decides: it is the document's id, so that of two lines for one place the second is refused, and
 * looks for the new end. The lines of one write are stored in their order: a crash leaves a chain that is shorter, and
 * whole.
 */
export const createAppender = (
  lines: Collection<AuditDocument>,
  loadHead: () => Promise<AuditHead | undefined>,
): AppendLine => {
  let head: AuditHead | undefined;
  return inBatches(async (entries) => {
    let left = oneForEachId(entries);
    let refusedAfter: number | undefined;
    while (left.length > 0) {
      const end: AuditHead = head ?? (await loadHead()) ?? BEFORE_THE_FIRST;
      // What a majority has may lag behind the line that was in the way.
      if (end.seq === refusedAfter) await wait(PAUSE_MS);
      const next = chained(end, left);
      // Forgotten until the write is known to have succeeded: otherwise the end may be anywhere.
      head = undefined;
      if (await insertInOrder(lines, next)) {
        head = next.at(-1);
        return;
      }
      refusedAfter = end.seq;
      left = await unwritten(lines, left);
    }
  });
};

type AppendLine = (id: string, event: AuditEvent) => Promise<void>;

/** One batch is written at a time; whoever comes meanwhile is in the next. */
const inBatches = (write: (entries: readonly Entry[]) => Promise<void>): AppendLine => {
  let open: Batch | undefined;
  let before: Promise<void> = Promise.resolve();

  const openWith = (entry: Entry): Batch => {
    const entries = [entry];
    const begin = async (): Promise<void> => {
      if (open === batch) open = undefined;
      await write(entries);
    };
    const batch: Batch = { entries, written: before.then(begin) };
    before = batch.written.catch(() => undefined);
    return batch;
  };

  return async (id, event) => {
    // Refused alone and at once, not together with whatever shares its write.
    canonical(event, 'event');
    if (open !== undefined && open.entries.length < MOST_AT_ONCE) open.entries.push({ id, event });
    else open = openWith({ id, event });
    await open.written;
  };
};

const oneForEachId = (entries: readonly Entry[]): readonly Entry[] =>
  [...new Map(entries.toReversed().map((entry) => [entry.id, entry])).values()].toReversed();

const chained = (end: AuditHead, entries: readonly Entry[]): readonly AuditLine[] => {
  const lines: AuditLine[] = [];
  for (const { id, event } of entries) lines.push(lineAfter(lines.at(-1) ?? end, id, event));
  return lines;
};

/** `false`: a number or an id was taken, by another process or by an attempt of ours whose answer was lost. */
const insertInOrder = async (collection: Collection<AuditDocument>, lines: readonly AuditLine[]): Promise<boolean> =>
  await retrying(async () => {
    try {
      await collection.insertMany(lines.map(toDocument), { ...BOUNDED, ordered: true });
      return true;
    } catch (thrown) {
      if (isDuplicate(thrown)) return false;
      throw thrown;
    }
  });

const unwritten = async (
  collection: Collection<AuditDocument>,
  entries: readonly Entry[],
): Promise<readonly Entry[]> => {
  const written = await retrying(
    async () =>
      await collection
        .find({ id: { $in: entries.map(({ id }) => id) } }, { ...BOUNDED, projection: { id: 1 } })
        .toArray(),
  );
  const ids = new Set(written.map(({ id }) => id));
  return entries.filter(({ id }) => !ids.has(id));
};
