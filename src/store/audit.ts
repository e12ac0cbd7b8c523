/** The audit log: lines that only ever follow one another, each once, and the signed heads that were issued of them. */
import type { Collection, CollectionOptions, Db, Filter } from 'mongodb';
import type { AuditHead } from '../engine/audit-chain.js';
import { parseHead, printHead } from '../engine/audit-head.js';
import type { AuditFilter, AuditLine, AuditLog, IssuedHead, UnreadableLine } from '../flows/ports/audit.js';
import { createAppender } from './audit-append.js';
import { lineOrDamage, readLine, type AuditDocument } from './audit-document.js';
import { BOUNDED, insertUnlessTaken, openCollection } from './collection.js';
import { CorruptDocument } from './document.js';
import { retrying } from './retry.js';

/** One document of `audit_heads`, under the head's printed form. */
interface HeadDocument {
  readonly _id: string;
  readonly at: Date;
}

const WALK_AT_ONCE = 500;

export const createAuditLog = (db: Db): AuditLog => {
  const lines = openCollection<AuditDocument>(db, 'audit', lastingReads(db));
  const heads = openCollection<HeadDocument>(db, 'audit_heads');
  const head = (): Promise<AuditHead | undefined> => loadHead(lines);
  return {
    append: createAppender(lines, head),
    read: (filter, limit) => read(lines, filter, limit),
    head,
    walk: (from) => walk(lines, from),
    rememberHead: async (signed, at) => {
      await insertUnlessTaken(heads, { _id: printHead(signed), at });
    },
    heads: () => loadHeads(heads),
  };
};

/** A line that a fallen server could still take back must not be followed by another. */
const lastingReads = (db: Db): CollectionOptions =>
  db.writeConcern?.w === 'majority' ? { readConcern: { level: 'majority' } } : {};

// Comparing with a number finds numbers only: whatever else somebody put into the collection is no line of the log.
const LINES: Filter<AuditDocument> = { _id: { $gte: 1 } };

const loadHead = async (lines: Collection<AuditDocument>): Promise<AuditHead | undefined> =>
  await retrying(async () => {
    const found = await lines.find(LINES, BOUNDED).sort({ _id: -1 }).limit(1).next();
    return found === null ? undefined : readLine(found);
  });

const read = async (
  lines: Collection<AuditDocument>,
  filter: AuditFilter,
  limit: number,
): Promise<readonly AuditLine[]> =>
  await retrying(async () => {
    const found = await lines.find(conditionOf(filter), BOUNDED).sort({ _id: -1 }).limit(limit).toArray();
    return found.map(readLine);
  });

const conditionOf = ({ request, people, organizations, since, before }: AuditFilter): Filter<AuditDocument> => ({
  _id: { $gte: 1, ...(before === undefined ? {} : { $lt: before }) },
  ...(request === undefined ? {} : { 'event.request': request }),
  ...(people === undefined ? {} : { $or: [{ 'event.by': { $in: people } }, { 'event.about': { $in: people } }] }),
  ...(organizations === undefined ? {} : { 'event.organization': { $in: organizations } }),
  ...(since === undefined ? {} : { 'event.at': { $gte: since } }),
});

async function* walk(lines: Collection<AuditDocument>, from: number): AsyncGenerator<AuditLine | UnreadableLine> {
  // Also what stands before the first line or between two: a walk is how it is found.
  let next: Filter<AuditDocument> = { _id: { $gte: from <= 1 ? Number.NEGATIVE_INFINITY : from } };
  for (;;) {
    const batch = await retrying(
      async () => await lines.find(next, BOUNDED).sort({ _id: 1 }).limit(WALK_AT_ONCE).toArray(),
    );
    for (const document of batch) {
      const line = lineOrDamage(document);
      yield 'damage' in line ? { seq: document._id, unreadable: line.damage } : line;
    }
    const last = batch.at(-1);
    if (last === undefined) return;
    next = { _id: { $gt: last._id } };
  }
}

const loadHeads = async (heads: Collection<HeadDocument>): Promise<readonly IssuedHead[]> =>
  await retrying(async () => {
    const found = await heads.find({}, BOUNDED).toArray();
    return found.map(readHead).toSorted((one, other) => one.head.seq - other.head.seq);
  });

const readHead = ({ _id, at }: HeadDocument): IssuedHead => {
  const head = parseHead(_id);
  if (head === undefined) throw new CorruptDocument('audit_heads', _id, '_id', 'not a signed head');
  return { head, at };
};
