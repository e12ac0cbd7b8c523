import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../../src/chat/answer.js';
import { requestId } from '../../../src/engine/ids.js';
import { HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { silentLog } from '../../../src/lib/log.js';
import { expectCardsInLine, expectNothingLeft, expectNoTrace, lentUsers, startOver } from '../../fakes/aftermath.js';
import { textOf } from '../../fakes/chat-room.js';
import { answerText, openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { Counter, ServiceDesk } from '../../fakes/service-desk.js';

/** Two bot processes on one database, and people who do contradictory things at the same moment. */

let desk: ServiceDesk;
let other: Counter;
const passwords: string[] = [];

beforeAll(async () => {
  desk = await openServiceDesk();
  other = desk.another();
  await setUpContoso(desk);
});
beforeEach(() => startOver(desk));
afterAll(() => desk.close());

const settle = async (): Promise<void> => {
  await Promise.all([desk.settle(), other.settle()]);
  await desk.settle();
};

const ask = async (role = 'Helpdesk Administrator'): Promise<string> => {
  await desk.pass(SECOND);
  await desk.say('tess', `request contoso --role "${role}" --for 2h --reason "Reset a mailbox"`);
  await settle();
  return desk.newest();
};

const refusals = (answers: readonly Answer[]): readonly string[] =>
  answers.flatMap((answer) => (answer.kind === 'show' && answer.tone === 'refusal' ? [answerText(answer)] : []));

const take = (answers: readonly Answer[]): readonly string[] => {
  const shown = answers.flatMap((answer) =>
    answer.kind === 'show' && answer.view.kind === 'credential' ? [answer.view.secret.reveal()] : [],
  );
  passwords.push(...shown);
  return shown;
};

const audited = async (id: string): Promise<readonly string[]> => {
  const found = await desk.database.collection('audit').find({}).toArray();
  return found.flatMap((document) => (JSON.stringify(document).includes(id) ? [JSON.stringify(document)] : []));
};

describe('decisions at the same moment', () => {
  it('counts one of two approvers, and tells the other who was first', async () => {
    const id = await ask();
    const answers = await Promise.all([desk.click('dana', 'approve', id), other.click('luis', 'approve', id)]);
    await settle();
    expect(await desk.request(id)).toMatchObject({ state: 'active', approvals: [expect.anything()] });
    expect(refusals(answers)).toEqual([expect.stringMatching(/^(Dana Whitlock|Luis Marin) approved /u)]);
    await expectCardsInLine(desk, id);
  });

  it('judges anew what somebody else has decided while it was found out who clicked', async () => {
    const id = await ask();
    const { people } = desk.stores;
    const slow = desk.another({
      people: {
        ...people,
        appear: async (identity, newId) => {
          const person = await people.appear(identity, newId);
          await desk.click('luis', 'deny', id, 'Not on a Friday');
          return person;
        },
      },
    });
    const answer = await slow.click('dana', 'approve', id);
    await settle();
    expect(await desk.request(id)).toMatchObject({ state: 'denied', approvals: [] });
    expect(refusals([answer])).toEqual([expect.stringMatching(/^Luis Marin denied /u)]);
  });

  it('lets either approval or denial win, never both', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await ask();
      const answers = await Promise.all([
        desk.click('dana', 'approve', id),
        other.click('luis', 'deny', id, 'Not on a Friday'),
      ]);
      await settle();
      const { state, denials, approvals } = await desk.request(id);
      expect(state).toBe(denials.length === 0 ? 'active' : 'denied');
      expect(approvals.length + denials.length).toBe(1);
      expect(refusals(answers)).toHaveLength(1);
    }
  });

  it('takes ten clicks of one approver for one', async () => {
    const id = await ask();
    const clicks = Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? desk : other).click('dana', 'approve', id));
    expect(refusals(await Promise.all(clicks))).toEqual([]);
    await settle();
    expect((await desk.request(id)).approvals).toHaveLength(1);
    expect((await audited(id)).filter((line) => line.includes('request.approval'))).toHaveLength(1);
  });

  it('lets either the cancellation or the approval win', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await ask();
      await Promise.all([desk.click('tess', 'cancel', id), other.click('dana', 'approve', id)]);
      await settle();
      const { state } = await desk.request(id);
      expect(['cancelled', 'active']).toContain(state);
      expect(lentUsers(desk).some(({ enabled }) => enabled)).toBe(state === 'active');
      await desk.say('tess', `end ${id}`);
      await settle();
    }
    expectNothingLeft(desk, []);
  });

  it('makes two requests of two equal ones, and one account', async () => {
    const text = 'request contoso --role "Helpdesk Administrator" --for 1h --reason "Typed twice"';
    await Promise.all([desk.say('tess', text), other.say('tess', text)]);
    await settle();
    const all = await desk.stores.requests.list({}, 10);
    expect(all).toHaveLength(2);
    await Promise.all(all.map(({ id }, n) => (n === 0 ? desk : other).click('dana', 'approve', id)));
    await settle();
    expect(lentUsers(desk)).toMatchObject([{ enabled: true, roles: ['Helpdesk Administrator'] }]);
    const now = await desk.stores.requests.list({}, 10);
    expect(now.map(({ state, reveal }) => `${state} ${reveal}`).toSorted()).toEqual([
      'active offered',
      'active shared',
    ]);
  });
});

