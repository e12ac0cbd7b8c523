import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requestId, templateId, tenantId } from '../../../src/engine/ids.js';
import type { AllowRule, Demands } from '../../../src/engine/rule.js';
import type { Template } from '../../../src/engine/template.js';
import { submit } from '../../../src/flows/submit.js';
import { HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { silentLog } from '../../../src/lib/log.js';
import { expectCardsInLine, expectNothingLeft, lentUsers, startOver } from '../../fakes/aftermath.js';
import { textOf } from '../../fakes/chat-room.js';
import { mortal } from '../../fakes/mortal.js';
import { answerText, openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';
import type { Counter, ServiceDesk } from '../../fakes/service-desk.js';

/** More time for a live access: asked for, decided and given like access itself, without a gap in it. */

/** Each of so many calls is tried as a process's last, from the SEED-th on; FULL=1 tries all. */
const EVERY = process.env['FULL'] === '1' ? 1 : 13;
const SEED = process.env['FULL'] === '1' ? 1 : Number(process.env['SEED'] ?? 2);

let desk: ServiceDesk;
let other: Counter;
let rule: AllowRule;

beforeAll(async () => {
  desk = await openServiceDesk();
  other = desk.another();
  await setUpContoso(desk);
  const [found] = await desk.stores.config.rules.named('Leads approve helpdesk');
  if (found?.effect !== 'allow') throw new Error('no rule');
  rule = found;
});
beforeEach(async () => {
  await startOver(desk);
  await demand({});
});
afterAll(() => desk.close());

const demand = async (demands: Partial<Demands>): Promise<void> => {
  const [current] = await desk.stores.config.rules.named(rule.name);
  const next = { ...rule, demands: { ...rule.demands, ...demands } };
  const { rules } = desk.stores.config;
  expect(await (current === undefined ? rules.add(next) : rules.replace(next, current))).toBe(true);
};

const settle = async (): Promise<void> => {
  await Promise.all([desk.settle(), other.settle()]);
  await desk.settle();
};

const say = async (text: string): Promise<string> => {
  const answer = await desk.hear('tess', text);
  await settle();
  return answer;
};

/** Tess has access for two hours; with `extra`, more of it is asked for. */
const live = async (extra?: string): Promise<string> => {
  await desk.pass(SECOND);
  const id = await desk.lend();
  if (extra !== undefined) expect(await say(`extend ${id} ${extra}`)).toBe('');
  return id;
};

const hoursOf = async (id: string): Promise<number> => {
  const { readyAt, endsAt } = await desk.request(id);
  return (endsAt!.getTime() - readyAt!.getTime()) / HOUR;
};

describe('more time', () => {
  it('is asked of the approvers, who read how much of what and until when, and moves the end', async () => {
    const id = await live('1h still copying');
    const more = `${id}-1`;
    const { endsAt } = await desk.request(id);
    expect(await desk.request(more)).toMatchObject({
      state: 'pending',
      extends: { id, from: endsAt },
      durationMs: 3 * HOUR,
      lapsesAt: endsAt,
      reason: 'still copying',
    });
    const card = desk.room.cardsIn('DU0DANA').find(({ buttons }) => buttons.some((button) => button.id === more))!;
    expect(card.title).toMatch(
      /^Tess Okafor wants 1 h more of Helpdesk Administrator in Contoso, until \d\d:\d\d( on .+)?$/u,
    );
    const { secret: password } = await desk.reveal(id);
    const user = lentUsers(desk)[0]!;
    const calls = desk.entra.sandbox.world.requests.since(0).length;
    await desk.click('dana', 'approve', more);
    await settle();
    // Nothing was written to the directory for it, or read from it: the access is what it was.
    expect(desk.entra.sandbox.world.requests.since(0)).toHaveLength(calls);
    expect(await hoursOf(id)).toBe(3);
    expect(await desk.request(more)).toMatchObject({ state: 'closed', outcome: 'extended' });
    expect(desk.canSignIn({ upn: user.upn, password: password.reveal() })).toMatchObject({ ok: true });
    await desk.pass(2 * HOUR + 50 * MINUTE);
    expect(await desk.request(id)).toMatchObject({ state: 'active' });
    expect(lentUsers(desk)).toMatchObject([{ enabled: true, roles: ['Helpdesk Administrator'] }]);
    const warnings = desk.room.cardsIn('DU0TESS').filter(({ title }) => title.startsWith('Contoso ends at'));
    expect(warnings.length).toBeGreaterThan(0);
    await desk.pass(11 * MINUTE);
    await desk.pass(3 * MINUTE);
    expect(await desk.request(id)).toMatchObject({ state: 'closed', outcome: 'expired' });
    expectNothingLeft(desk, [password.reveal()]);
    await expectCardsInLine(desk, id);
    await expectCardsInLine(desk, more);
  });

  it('is given at once where nobody has to agree, and warns anew', async () => {
    const id = await live();
    await demand({ quorums: [] });
    await desk.pass(HOUR + 46 * MINUTE);
    expect((await desk.request(id)).warnedAt).toBeDefined();
    await say(`extend ${id} 90m`);
    expect(await hoursOf(id)).toBe(3.5);
    expect((await desk.request(id)).warnedAt).toBeUndefined();
    expect(await desk.request(`${id}-1`)).toMatchObject({ state: 'closed', outcome: 'extended', approvals: [] });
  });

  it('counts together with the time there was, against the longest that rules allow', async () => {
    const id = await live();
    expect(await say(`extend ${id} 3h`)).toContain(
      `may last 4 h altogether (rule ${rule.name}). Try /jit extend ${id} 2h.`,
    );
    expect(await desk.newest()).toBe(id);
  });

  it('is asked for once at a time, however often it is asked for', async () => {
    const id = await live();
    const answers = await Promise.all([
      desk.say('tess', `extend ${id} 1h`),
      other.say('tess', `extend ${id} 2h`),
      desk.say('tess', `extend ${id} 1h`),
    ]);
    await settle();
    expect(answers.map(answerText).filter((text) => text === '')).toHaveLength(1);
    expect(answers.map(answerText).filter((text) => text.includes('asked for already, as'))).toHaveLength(2);
    expect(await desk.stores.requests.list({ states: ['pending'] }, 10)).toHaveLength(1);
    expect(await say(`cancel ${id}-1`)).toContain('is cancelled');
    // The number of one that is over is not given again.
    expect(await say(`extend ${id}-1 1h`)).toBe('');
    expect(await desk.request(`${id}-2`)).toMatchObject({ state: 'pending', extends: { id } });
  });

  it('can be asked for by a form, whose refusal keeps what was typed', async () => {
    const id = await live();
    const form = await desk.click('tess', 'extend-form', id);
    expect(form).toMatchObject({ kind: 'show', view: { kind: 'form', form: 'extend', id } });
    const speaker = { identity: PEOPLE.tess, direct: true, conversation: PEOPLE.tess.address! };
    const send = (more: string) =>
      desk.bot.dispatch(speaker, { kind: 'form', form: 'extend', id, values: { more, reason: 'x' }, submit: true });
    expect(await send('4h')).toMatchObject({
      tone: 'refusal',
      view: { problem: expect.stringContaining('4 h altogether') },
    });
    expect(await send('1h')).toEqual({ kind: 'nothing' });
    await settle();
    expect(await desk.request(`${id}-1`)).toMatchObject({ state: 'pending', reason: 'x' });
  });

  it('is for the requester of what is live, and for nobody else', async () => {
    const id = await live();
    expect(await desk.hear('dana', `extend ${id} 1h`)).toContain('only they can do that');
    await say(`end ${id}`);
    expect(await say(`extend ${id} 1h`)).toContain('has ended');
  });
});

describe('what is over', () => {
  it('has its open question called off, with a word to whoever asked', async () => {
    const id = await live('1h');
    await say(`end ${id}`);
    await desk.pass(MINUTE);
    expect(await desk.request(`${id}-1`)).toMatchObject({
      state: 'cancelled',
      calledOff: `${id} is over, so there is nothing left to extend.`,
    });
    expect(answerText(await desk.click('dana', 'approve', `${id}-1`))).toContain('was cancelled');
  });

  it('is not prolonged by an approval in the same moment, and no access is left either way', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await live('1h');
      await Promise.all([desk.say('olga', `revoke ${id}`), other.click('dana', 'approve', `${id}-1`)]);
      await settle();
      for (let minutes = 0; minutes < 4; minutes += 1) await desk.pass(MINUTE);
      expect(await desk.request(id)).toMatchObject({ state: 'closed', outcome: 'revoked' });
      const more = await desk.request(`${id}-1`);
      const merged = (await desk.request(id)).extensions.length > 0;
      expect([more.state, more.outcome]).toEqual(merged ? ['closed', 'extended'] : ['cancelled', undefined]);
      expectNothingLeft(desk, []);
      await expectCardsInLine(desk, id);
      await expectCardsInLine(desk, `${id}-1`);
    }
  });

  it('stays over when the approval comes at its very end', async () => {
    const id = await live('1h');
    const { endsAt } = await desk.request(id);
    desk.entra.pass(endsAt!.getTime() - desk.parts.clock.now().getTime());
    await Promise.all([other.bot.tend(requestId(id)), desk.click('dana', 'approve', `${id}-1`)]);
    await settle();
    for (let minutes = 0; minutes < 4; minutes += 1) await desk.pass(MINUTE);
    expect((await desk.request(id)).state).toBe('closed');
    expect(['lapsed', 'cancelled']).toContain((await desk.request(`${id}-1`)).state);
    expectNothingLeft(desk, []);
  });
});

