import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AccountDocument } from '../../../src/store/account-document.js';
import { HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import type { User } from '../../../src/sandbox/model.js';
import { CONTOSO, SANDBOX_APP } from '../../../src/sandbox/seed.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { Counter, ServiceDesk } from '../../fakes/service-desk.js';
import { allowWishes, arrange, contosoOf, MEGAN, usersNow, wordsOf } from '../../fakes/wishes.js';
import type { Wish } from '../../fakes/wishes.js';

/**
 * A look at a tenant may come at any moment of anything. Where nobody interfered it finds nothing and changes nothing;
 * where somebody did, nothing is left in the end that nobody asked for.
 *
 * RECONCILE_RUNS: how many lives; RECONCILE_SEED: another seed; RECONCILE_PATH: what fast-check printed, to see one again.
 */
const RUNS = Number(process.env['RECONCILE_RUNS'] ?? 2);
const SEED = Number(process.env['RECONCILE_SEED'] ?? 20_260_302);
const PATH = process.env['RECONCILE_PATH'];

const TAG = `extension_${SANDBOX_APP.clientId.replaceAll('-', '')}_latchkey`;

let desk: ServiceDesk;
let other: Counter;
const seen = { looks: 0, lent: 0, ended: 0, interfered: 0, repaired: 0 };

beforeAll(async () => {
  desk = await openServiceDesk();
  other = desk.another();
  await setUpContoso(desk);
  await allowWishes(desk);
});
afterAll(() => desk.close());

interface Life {
  interfered: boolean;
}

type Part = fc.AsyncCommand<object, Life> & fc.WithToStringMethod;

const part = (text: string, run: (life: Life) => Promise<void>): Part => ({
  check: () => true,
  toString: () => text,
  [fc.toStringMethod]: () => text,
  run: async (_, life) => {
    await run(life);
    expect(desk.complaints).toEqual([]);
  },
});

const settleAll = async (): Promise<void> => {
  await Promise.all([desk.settle(), other.settle()]);
};

const check = async (life: Life): Promise<string> => {
  const said = await other.hear('olga', 'admin tenant check contoso');
  seen.looks += 1;
  if (life.interfered) {
    if (/is disabled again|taken away|given back|enabled again|made anew|tagged again/u.test(said)) seen.repaired += 1;
  } else expect(said).toContain('is as it should be');
  return said;
};

/** What anybody could tell a difference by, in the directory and on record. */
const everything = async (): Promise<object> => ({
  users: usersNow(desk),
  requests: await desk.stores.requests.list({}, 100),
  accounts: (await desk.database.collection<AccountDocument>('accounts').find().toArray()).map((document) => ({
    ...document,
    fence: 0,
  })),
});

const expectUntouched = async ({ interfered }: Life, before: object): Promise<void> => {
  if (!interfered) expect(await everything()).toEqual(before);
};

const looking = part('a look', async (life) => {
  const before = await everything();
  await check(life);
  await expectUntouched(life, before);
  await settleAll();
});

interface Deed {
  readonly text: string;
  readonly act: () => Promise<unknown>;
}

const once = ({ text, act }: Deed): Part =>
  part(text, async () => {
    await act();
    await settleAll();
  });

const whileLooking = ({ text, act }: Deed): Part =>
  part(`${text} | a look`, async (life) => {
    await Promise.all([act().then(() => desk.settle()), check(life)]);
    await settleAll();
  });

const asking = (wish: Wish): Deed => ({
  text: wordsOf(wish),
  act: async () => {
    await desk.say('tess', wordsOf(wish));
    await desk.settle();
    const id = await desk.newest();
    await desk.click('dana', 'approve', id);
    seen.lent += 1;
  },
});

const VERBS = {
  end: (id) => desk.say('tess', `end ${id}`),
  revoke: (id) => desk.say('olga', `revoke ${id}`),
  again: (id) => desk.say('tess', `reveal ${id} --again`),
  reveal: (id) => desk.click('tess', 'reveal', id),
  extend: async (id) => {
    await desk.say('tess', `extend ${id} 1h`);
    await desk.click('dana', 'approve', await desk.newest());
  },
} as const satisfies Record<string, (id: string) => Promise<unknown>>;

const doing = (verb: keyof typeof VERBS, index: number): Deed => ({
  text: `${verb} ${index}`,
  act: async () => {
    const all = await desk.stores.requests.list({}, 100);
    const active = all.filter(({ state }) => state === 'active');
    const one = active[index % Math.max(1, active.length)];
    if (one === undefined) return;
    if (verb === 'end' || verb === 'revoke') seen.ended += 1;
    await VERBS[verb](one.id);
  },
});

const passing = (ms: number): Part =>
  part(`${ms / MINUTE} min`, async () => {
    await desk.pass(ms);
    await settleAll();
  });

/** As an administrator of the tenant would, in the portal. */
const HARM = {
  enable: (user) => put(user, { accountEnabled: true }),
  disable: (user) => put(user, { accountEnabled: false }),
  'give a role': ({ userPrincipalName: user }) => change('role-assignments', { user, role: 'User Administrator' }),
  'take all roles': ({ id }) => {
    const { roleAssignments } = contosoOf(desk);
    for (const { id: assignment } of roleAssignments.withKey(id)) roleAssignments.delete(assignment);
  },
  'put into a group': ({ userPrincipalName: user }) => change('memberships', { user, group: 'Sales' }),
  'take from a group': ({ userPrincipalName: user }) =>
    change('memberships', { user, group: 'Tier 1 admins', remove: true }),
  untag: (user) => {
    const { [TAG]: _, ...properties } = user.properties;
    put(user, { properties });
  },
  'tag with another password': (user) =>
    put(user, {
      properties: { ...user.properties, [TAG]: tagOf(user).replace(/#\d+$/u, '#99') },
    }),
  rename: (user) => put(user, { userPrincipalName: `renamed-${user.userPrincipalName}` }),
  delete: ({ id }) => contosoOf(desk).users.delete(id),
} as const satisfies Record<string, (user: User) => unknown>;

const tagOf = ({ properties }: User): string => {
  const tag = properties[TAG];
  return typeof tag === 'string' ? tag : '';
};

const put = (user: User, properties: Partial<User>): void => {
  contosoOf(desk).users.set(user.id, { ...user, ...properties });
};

const change = (verb: string, body: object): unknown => changeTenant(desk.entra.sandbox.world, CONTOSO.id, verb, body);

/** What nobody does to somebody who was there before, because it is theirs to do. */
const OURS_ALONE: readonly string[] = ['untag', 'tag with another password', 'rename', 'delete', 'put into a group'];

const isLent = ({ userPrincipalName: upn }: User): boolean => /jit-|ada\.byron/u.test(upn);

const interfering = (harm: keyof typeof HARM, index: number): Part =>
  part(`somebody: ${harm} ${index}`, async (life) => {
    const users = contosoOf(desk)
      .users.all()
      .filter((user) => isLent(user) || (user.userPrincipalName === MEGAN.upn && !OURS_ALONE.includes(harm)));
    const user = users[index % Math.max(1, users.length)];
    if (user === undefined) return;
    life.interfered = true;
    seen.interfered += 1;
    HARM[harm](user);
  });

const index = fc.nat(3);

const someWish: fc.Arbitrary<Wish> = fc
  .record({
    kind: fc.constantFrom<Wish['kind'][]>('dedicated new', 'dedicated new', 'fresh', 'existing enabled'),
    atEnd: fc.constantFrom<Wish['atEnd'][]>('disable', 'delete', 'keep'),
    credential: fc.constantFrom<Wish['credential'][]>('password', 'pass'),
    way: fc.constant<Wish['way']>('directly'),
  })
  .map((wish): Wish => {
    if (wish.kind === 'existing enabled') return { ...wish, atEnd: 'keep' };
    return wish.kind === 'fresh' && wish.atEnd === 'keep' ? { ...wish, atEnd: 'disable' } : wish;
  });

const aDeed = fc.oneof(
  someWish.map(asking),
  fc.tuple(fc.constantFrom('end', 'revoke', 'again', 'reveal', 'extend'), index).map((all) => doing(...all)),
);

const ordinary: readonly fc.Arbitrary<Part>[] = [
  someWish.map((wish) => once(asking(wish))),
  aDeed.map(once),
  aDeed.map(whileLooking),
  fc.constantFrom(SECOND, 30 * SECOND, 3 * MINUTE, 3 * MINUTE, 61 * MINUTE, 3 * HOUR).map(passing),
  fc.constantFrom(2 * MINUTE, 3 * MINUTE).map(passing),
  fc.constant(looking),
  fc.constant(looking),
];

const harm = fc
  .tuple(fc.constantFrom(...(Object.keys(HARM) as (keyof typeof HARM)[])), index)
  .map((all) => interfering(...all));

/** Nobody who is there for us alone has anything, and whoever was there before has nothing of ours. */
const expectNothingOfOurs = async (): Promise<void> => {
  const accounts = await desk.database.collection<AccountDocument>('accounts').find().toArray();
  const kept = accounts.filter(({ account }) => account.credential.use === 'kept').map(({ account }) => account.upn);
  for (const { upn, ...user } of usersNow(desk).values()) {
    if (/jit-|ada\.byron/u.test(upn)) {
      expect({ upn, ...user }).toMatchObject({ roles: [], scheduled: [], groups: [], passes: 0 });
      if (!kept.includes(upn)) expect({ upn, ...user }).toMatchObject({ enabled: false });
    }
    if (upn === MEGAN.upn) {
      expect(user).toMatchObject({ scheduled: [], passes: 0 });
      expect(user.roles).not.toContain('Helpdesk Administrator');
      expect(user.groups).not.toContain('Tier 1 admins');
    }
  }
};

/** By what way roles are given, and how far reads lag behind writes. */
interface Place {
  readonly way: Wish['way'];
  readonly lagMs: number;
}

const live = async ({ way, lagMs }: Place, all: Iterable<Part>): Promise<void> => {
  await arrange(desk, { kind: 'existing enabled', atEnd: 'keep', credential: 'pass', way });
  if (lagMs > 0) desk.entra.sandbox.world.faults.add({ kind: 'replication-delay', ms: lagMs });
  const life: Life = { interfered: false };
  await fc.asyncModelRun(() => ({ model: {}, real: life }), all);
  for (const ms of [10 * HOUR, 6 * MINUTE, 6 * MINUTE]) {
    await passing(ms).run({}, life);
    await looking.run({}, life);
  }
  await expectNothingOfOurs();
  for (const { state } of await desk.stores.requests.list({}, 100)) {
    expect(['closed', 'cancelled', 'denied', 'lapsed']).toContain(state);
  }
};

const holds = async (parts: readonly fc.Arbitrary<Part>[], numRuns: number): Promise<void> => {
  const lives = fc.asyncProperty(
    fc.record<Place>({ way: fc.constantFrom('directly', 'by PIM'), lagMs: fc.constantFrom(0, 30 * SECOND) }),
    // Of so few lives none shall be short.
    fc.array(fc.oneof(...parts), { minLength: 14, maxLength: 24, size: 'max' }),
    live,
  );
  const found = await fc.check(lives, {
    seed: SEED,
    numRuns,
    endOnFailure: true,
    includeErrorInReport: true,
    ...(PATH === undefined ? {} : { path: PATH }),
  });
  expect(await fc.asyncDefaultReportMessage(found)).toBeUndefined();
};

it('finds nothing and changes nothing where nobody interfered', { timeout: 600_000 }, async () => {
  await holds(ordinary, RUNS);
  expect(seen).toMatchObject({ interfered: 0 });
  expect(Math.min(seen.looks, seen.lent, seen.ended)).toBeGreaterThan(0);
});

it('leaves nothing that nobody asked for, whatever others did in between', { timeout: 600_000 }, async () => {
  await holds([...ordinary, harm, harm, harm], RUNS);
  expect(Math.min(seen.interfered, seen.repaired)).toBeGreaterThan(0);
});
