import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Directory } from '../../../src/flows/ports.js';
import { HOUR, SECOND } from '../../../src/lib/clock.js';
import type { FaultInput } from '../../../src/sandbox/faults.js';
import { expectCardsInLine, expectNothingLeft, expectNoTrace, lentUsers, startOver } from '../../fakes/aftermath.js';
import { openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { Counter, ServiceDesk } from '../../fakes/service-desk.js';

/**
 * Whatever Graph does at whichever call, access begins and ends as it should, and an end is confirmed only when it is one.
 * Every other of these pairs by default, so that each call and each fault is met; FULL=1 tries all.
 */

let desk: ServiceDesk;
const passwords: string[] = [];

beforeAll(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
});
beforeEach(() => startOver(desk));
afterAll(() => desk.close());

/** A call of the bot to the directory: the `nth` one of its kind from when the fault is armed. */
interface Moment {
  readonly call: 'observe' | 'apply';
  readonly nth: number;
}

/** A process whose directory goes wrong at one moment. */
const unlucky = ({ call, nth }: Moment, fault: FaultInput): Counter & { arm(): void } => {
  let countdown = Infinity;
  const { directory } = desk.parts;
  const watched =
    <A extends readonly unknown[], R>(act: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> => {
      countdown -= 1;
      if (countdown === 0) desk.entra.sandbox.world.faults.add(fault);
      return act(...args);
    };
  const counter = desk.another({ directory: { ...directory, [call]: watched(directory[call] as Directory['apply']) } });
  return { ...counter, arm: () => void (countdown = nth) };
};

const untilState = async (counter: Counter, id: string, state: string): Promise<void> => {
  for (let tries = 0; tries < 40 && (await desk.request(id)).state !== state; tries += 1) {
    await counter.pass(15 * SECOND);
  }
  expect((await desk.request(id)).state).toBe(state);
};

const ask = async (counter: Counter): Promise<string> => {
  await counter.say('tess', 'request contoso --role "Helpdesk Administrator" --for 2h --reason "Reset a mailbox"');
  await counter.settle();
  return desk.newest();
};

const approve = async (counter: Counter, id: string): Promise<void> => {
  await counter.click('dana', 'approve', id);
  await counter.settle();
};

const signInWith = async (counter: Counter, id: string): Promise<void> => {
  const { upn, secret: password } = await counter.reveal(id);
  passwords.push(password.reveal());
  expect(desk.canSignIn({ upn, password: password.reveal() })).toMatchObject({
    ok: true,
    roles: ['Helpdesk Administrator'],
  });
};

const end = async (counter: Counter, id: string): Promise<void> => {
  await counter.say('tess', `end ${id}`);
  await counter.settle();
};

const expectOver = async (id: string): Promise<void> => {
  expect(await desk.request(id)).toMatchObject({ state: 'closed', accountLeft: 'disabled' });
  expectNothingLeft(desk, passwords);
  await expectCardsInLine(desk, id);
};

const FAULTS: readonly (readonly [string, FaultInput])[] = [
  ['is lost after it took effect', { kind: 'drop-after-write', times: 1 }],
  ['is lost before it took effect', { kind: 'drop-before-write', times: 1 }],
  ['is throttled for a moment', { kind: 'throttle', retryAfterSeconds: 2, times: 1 }],
  ['is throttled for longer than anybody waits', { kind: 'throttle', retryAfterSeconds: 45, times: 1 }],
  ['answers 503', { kind: 'server-error', status: 503, times: 1 }],
  ['answers 504 after it took effect', { kind: 'server-error', status: 504, afterWrite: true, times: 1 }],
  ["answers with a proxy's page", { kind: 'html', times: 1 }],
];

const faultsOf = (row: number): typeof FAULTS =>
  FAULTS.filter((_, index) => process.env['FULL'] === '1' || (row + index) % 2 === 0);

const WAYS_IN: readonly (readonly [string, boolean, Moment])[] = [
  ['the creation', false, { call: 'apply', nth: 1 }],
  ['the first grant', false, { call: 'apply', nth: 2 }],
  ['the read of a known account', true, { call: 'observe', nth: 1 }],
  ['the grant to a known account', true, { call: 'apply', nth: 1 }],
];

describe.each(WAYS_IN)('on the way in, when %s', (what, isKnown, moment) => {
  it.each(faultsOf(WAYS_IN.findIndex(([name]) => name === what)))('%s', async (_, fault) => {
    if (isKnown) {
      const earlier = await desk.lend();
      await end(desk, earlier);
      await untilState(desk, earlier, 'closed');
      await desk.pass(SECOND);
    }
    const counter = unlucky(moment, fault);
    const id = await ask(counter);
    counter.arm();
    await approve(counter, id);
    await untilState(counter, id, 'active');
    expect(desk.entra.sandbox.world.faults.list()).toEqual([]);
    expect(lentUsers(desk)).toMatchObject([{ enabled: true, roles: ['Helpdesk Administrator'], groups: [] }]);
    await signInWith(counter, id);
    await end(counter, id);
    await untilState(counter, id, 'closed');
    await expectOver(id);
  });
});

const WAYS_OUT: readonly (readonly [string, Moment])[] = [
  ['the read before', { call: 'observe', nth: 1 }],
  ['the removal', { call: 'apply', nth: 1 }],
  ['the confirming read', { call: 'observe', nth: 2 }],
];

describe.each(WAYS_OUT)('on the way out, when %s', (what, moment) => {
  it.each(faultsOf(WAYS_OUT.findIndex(([name]) => name === what)))('%s', async (_, fault) => {
    const counter = unlucky(moment, fault);
    const id = await ask(counter);
    await approve(counter, id);
    await signInWith(counter, id);
    counter.arm();
    await counter.pass(2 * HOUR);
    await untilState(counter, id, 'closed');
    await expectOver(id);
  });
});

it('lets no password into what anybody could read later', async () => {
  expect(desk.complaints).toEqual([]);
  await expectNoTrace(desk, passwords);
});
