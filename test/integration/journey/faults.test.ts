import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE } from '../../../src/lib/clock.js';
import type { FaultInput } from '../../../src/sandbox/faults.js';
import type { LoggedRequest } from '../../../src/sandbox/request-log.js';
import { expectNoTrace } from '../../fakes/aftermath.js';
import { openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk } from '../../fakes/service-desk.js';
import { startJourney, watchEnds } from '../../fakes/whole-journey.js';
import type { Journey } from '../../fakes/whole-journey.js';
import { allowWishes, arrange, wishName } from '../../fakes/wishes.js';
import type { Wish } from '../../fakes/wishes.js';

/**
 * Whatever Graph or the login authority does at whichever call, inside batches too: access comes exactly as asked or fails
 * with a word, and is called over only when the directory shows that it is. The calls are those of a journey on which
 * nothing goes wrong, and each fault strikes each of them once. Every 1201st of these cells by default, beginning with the
 * SEED-th; EVERY=N tries more of them, FULL=1 all, and ONLY=TEXT those whose name has the text.
 */

const IS_FULL = process.env['FULL'] === '1';
const EVERY = IS_FULL ? 1 : Number(process.env['EVERY'] ?? 1201);
const SEED = Number(process.env['SEED'] ?? 3);
const ONLY = process.env['ONLY'] ?? '';

const ordinary: Wish = { kind: 'dedicated new', atEnd: 'disable', credential: 'password', way: 'directly' };

const WISHES: readonly Wish[] = [
  { ...ordinary, credential: 'pass' },
  { ...ordinary, kind: 'dedicated known' },
  { ...ordinary, kind: 'fresh', atEnd: 'delete', way: 'in a unit' },
  { ...ordinary, kind: 'existing disabled', atEnd: 'keep', credential: 'pass' },
  { ...ordinary, way: 'by PIM' },
];

/** Longer than a call may take, where calls may take no longer than that. */
const SLOW = { deadlineMs: 1_500, answerMs: 2_000 };

const NOT_FOUND = { error: { code: 'Request_ResourceNotFound', message: 'The resource does not exist.' } };

const FAULTS: readonly (readonly [string, FaultInput])[] = [
  ['throttled for a moment', { kind: 'throttle', retryAfterSeconds: 2 }],
  ['throttled for longer than anybody waits', { kind: 'throttle', retryAfterSeconds: 45 }],
  ['500', { kind: 'server-error', status: 500 }],
  ['503', { kind: 'server-error', status: 503 }],
  ['504 after it took effect', { kind: 'server-error', status: 504, afterWrite: true }],
  ['lost before it took effect', { kind: 'drop-before-write' }],
  ['lost after it took effect', { kind: 'drop-after-write' }],
  ['slower than anybody waits', { kind: 'slow', ms: SLOW.answerMs }],
  ["a proxy's page", { kind: 'html', status: 502 }],
  ["a proxy's page that claims success", { kind: 'html', status: 200 }],
  ['another shape', { kind: 'wrong-shape', status: 200, body: { value: 'none', id: 7, responses: {} } }],
  ['an empty object as if created', { kind: 'wrong-shape', status: 201, body: {} }],
  ['null', { kind: 'wrong-shape', status: 200, body: null }],
  ['not found, of whom there is', { kind: 'wrong-shape', status: 404, body: NOT_FOUND, afterWrite: false }],
  ['no content', { kind: 'status', status: 204 }],
  ['accepted only', { kind: 'status', status: 202 }],
  ['pages without end', { kind: 'endless-paging' }],
  ["a next page at somebody else's", { kind: 'foreign-next-link' }],
  ['cut off in the middle', { kind: 'truncated' }],
  ['of another type', { kind: 'content-type' }],
  ['as of a while ago', { kind: 'replication-delay', ms: 30_000 }],
  ['as of a while ago, for writes too', { kind: 'replication-delay', ms: 30_000, writesToo: true }],
  ['of a PIM that has not heard of the user', { kind: 'pim-lag', ms: 2 * MINUTE }],
];

type Match = NonNullable<FaultInput['match']>;

interface Cell {
  readonly name: string;
  readonly wish: Wish;
  readonly fault: FaultInput;
}

let desk: ServiceDesk;
const everRevealed: string[] = [];

