import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RequestId } from '../../../src/engine/ids.js';
import type { RequestState } from '../../../src/engine/request.js';
import { createHeadStart } from '../../../src/flows/head-start.js';
import type { Directory } from '../../../src/flows/ports.js';
import { createTeller } from '../../../src/flows/teller.js';
import type { Told } from '../../../src/flows/teller.js';
import { aRequest } from '../../fakes/fixtures.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const SETTLED = { ok: false, error: { code: 'directory.unavailable', detail: 'not asked for real' } } as const;

const NOTHING = [] as unknown as Parameters<Directory['apply']>;

const directory = { observe: async () => SETTLED, apply: async () => [] } as Partial<Directory> as Directory;

/** A request under work that goes on until it is let go, and what was told of it. */
const underWork = (ask: (directory: Directory) => Promise<unknown> = async () => undefined) => {
  const headStart = createHeadStart<RequestId>(directory);
  const told: RequestState[] = [];
  const tell = createTeller(headStart, async (_id, { request: { state } }) => void told.push(state));
  let finish = (): void => undefined;
  const letGo = new Promise<void>((resolve) => (finish = resolve));
  const request = aRequest({ state: 'closing' });
  const work = headStart.first(request.id, async (telling) => {
    await ask(telling);
    await letGo;
  });
  const become = (state: RequestState): Told => ({ request: { ...request, state } });
  return { tell, told, become, finish: () => (finish(), work) };
};

test('an end that is proven soon is told once, with its proof', async () => {
  const { tell, told, become, finish } = underWork(async ({ apply }) => await apply(...NOTHING));
  const ending = tell(become('closing'));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toEqual([]);
  await tell(become('closed'));
  await finish();
  await ending;
  expect(told).toEqual(['closed']);
});

test('an end that takes long is told before it is proven', async () => {
  const { tell, told, become, finish } = underWork();
  const ending = tell(become('closing'));
  await vi.advanceTimersByTimeAsync(2_000);
  await ending;
  expect(told).toEqual(['closing']);
  await finish();
});

test('what begins is told as soon as the directory has been asked, however long that takes to answer', async () => {
  const { tell, told, become, finish } = underWork(async ({ apply }) => await apply(...NOTHING));
  await tell(become('provisioning'));
  expect(told).toEqual(['provisioning']);
  await finish();
});

test('what nobody works on is told at once', async () => {
  const told: RequestState[] = [];
  const tell = createTeller(
    createHeadStart<RequestId>(directory),
    async (_id, { request: { state } }) => void told.push(state),
  );
  await tell({ request: aRequest({ state: 'closing' }) });
  expect(told).toEqual(['closing']);
});
