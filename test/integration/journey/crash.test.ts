import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../../src/lib/clock.js';
import { silentLog } from '../../../src/lib/log.js';
import { expectCardsInLine, expectNothingLeft, expectNoTrace, lentUsers, startOver } from '../../fakes/aftermath.js';
import { mortal } from '../../fakes/mortal.js';
import type { Death, Mortal } from '../../fakes/mortal.js';
import { openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { Counter, ServiceDesk } from '../../fakes/service-desk.js';

/**
 * Whatever line a process dies at, the next one brings the journey to its right end. Each call that the journey makes to
 * the database, the directory and the chats is tried as the last one: not made at all, and made without its answer seen.
 * Every 41st of them by default, beginning with the SEED-th; FULL=1 tries all.
 */

const EVERY = process.env['FULL'] === '1' ? 1 : 41;
const SEED = Number(process.env['SEED'] ?? 3);

/** A dead process holds what it had claimed for so long. */
const CLAIMS_MS = MINUTE + SECOND;

let desk: ServiceDesk;
const everRevealed: string[] = [];

beforeAll(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  await desk.say(
    'olga',
    'admin rule add "Leads approve groups" --subject "Service desk" --tenant contoso --role "Helpdesk Administrator" ' +
      '--group "Tier 1 admins" --at-end delete --max 4h --approvals 1 --approvers "Service desk leads"',
  );
});
afterAll(() => desk.close());

/** What is asked for, and what must come of it. */
interface Wish {
  readonly options: string;
  readonly access: { readonly roles: readonly string[]; readonly groups: readonly string[] };
  readonly left: 'disabled' | 'deleted';
}

const ROLE = 'Helpdesk Administrator';
const ROLE_ALONE: Wish = { options: `--role "${ROLE}"`, access: { roles: [ROLE], groups: [] }, left: 'disabled' };
const WITH_GROUP: Wish = {
  options: `--role "${ROLE}" --group "Tier 1 admins" --at-end delete`,
  access: { roles: [ROLE], groups: ['Tier 1 admins'] },
  left: 'deleted',
};

const STAGES = ['ask', 'approve', 'reveal', 'end'] as const;
type Stage = (typeof STAGES)[number];

const state = async (): Promise<string> => {
  const id = await desk.newest();
  return id === 'none' ? 'none' : (await desk.request(id)).state;
};

/** What people do, whichever process answers: again what had no effect. Each password somebody sees is put on the list. */
const doStage = async (stage: Stage, counter: Counter, seen: string[], wish = ROLE_ALONE): Promise<void> => {
  const id = await desk.newest();
  const now = await state();
  if (stage === 'ask' && now === 'none') {
    await counter.say('tess', `request contoso ${wish.options} --for 2h --reason "Reset a mailbox"`);
  }
  if (stage === 'approve' && now === 'pending') await counter.click('dana', 'approve', id);
  if (stage === 'end' && now === 'active') await counter.say('tess', `end ${id}`);
  if (stage === 'reveal' && seen.length === 0) {
    if (await reveals(counter, id, seen)) return;
    await counter.say('tess', `reveal ${id} --again`);
    await counter.settle();
    await reveals(counter, id, seen);
  }
};

const reveals = async (counter: Counter, id: string, seen: string[]): Promise<boolean> => {
  const answer = await counter.click('tess', 'reveal', id);
  if (answer.kind !== 'show' || answer.view.kind !== 'credential') return false;
  seen.push(answer.view.secret.reveal());
  return true;
};

const expectAfter = async (stage: Stage, counter: Counter, seen: string[], wish: Wish): Promise<void> => {
  const id = await desk.newest();
  if (stage === 'approve' || stage === 'reveal') {
    expect(await state()).toBe('active');
    expect(lentUsers(desk)).toMatchObject([{ enabled: true, ...wish.access }]);
  }
  if (stage === 'reveal') {
    expect(seen).toHaveLength(1);
    expect(desk.canSignIn({ upn: lentUsers(desk)[0]!.upn, password: seen[0]! })).toMatchObject({ ok: true });
    expect(await reveals(counter, id, seen)).toBe(false);
  }
  if (stage === 'end') {
    for (let minutes = 0; minutes < 5 && (await state()) !== 'closed'; minutes += 1) await counter.pass(MINUTE);
    expect(await desk.request(id)).toMatchObject({ state: 'closed', outcome: 'ended', accountLeft: wish.left });
    expectNothingLeft(desk, seen);
    expect(lentUsers(desk)).toHaveLength(wish.left === 'deleted' ? 0 : 1);
  }
  await expectCardsInLine(desk, id);
};