describe('the same work at the same moment', () => {
  it('converges one account in one process at a time', async () => {
    const id = await ask();
    await desk.stores.requests.load(requestId(id));
    await desk.click('dana', 'approve', id);
    await Promise.all([desk, other, desk, other].map(({ bot }) => bot.tend(requestId(id))));
    await settle();
    const creations = desk.entra.sandbox.world.requests
      .since(0)
      .filter(({ method, path }) => method === 'POST' && path === '/v1.0/users');
    expect(creations).toHaveLength(1);
    expect((await desk.request(id)).progress).toEqual(['account created', '1 role assigned']);
    const offers = desk.room.cardsIn('DU0TESS').filter(({ title }) => title.includes('is live'));
    expect(offers.filter((card) => textOf(card).includes(id))).toHaveLength(1);
  });

  it('gives nothing back where one process waited for the account while the other ended the access', async () => {
    const id = await ask();
    await desk.click('dana', 'approve', id);
    await settle();
    take([await desk.click('tess', 'reveal', id)]);
    let isEnded = false;
    const late = desk.another({
      accounts: {
        ...desk.stores.accounts,
        lease: async (...call) => {
          if (!isEnded) {
            isEnded = true;
            await desk.say('tess', `end ${id}`);
            await settle();
          }
          return desk.stores.accounts.lease(...call);
        },
      },
    });
    const { request, version } = (await desk.stores.requests.load(requestId(id)))!;
    await desk.stores.requests.save({ ...request, retryAt: request.createdAt }, version, []);
    await late.bot.tend(requestId(id));
    expect(isEnded).toBe(true);
    expect((await desk.request(id)).state).toBe('closed');
    expectNothingLeft(desk, passwords);
  });

  it('believes nothing that it read before the account was its own, where somebody else had it since', async () => {
    const id = await ask();
    const { accounts, requests } = desk.stores;
    let tellRead = (): void => undefined;
    const read = new Promise<void>((resolve) => (tellRead = resolve));
    let isEnded = false;
    const late = desk.another({
      requests: {
        ...requests,
        byAccount: async (...call) => {
          const found = await requests.byAccount(...call);
          tellRead();
          return found;
        },
      },
      accounts: {
        ...accounts,
        lease: async (...call) => {
          if (!isEnded) {
            isEnded = true;
            await read;
            await desk.bot.tend(requestId(id));
            take([await desk.click('tess', 'reveal', id)]);
            await desk.say('tess', `end ${id}`);
            await settle();
          }
          return accounts.lease(...call);
        },
      },
    });
    await late.click('dana', 'approve', id);
    await late.bot.idle();
    expect(isEnded).toBe(true);
    expect((await desk.request(id)).state).toBe('closed');
    expectNothingLeft(desk, passwords);
  });

  it('sends nothing after a creation whose answer came when another process had taken the account over', async () => {
    const id = await ask();
    const directory = desk.entra.directoryWith({});
    const sent: string[] = [];
    const late = desk.another({
      directory: {
        ...directory,
        apply: async (tenant, user, steps, password) => {
          sent.push(...steps.map((step) => step.do));
          const outcomes = await directory.apply(tenant, user, steps, password);
          if (steps.some((step) => step.do === 'create')) {
            desk.entra.pass(MINUTE + SECOND);
            await desk.bot.tend(requestId(id));
          }
          return outcomes;
        },
      },
    });
    await late.click('dana', 'approve', id);
    await late.bot.idle();
    expect(sent).toEqual(['create']);
    await settle();
    expect((await desk.request(id)).state).toBe('active');
  });

  it('keeps what the directory answered where only the display of it fails', async () => {
    const id = await ask();
    const { requests, accounts } = desk.stores;
    let failures = 0;
    const unlucky = desk.another({
      log: silentLog,
      requests: {
        ...requests,
        save: async (next, ...rest) => {
          const isDisplay = next.state === 'provisioning' && next.progress.length > 0;
          if (!isDisplay || failures > 0) return requests.save(next, ...rest);
          failures += 1;
          throw new Error('the display fails');
        },
      },
    });
    await unlucky.click('dana', 'approve', id);
    await unlucky.bot.idle();
    expect(failures).toBe(1);
    const account = await accounts.load((await desk.request(id)).account);
    expect(account?.grants).toContainEqual(
      expect.objectContaining({ access: expect.objectContaining({ kind: 'role' }), assignment: expect.any(String) }),
    );
    await desk.pass(MINUTE);
    expect((await desk.request(id)).state).toBe('active');
  });

  it('does not keep an account to itself where the look at its tenant fails', async () => {
    const id = await ask();
    const { config, requests } = desk.stores;
    const { tenants } = config;
    let failures = 0;
    let isLucky = true;
    const unlucky = desk.another({
      log: silentLog,
      requests: {
        ...requests,
        save: async (next, ...rest) => {
          if (next.state === 'provisioning' && failures === 0) isLucky = false;
          return requests.save(next, ...rest);
        },
      },
      config: {
        ...config,
        tenants: {
          ...tenants,
          byId: async (tenant) => {
            if (isLucky) return tenants.byId(tenant);
            isLucky = true;
            failures += 1;
            throw new Error('the look at the tenant fails');
          },
        },
      },
    });
    await unlucky.click('dana', 'approve', id);
    await unlucky.bot.idle();
    expect(failures).toBe(1);
    expect((await desk.request(id)).state).toBe('provisioning');
    // Before any lease has run out.
    await desk.bot.tend(requestId(id));
    expect((await desk.request(id)).state).toBe('active');
  });

  it('ends once, whether the requester or the clock was first', async () => {
    const id = await ask();
    await desk.click('dana', 'approve', id);
    await settle();
    take([await desk.click('tess', 'reveal', id)]);
    desk.entra.pass(2 * HOUR);
    await Promise.all([
      desk.say('tess', `end ${id}`),
      other.bot.tend(requestId(id)),
      desk.bot.tend(requestId(id)),
      other.bot.tend(requestId(id)),
    ]);
    await desk.pass(MINUTE);
    await settle();
    expect(await desk.request(id)).toMatchObject({ state: 'closed', accountLeft: 'disabled' });
    expectNothingLeft(desk, passwords);
    expect((await audited(id)).filter((line) => line.includes('request.closed'))).toHaveLength(1);
    await expectCardsInLine(desk, id);
  });

  it('shows a credential to one of ten clicks', async () => {
    const id = await ask();
    await desk.click('dana', 'approve', id);
    await settle();
    const clicks = Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? desk : other).click('tess', 'reveal', id));
    expect(take(await Promise.all(clicks))).toHaveLength(1);
    expect((await desk.request(id)).reveal).toBe('taken');
  });
});

