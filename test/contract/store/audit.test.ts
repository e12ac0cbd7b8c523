import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { breakAfter, BEFORE_THE_FIRST, UnfitForAudit } from '../../../src/engine/audit-chain.js';
import type { AuditHead } from '../../../src/engine/audit-chain.js';
import { organizationId, personId, requestId } from '../../../src/engine/ids.js';
import type { AuditEvent, AuditLine, AuditLog } from '../../../src/flows/ports/audit.js';
import { addMs, HOUR } from '../../../src/lib/clock.js';
import { redacted } from '../../../src/lib/redacted.js';
import { createAuditLog } from '../../../src/store/audit.js';
import { ensureIndexes } from '../../../src/store/indexes.js';
import { anyAuditEvent } from '../../fakes/arbitraries.js';
import { createTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { NOON } from '../../fakes/fixtures.js';
import { losingOneAnswer } from '../../fakes/lossy-database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureIndexes(database.db);
});

beforeEach(async () => {
  await database.db.collection('audit').deleteMany({});
});

afterAll(async () => {
  await database.close();
});

const event = (overrides: Partial<AuditEvent> = {}): AuditEvent => ({
  what: 'request.approved',
  at: NOON,
  by: 'P-LEE',
  facts: { note: null },
  ...overrides,
});

const numbered = (count: number, prefix = 'L'): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);

const appendAll = (audit: AuditLog, ids: readonly string[]): Promise<unknown> =>
  Promise.all(ids.map((id) => audit.append(id, event({ facts: { id } }))));

/** The lines as a walk finds them, each held against the one before. */
const wholeChain = async (audit: AuditLog): Promise<readonly AuditLine[]> => {
  const lines: AuditLine[] = [];
  let head: AuditHead = BEFORE_THE_FIRST;
  for await (const line of audit.walk(1)) {
    if ('unreadable' in line) throw new Error(`line ${line.seq} cannot be read`);
    expect(breakAfter(head, line)).toBeUndefined();
    lines.push(line);
    head = line;
  }
  return lines;
};

const idsOf = (lines: readonly { readonly id: string }[]): readonly string[] => lines.map(({ id }) => id);

describe('an audit line', () => {
  it('is written once, however often and by however many it is performed', async () => {
    const audit = createAuditLog(database.db);
    await Promise.all(Array.from({ length: 20 }, () => audit.append('R-1:2:0', event())));
    await audit.append('R-1:2:0', event({ what: 'something else' }));
    await createAuditLog(database.db).append('R-1:2:0', event({ what: 'something else' }));
    await audit.append('R-1:2:1', event());
    const lines = await wholeChain(audit);
    expect(lines.map(({ seq, id, event: { what } }) => [seq, id, what])).toEqual([
      [1, 'R-1:2:0', 'request.approved'],
      [2, 'R-1:2:1', 'request.approved'],
    ]);
    expect(await audit.head()).toMatchObject({ seq: 2, hash: lines[1]?.hash });
  });

  it('follows the others in the order of the calls', async () => {
    const audit = createAuditLog(database.db);
    const ids = numbered(250);
    await appendAll(audit, ids);
    expect(idsOf(await wholeChain(audit))).toEqual(ids);
  });

  it('is hashed as it will be read: any event', async () => {
    const audit = createAuditLog(database.db);
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyAuditEvent, { minLength: 1, maxLength: 5 }), async (events) => {
        await Promise.all(events.map((one) => audit.append(`E-${(count += 1)}`, one)));
      }),
      { numRuns: 40 },
    );
    expect(await wholeChain(audit)).toHaveLength(count);
  });

  it('is hashed as it will be read: half characters, which no database keeps', async () => {
    const audit = createAuditLog(database.db);
    await audit.append('half', event({ what: 'a\uD83D', facts: { reason: '\uDE00b', list: ['\uD800'] } }));
    expect(await wholeChain(audit)).toHaveLength(1);
  });

  it('never holds a secret, wrapped or not plain, and keeps no other from being written', async () => {
    const audit = createAuditLog(database.db);
    const secret = redacted('hunter2') as unknown as string;
    const refused = audit.append('secret', event({ facts: { password: secret } }));
    const others = appendAll(audit, numbered(3));
    await expect(refused).rejects.toBeInstanceOf(UnfitForAudit);
    await expect(refused).rejects.toThrow('event.facts.password');
    await others;
    expect(idsOf(await wholeChain(audit))).toEqual(numbered(3));
  });
});