describe('a process that dies while it gives more time', () => {
  it('leaves it to the next one, wherever it died', async () => {
    await desk.pass(SECOND);
    const total = await approveAndDie(undefined);
    expect(total).toBeGreaterThan(5);
    for (const when of ['before', 'after'] as const) {
      for (let atCall = SEED; atCall <= total; atCall += EVERY) await approveAndDie({ atCall, when });
    }
  }, 300_000);

  const approveAndDie = async (death: Parameters<typeof mortal>[1]): Promise<number> => {
    await startOver(desk);
    const id = await live('1h');
    const life = mortal({ ...desk.parts, log: silentLog }, death);
    const doomed = desk.another(life.parts);
    await doomed.click('dana', 'approve', `${id}-1`).catch(() => undefined);
    await doomed.bot.idle();
    await desk.pass(MINUTE + SECOND);
    if ((await desk.request(`${id}-1`)).state === 'pending') {
      await desk.click('dana', 'approve', `${id}-1`);
      await settle();
    }
    expect(await desk.request(`${id}-1`)).toMatchObject({ state: 'closed', outcome: 'extended' });
    expect(await desk.request(id)).toMatchObject({ state: 'active', extensions: [`${id}-1`] });
    expect(await hoursOf(id)).toBe(3);
    await expectCardsInLine(desk, id);
    await desk.say('tess', `end ${id}`);
    await settle();
    return life.deeds.length;
  };
});