describe('two requests on one account', () => {
  it('share the credential, and each end leaves exactly what the other needs', async () => {
    const first = await ask();
    await desk.click('dana', 'approve', first);
    await settle();
    const [password = ''] = take([await desk.click('tess', 'reveal', first)]);
    const second = await ask('Global Reader');
    await other.click('dana', 'approve', second);
    await settle();
    const [user] = lentUsers(desk);
    const credential = { upn: user!.upn, password };
    expect((await desk.request(second)).reveal).toBe('shared');
    expect(desk.canSignIn(credential)).toMatchObject({ ok: true, roles: ['Global Reader', 'Helpdesk Administrator'] });
    await desk.say('tess', `end ${first}`);
    await settle();
    expect(await desk.request(first)).toMatchObject({ state: 'closed', accountLeft: 'in-use' });
    expect(desk.canSignIn(credential)).toMatchObject({ ok: true, roles: ['Global Reader'] });
    await desk.say('tess', `end ${second}`);
    await settle();
    expect(await desk.request(second)).toMatchObject({ state: 'closed', accountLeft: 'disabled' });
    expectNothingLeft(desk, passwords);
  });

  it('may begin and end in the same moment', async () => {
    for (let round = 0; round < 4; round += 1) {
      const first = await ask();
      await desk.click('dana', 'approve', first);
      await settle();
      const second = await ask('Global Reader');
      await Promise.all([desk.say('tess', `end ${first}`), other.click('luis', 'approve', second)]);
      // A clock that jumps ahead in the middle of a pass would end its lease.
      await settle();
      await desk.pass(MINUTE);
      await settle();
      expect((await desk.request(first)).state).toBe('closed');
      expect((await desk.request(second)).state).toBe('active');
      expect(lentUsers(desk)).toMatchObject([{ enabled: true, roles: ['Global Reader'] }]);
      await desk.say('tess', `end ${second}`);
      await settle();
      expectNothingLeft(desk, []);
    }
  });

  it('may begin and end in the same moment also where whoever is at it is so slow that its lease runs out', async () => {
    const first = await ask();
    await desk.click('dana', 'approve', first);
    await settle();
    const second = await ask('Global Reader');
    const both = Promise.all([desk.say('tess', `end ${first}`), other.click('luis', 'approve', second)]);
    desk.entra.pass(MINUTE + SECOND);
    await both;
    for (let minute = 0; minute < 8; minute += 1) {
      await desk.pass(MINUTE);
      await settle();
    }
    expect((await desk.request(first)).state).toBe('closed');
    expect((await desk.request(second)).state).toBe('active');
    expect(lentUsers(desk)).toMatchObject([{ enabled: true, roles: ['Global Reader'] }]);
  });

  it('leaves the credential of one alone when the other asks to see it', async () => {
    const first = await ask();
    await desk.click('dana', 'approve', first);
    await settle();
    const second = await ask('Global Reader');
    await desk.click('dana', 'approve', second);
    await settle();
    await desk.say('tess', `reveal ${second} --again`);
    await settle();
    // The credential is the second request's now, and a click on the first one's button must not use it up.
    expect(refusals([await desk.click('tess', 'reveal', first)])).toEqual([expect.stringContaining('already have')]);
    expect(take([await desk.click('tess', 'reveal', second)])).toHaveLength(1);
  });

  it('gives a new credential although the old one is taken at that very moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await ask();
      await desk.click('dana', 'approve', id);
      await settle();
      const answers = await Promise.all([
        desk.click('tess', 'reveal', id),
        other.say('tess', `reveal ${id} --again`),
        desk.click('tess', 'reveal', id),
      ]);
      await settle();
      expect(take(answers).length).toBeLessThanOrEqual(1);
      expect((await desk.request(id)).reveal).toBe('offered');
      const [password = ''] = take([await desk.click('tess', 'reveal', id)]);
      expect(desk.canSignIn({ upn: lentUsers(desk)[0]!.upn, password })).toMatchObject({ ok: true });
      await desk.say('tess', `end ${id}`);
      await settle();
    }
  });
});

it('complains about nothing, and no password outlives its showing', async () => {
  expect(await desk.hear('olga', 'list --all')).toContain('Nothing is open');
  expect(desk.complaints).toEqual([]);
  await expectNoTrace(desk, passwords);
});