describe('several processes at once', () => {
  it('make one chain: no gap, no fork, every line once', async () => {
    const logs = Array.from({ length: 4 }, () => createAuditLog(database.db));
    const own = logs.map((_, index) => numbered(60, `P${index}`));
    const shared = numbered(40, 'both');
    await Promise.all(logs.flatMap((log, index) => [appendAll(log, own[index] ?? []), appendAll(log, shared)]));
    const ids = idsOf(await wholeChain(logs[0]!));
    expect(ids.toSorted()).toEqual([...own.flat(), ...shared].toSorted());
    for (const mine of own) expect(ids.filter((id) => mine.includes(id))).toEqual(mine);
  });

  it('one that is behind finds the end, one line at a time', async () => {
    const [one, other] = [createAuditLog(database.db), createAuditLog(database.db)];
    for (const id of numbered(10)) {
      await one.append(`one ${id}`, event());
      await other.append(`other ${id}`, event());
    }
    expect(await wholeChain(one)).toHaveLength(20);
  });
});

describe('a write whose answer was lost', () => {
  it('is neither doubled nor lost, and others follow it', async () => {
    const lossy = createAuditLog(losingOneAnswer(database.db, 'insertMany'));
    await appendAll(lossy, numbered(30));
    await lossy.append('after', event());
    expect(idsOf(await wholeChain(lossy))).toEqual([...numbered(30), 'after']);
  });

  it('is found while another process appends', async () => {
    const lossy = createAuditLog(losingOneAnswer(database.db, 'insertMany'));
    const other = createAuditLog(database.db);
    await Promise.all([appendAll(lossy, numbered(30, 'mine')), appendAll(other, numbered(30, 'theirs'))]);
    expect((await wholeChain(other)).length).toBe(60);
  });
});

it('what a process that died had begun is performed again, and only the rest of it is written', async () => {
  await appendAll(createAuditLog(database.db), numbered(2));
  const again = createAuditLog(database.db);
  await appendAll(again, numbered(5));
  expect(idsOf(await wholeChain(again))).toEqual(numbered(5));
});

describe('reading', () => {
  const [tess, dana, luis] = [personId('P-TESS'), personId('P-DANA'), personId('P-LUIS')];
  const [contoso, fabrikam] = [organizationId('contoso'), organizationId('fabrikam')];
  let audit: AuditLog;
  beforeEach(async () => {
    audit = createAuditLog(database.db);
    const hours = (count: number): Date => addMs(NOON, count * HOUR);
    const of = { request: requestId('R-1'), organization: contoso };
    await audit.append('asked', event({ by: tess, about: [tess], at: hours(0), ...of }));
    await audit.append('agreed', event({ by: dana, about: [tess], at: hours(1), ...of }));
    await audit.append('elsewhere', event({ by: luis, at: hours(2), organization: fabrikam }));
    await audit.append('house', event({ by: dana, about: [luis], at: hours(3) }));
    await audit.append('ended', event({ by: 'latchkey', about: [tess], at: hours(4), ...of }));
  });

  const found = async (...args: Parameters<AuditLog['read']>): Promise<readonly string[]> =>
    idsOf(await audit.read(...args));

  it('is newest first, and goes on where it stopped', async () => {
    expect(await found({}, 2)).toEqual(['ended', 'house']);
    expect(await found({ before: 4 }, 2)).toEqual(['elsewhere', 'agreed']);
    expect(await found({ before: 2 }, 2)).toEqual(['asked']);
  });

  it('finds a request, people by hand and by concern, organizations, and what is recent', async () => {
    expect(await found({ request: requestId('R-1') }, 9)).toEqual(['ended', 'agreed', 'asked']);
    expect(await found({ people: [tess] }, 9)).toEqual(['ended', 'agreed', 'asked']);
    expect(await found({ people: [luis, tess] }, 9)).toEqual(['ended', 'house', 'elsewhere', 'agreed', 'asked']);
    expect(await found({ organizations: [contoso] }, 9)).toEqual(['ended', 'agreed', 'asked']);
    expect(await found({ organizations: [] }, 9)).toEqual([]);
    expect(await found({ since: addMs(NOON, 3 * HOUR) }, 9)).toEqual(['ended', 'house']);
  });

  it('lets all conditions count together', async () => {
    const filter = { people: [dana], organizations: [contoso, fabrikam], since: NOON, before: 5 };
    expect(await found(filter, 9)).toEqual(['agreed']);
  });

  it('returns what was written', async () => {
    const [line] = await audit.read({ request: requestId('R-1'), before: 2 }, 1);
    expect(line?.event).toEqual(event({ by: tess, about: [tess], request: requestId('R-1'), organization: contoso }));
  });
});