/** The whole way; when the first process dies, a second takes over once the dead one's claims have run out. */
const journey = async (wish: Wish, death?: Death): Promise<Mortal> => {
  const life = mortal({ ...desk.parts, log: silentLog }, death);
  let counter = desk.another(life.parts);
  let replaced = false;
  const seen: string[] = [];
  const attempt = async (stage: Stage): Promise<void> => {
    await doStage(stage, counter, seen, wish);
    await counter.settle();
  };
  for (const stage of STAGES) {
    await attempt(stage).catch((thrown: unknown) => {
      if (!life.isDead() || replaced) throw thrown;
    });
    if (life.isDead() && !replaced) {
      await counter.bot.idle();
      replaced = true;
      counter = desk.another();
      await counter.pass(CLAIMS_MS);
      await attempt(stage);
    }
    await expectAfter(stage, counter, seen, wish);
  }
  everRevealed.push(...seen);
  return life;
};

/** A card is posted again only where the process died after a post and before the record of it. */
const expectFewPosts = ({ deeds }: Mortal, before: ReadonlyMap<string, number>): void => {
  const unrecorded = deeds.lastIndexOf('notifier.post') > deeds.lastIndexOf('requests.finishDelivery');
  for (const chat of CHATS) {
    expect(desk.room.postsIn(chat) - before.get(chat)!).toBeLessThanOrEqual(unrecorded ? 2 : 1);
  }
};

const CHATS = ['DU0DANA', 'DU0LUIS'];

const calls = (total: number, every = EVERY): number[] =>
  Array.from({ length: total }, (_, index) => index + 1).filter((call) => (call - SEED) % every === 0);

describe('a process that dies at any line', () => {
  it.each([
    ['a new account', ROLE_ALONE, false],
    ['a known account', ROLE_ALONE, true],
    ['a group as well, and the account deleted', WITH_GROUP, false],
  ])(
    'leaves nothing behind that the next one does not put right: %s',
    { timeout: 1_800_000 },
    async (_, wish, isKnown) => {
      const first = async (): Promise<void> => {
        await startOver(desk);
        if (!isKnown) return;
        await journey(wish);
        await desk.database.collection('requests').deleteMany({});
      };
      await first();
      const total = (await journey(wish)).deeds.length;
      expect(total).toBeGreaterThan(50);
      const failures: string[] = [];
      for (const when of ['before', 'after'] as const) {
        for (const atCall of calls(total)) {
          await first();
          const before = new Map(CHATS.map((chat) => [chat, desk.room.postsIn(chat)]));
          const life = await journey(wish, { atCall, when }).catch((thrown: unknown) => {
            failures.push(`${when} call ${atCall}: ${String(thrown)}`);
          });
          if (life !== undefined) expectFewPosts(life, before);
        }
      }
      expect(failures).toEqual([]);
    },
  );

  it('still calls off what nobody can be reached for', { timeout: 1_800_000 }, async () => {
    const blocked = { kind: 'unreachable', detail: 'cannot_dm_bot' } as const;
    for (const chat of CHATS) desk.room.trouble(chat, blocked);
    const asked = async (death?: Death): Promise<number> => {
      await startOver(desk);
      const life = mortal({ ...desk.parts, log: silentLog }, death);
      const first = desk.another(life.parts);
      await doStage('ask', first, []);
      await first.settle().catch(() => undefined);
      await first.bot.idle();
      const second = desk.another();
      await second.pass(CLAIMS_MS);
      await doStage('ask', second, []);
      await second.settle();
      expect(await desk.request(await desk.newest())).toMatchObject({ state: 'cancelled' });
      return life.deeds.length;
    };
    const total = await asked();
    const some = calls(total, Math.ceil(EVERY / 6));
    for (const when of ['before', 'after'] as const) for (const atCall of some) await asked({ atCall, when });
    for (const chat of CHATS) desk.room.trouble(chat, undefined);
    expect(some.length).toBeGreaterThan(3);
  });

  it('makes no other process complain, and no password outlives its showing', async () => {
    expect(desk.complaints).toEqual([]);
    await expectNoTrace(desk, everRevealed);
  });
});