beforeAll(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  await allowWishes(desk);
});
afterAll(() => desk.close());

const { stringify } = JSON;

/** The whole way, with these faults in it from the question on. */
const live = async (wish: Wish, faults: readonly FaultInput[]): Promise<Journey> => {
  await arrange(desk, wish);
  if (wish.kind === 'dedicated known') await lendBefore(wish);
  const { clear, add } = desk.entra.sandbox.world.faults;
  for (const fault of faults) add(fault);
  const isSlow = faults.length === 1 && faults[0]?.kind === 'slow';
  const journey = startJourney(
    desk,
    watchEnds(desk, isSlow ? { directory: desk.entra.directoryWith({ deadlineMs: SLOW.deadlineMs }) } : {}),
    wish,
  );
  try {
    if (await journey.begin()) {
      await journey.use();
      await journey.end('is ended');
    }
    await journey.expectOver();
  } finally {
    everRevealed.push(...journey.secrets);
    if (faults.length === 1) clear();
  }
  return journey;
};

const lendBefore = async (wish: Wish): Promise<void> => {
  const earlier = startJourney(desk, watchEnds(desk), wish);
  await earlier.begin();
  await earlier.end('is ended');
  await earlier.expectOver();
  await desk.database.collection('requests').deleteMany({});
  await desk.pass(3 * MINUTE);
};

/** Ids differ from one journey to the next. */
const patternOf = (path: string): string => {
  const escaped = path.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const ids = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
  const named = escaped.replaceAll(ids, '[0-9a-f-]{36}').replace(/(roleAssignments\/)[^/]+$/, '$1[^/?]+');
  return `^(/v1.0)?${named}$`;
};

const matchesOf = ({ service, method, path, items = [] }: LoggedRequest): readonly Match[] => [
  { service, method, path: patternOf(path), scope: 'request' },
  ...items.map((item): Match => ({ service, method: item.method, path: patternOf(item.url), scope: 'item' })),
];

/** More than any journey has calls. */
const NEVER = 1_000_000;

/** What each fault could strike on the way, counted by the faults themselves. */
const cellsOf = async (wish: Wish): Promise<readonly Cell[]> => {
  const start = desk.entra.sandbox.world.requests;
  await live(wish, []);
  const matches = new Map(
    start
      .since(0)
      .flatMap(matchesOf)
      .map((match) => [stringify(match), match]),
  );
  const asked = [...matches.values()].flatMap((match) =>
    FAULTS.map(([label, fault]) => [label, { ...fault, match, skip: NEVER }] as const),
  );
  await live(
    wish,
    asked.map(([, fault]) => fault),
  );
  const counted = desk.entra.sandbox.world.faults.list();
  desk.entra.sandbox.world.faults.clear();
  return asked.flatMap(([label, fault], index) => {
    const strikes = NEVER - counted[index]!.skip;
    return Array.from({ length: strikes }, (_, skip): Cell => {
      const { service, method, path, scope } = fault.match;
      const call = `${service} ${method} ${path}${scope === 'item' ? ' in a batch' : ''}`;
      return { name: `${wishName(wish)}: ${call} #${skip + 1} is ${label}`, wish, fault: { ...fault, skip, times: 1 } };
    });
  });
};

describe('whatever goes wrong at one call', () => {
  it.each(WISHES.map((wish) => [wishName(wish), wish] as const))('%s', { timeout: 3_600_000 }, async (_, wish) => {
    const all = await cellsOf(wish);
    expect(all.length).toBeGreaterThan(200);
    const cells = all.filter(({ name }, index) => (index - SEED) % EVERY === 0 && name.includes(ONLY));
    const failures: string[] = [];
    for (const { name, fault } of cells) {
      await live(wish, [fault]).catch((thrown: unknown) => {
        failures.push(`${name}\n${String(thrown)}`);
        // A full run takes long: what fails is told at once.
        console.error(failures.at(-1));
      });
    }
    console.info(`${wishName(wish)}: ${cells.length} of ${all.length} cells, from ${SEED} every ${EVERY}`);
    expect(failures).toEqual([]);
  });

  it('leaves no secret where anybody could read it later, and nothing to complain about', async () => {
    expect(desk.complaints).toEqual([]);
    await expectNoTrace(desk, everRevealed);
  });
});