describe('two accesses on one account', () => {
  it('end on their own: each end takes what no other still needs', async () => {
    const first = await live('1h');
    await desk.click('dana', 'approve', `${first}-1`);
    await settle();
    desk.entra.pass(SECOND);
    await say('request contoso --role "Global Reader" --for 1h --reason "Look around"');
    const second = await desk.newest();
    await desk.click('dana', 'approve', second);
    await settle();
    expect(lentUsers(desk)).toMatchObject([{ roles: ['Global Reader', 'Helpdesk Administrator'] }]);
    await desk.pass(HOUR + MINUTE);
    await desk.pass(3 * MINUTE);
    expect((await desk.request(second)).state).toBe('closed');
    expect(lentUsers(desk)).toMatchObject([{ enabled: true, roles: ['Helpdesk Administrator'] }]);
    await desk.pass(2 * HOUR);
    await desk.pass(3 * MINUTE);
    expect((await desk.request(first)).state).toBe('closed');
    expectNothingLeft(desk, []);
  });
});

describe('those whom a template names', () => {
  it('are told when the access is live, and when it has ended', async () => {
    await desk.say('olga', 'admin group add "Watchers" --member slack:U0LUIS');
    const { groups, tenants } = desk.stores.config;
    const [[watchers], tenant, tess] = await Promise.all([
      groups.named('Watchers'),
      tenants.byId(tenantId('contoso')),
      desk.stores.people.byIdentity(PEOPLE.tess.key),
    ]);
    const [role] = rule.what.roles;
    if (role?.kind !== 'one') throw new Error('the rule names no role');
    const ordinary = { account: 'dedicated', atEnd: 'disable', tap: false, groups: [] } as const;
    const wish = { tenant: tenant!, roles: [{ id: role.id, name: role.name }], durationMs: HOUR, reason: 'Watched' };
    const template: Template = {
      ...ordinary,
      id: templateId('watched'),
      name: 'Watched',
      description: '',
      tenants: [],
      roles: wish.roles,
      notify: [watchers!.id],
      isDefault: false,
    };
    const deps = { ...desk.parts, nudge: () => undefined };
    const asked = await submit(deps, tess!, 'slack', { ...ordinary, ...wish, template });
    if (!asked.ok) throw new Error(asked.error.code);
    await settle();
    const told = (text: string): number =>
      desk.room.cardsIn('DU0LUIS').filter((card) => textOf(card).includes(asked.value.id) && card.title.includes(text))
        .length;
    expect(told('now has')).toBe(0);
    await desk.click('dana', 'approve', asked.value.id);
    await settle();
    expect([told('Tess Okafor now has'), told('no longer has')]).toEqual([1, 0]);
    await say(`end ${asked.value.id}`);
    expect([told('Tess Okafor now has'), told('no longer has')]).toEqual([1, 1]);
  });
});

it('complains about nothing', () => {
  expect(desk.complaints).toEqual([]);
});
