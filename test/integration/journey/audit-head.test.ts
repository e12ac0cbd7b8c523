// Once a day the signed head of the audit log stands where admins read: whoever owns the database cannot rewrite it unseen.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseHead, printHead } from '../../../src/engine/audit-head.js';
import { checkLog } from '../../../src/flows/audit-check.js';
import { createChores } from '../../../src/jobs/chores.js';
import type { RunningChores } from '../../../src/jobs/chores.js';
import { DAY, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { systemRandom } from '../../../src/lib/random.js';
import { createHeadSigner, generateAuditKey } from '../../../src/vault/audit-key.js';
import { textOf } from '../../fakes/chat-room.js';
import { createManualTimer } from '../../fakes/manual-timer.js';
import { openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { Counter, ServiceDesk } from '../../fakes/service-desk.js';

let desk: ServiceDesk;
let running: RunningChores[] = [];

beforeEach(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  await desk.say('olga', 'admin settings set --admins-channel slack:C0ADMINS');
});
afterEach(async () => {
  await Promise.all(running.map((chores) => chores.stop()));
  running = [];
  await desk.close();
});

/** The chore as the process does it; `look` is what its timer does every few seconds. */
const processOf = ({ bot }: Counter) => {
  const { every, ring } = createManualTimer();
  const chores = createChores({
    chores: bot.chores.filter(({ name }) => name === 'audit-head'),
    store: desk.stores.chores,
    clock: desk.parts.clock,
    log: desk.parts.log,
    every,
  });
  running.push(chores);
  chores.start();
  return { look: ring, done: () => chores.stop() };
};

/** Every process looks, and does what is due, until nobody is at it any more. */
const look = async (...counters: readonly Counter[]): Promise<void> => {
  await Promise.all(counters.map((counter) => processOf(counter).done()));
};

const headsIn = (conversation: string): readonly string[] =>
  desk.room
    .cardsIn(conversation)
    .map(textOf)
    .filter((text) => text.startsWith('Audit log') || text.includes('Audit log:'));

const PLACES = ['DU0OLGA', 'C0ADMINS'];
const posted = (): readonly number[] => PLACES.map((place) => headsIn(place).length);

/** What the newest card in a place says the head is. */
const headSaid = (place: string) => {
  const printed = /LK1\.[\w.-]+/u.exec(headsIn(place).at(-1) ?? '')?.[0] ?? '';
  const head = parseHead(printed);
  if (head === undefined) throw new Error(`no head in ${place}: ${printed}`);
  return head;
};

const tamperWith = (seq: number): Promise<unknown> =>
  desk.database.collection('audit').updateOne({ _id: seq as never }, { $set: { by: 'somebody-else' } });

describe('the head of the audit log', () => {
  it('reaches each owner and each channel of admins once a day, however many processes there are', async () => {
    const other = desk.another();
    await look(desk, other);
    expect(posted()).toEqual([1, 1]);
    expect(headsIn('DU0TESS')).toEqual([]);
    for (let hour = 0; hour < 23; hour += 1) {
      desk.entra.pass(HOUR);
      await look(desk, other);
    }
    expect(posted()).toEqual([1, 1]);
    desk.entra.pass(HOUR);
    await look(other, desk);
    expect(posted()).toEqual([2, 2]);
  });

  it('is the one that the log reaches, signed with AUDIT_KEY, and says how much was added', async () => {
    await look(desk);
    const first = headSaid('C0ADMINS');
    expect(first).toEqual(headSaid('DU0OLGA'));
    const end = await desk.stores.audit.head();
    expect([first.seq, first.hash]).toEqual([end?.seq, end?.hash]);
    expect(desk.parts.signer.confirms(first)).toBe(true);
    await desk.say('olga', 'admin tenant set contoso --default 2h');
    desk.entra.pass(DAY);
    await look(desk);
    expect(headSaid('C0ADMINS').seq).toBe(first.seq + 1);
    expect(headsIn('C0ADMINS').at(-1)).toContain('1 line since the head before.');
    expect((await desk.stores.audit.heads()).map(({ head }) => printHead(head))).toEqual(
      [first, headSaid('C0ADMINS')].map(printHead),
    );
  });

  it('that was posted convicts whoever rewrites the log and the heads of the database as well', async () => {
    await look(desk);
    const known = [headSaid('C0ADMINS')];
    await desk.database.collection('audit').deleteMany({ _id: { $gte: known[0]!.seq as never } });
    await desk.database.collection('audit_heads').deleteMany({});
    const check = { audit: desk.stores.audit, verifier: desk.parts.signer };
    expect(await checkLog(check)).toMatchObject({ intact: true });
    expect(await checkLog({ ...check, known })).toMatchObject({ intact: false, broken: { why: 'cut-off' } });
  });

  it('is not signed over a line that was changed: an alarm is posted in its place', async () => {
    await look(desk);
    const { seq } = headSaid('C0ADMINS');
    await desk.say('olga', 'admin tenant set contoso --default 2h');
    await desk.say('olga', 'admin tenant set contoso --default 3h');
    await tamperWith(seq + 1);
    desk.entra.pass(DAY);
    await look(desk);
    for (const place of PLACES) {
      expect(headsIn(place).at(-1)).toContain(`something is wrong at line ${seq + 1}`);
      expect(headsIn(place).at(-1)).not.toMatch(/LK1\.\d/u);
    }
    expect(await desk.stores.audit.heads()).toHaveLength(1);
    expect(desk.complaints.join()).toContain('the audit log is broken');
  });

  it('is not signed where the log was cut off, nor after a head that another key signed', async () => {
    await look(desk);
    const { seq } = headSaid('C0ADMINS');
    await desk.database.collection('audit').deleteOne({ _id: seq as never });
    desk.entra.pass(DAY);
    await look(desk);
    expect(headsIn('DU0OLGA').at(-1)).toMatch(/something is wrong[^]*lines that were signed are gone/u);
    const forger = createHeadSigner([generateAuditKey(systemRandom)]);
    await desk.stores.audit.rememberHead(forger.sign({ seq: seq + 5, hash: 'f'.repeat(64) }), desk.parts.clock.now());
    desk.entra.pass(DAY);
    await look(desk);
    expect(headsIn('DU0OLGA').at(-1)).toContain('not signed with AUDIT_KEY');
  });

  it('that reaches nobody is tried again soon, and counts as posted only once somebody could read it', async () => {
    const away = { kind: 'unreachable', detail: 'account_inactive' } as const;
    for (const place of PLACES) desk.room.trouble(place, away);
    const { look: again } = processOf(desk);
    await expect.poll(() => desk.complaints.join()).toContain('reached no owner');
    expect(posted()).toEqual([0, 0]);
    desk.room.trouble('C0ADMINS', undefined);
    await expect
      .poll(() => {
        desk.entra.pass(MINUTE);
        again();
        return posted();
      })
      .toEqual([0, 1]);
  });
});