describe('walking', () => {
  it('goes through more lines than one batch, from anywhere', async () => {
    const audit = createAuditLog(database.db);
    await appendAll(audit, numbered(1_203));
    expect(await wholeChain(audit)).toHaveLength(1_203);
    const seqs: number[] = [];
    for await (const { seq } of audit.walk(1_100)) seqs.push(seq);
    expect(seqs).toEqual(Array.from({ length: 104 }, (_, index) => 1_100 + index));
  });

  it('goes past lines that cannot be read, and names the place', async () => {
    const audit = createAuditLog(database.db);
    await appendAll(audit, numbered(4));
    const stored = database.db.collection<{ _id: number }>('audit');
    await stored.updateOne({ _id: 2 }, { $set: { 'event.at': 'yesterday' } });
    await stored.updateOne({ _id: 3 }, { $set: { note: 'a field that no hash covers' } });
    const seen: unknown[] = [];
    for await (const line of audit.walk(1)) seen.push('unreadable' in line ? line : line.seq);
    expect(seen).toEqual([1, { seq: 2, unreadable: 'event.at' }, { seq: 3, unreadable: 'the line as a whole' }, 4]);
  });

  it('meets whatever was slipped in under a number, and takes nothing else for a line', async () => {
    const audit = createAuditLog(database.db);
    await appendAll(audit, numbered(2));
    const stored = database.db.collection<{ _id: number | string }>('audit');
    await stored.insertMany([{ _id: -1 }, { _id: 0.5 }, { _id: 1.5 }, { _id: 'not a line' }]);
    const seqs: number[] = [];
    for await (const { seq } of audit.walk(1)) seqs.push(seq);
    expect(seqs).toEqual([-1, 0.5, 1, 1.5, 2]);
    await audit.append('L-3', event());
    expect(await audit.head()).toMatchObject({ seq: 3 });
  });
});

describe('signed heads', () => {
  it('are remembered once each, the lowest line first', async () => {
    const audit = createAuditLog(database.db);
    const head = (seq: number) => ({ seq, hash: 'a'.repeat(64), signature: 's'.repeat(86) });
    await audit.rememberHead(head(12), NOON);
    await audit.rememberHead(head(7), addMs(NOON, HOUR));
    await audit.rememberHead(head(12), addMs(NOON, HOUR));
    expect(await audit.heads()).toEqual([
      { head: head(7), at: addMs(NOON, HOUR) },
      { head: head(12), at: NOON },
    ]);
  });
});

it('indexes can be made at every start', async () => {
  const names = async () => (await database.db.collection('requests').indexes()).map(({ name }) => name);
  const before = await names();
  await ensureIndexes(database.db);
  expect(await names()).toEqual(before);
});
