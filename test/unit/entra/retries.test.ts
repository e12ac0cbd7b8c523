import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redacted } from '../../../src/lib/redacted.js';
import {
  closeNetwork,
  fakeGraph,
  grantTokens,
  graphError,
  KNOWN_USER,
  reopenNetwork,
  stageDirectory,
  TENANT,
  unasked,
  USER,
  USER_ID,
} from '../../fakes/graph.js';

const PASSWORD = redacted('Kp7#mWx4_Rt9?Zb2=Nd6@Hq3');
const ROLES = { value: [] };
const BUSY = graphError('TooManyRequests');
const DOWN = graphError('ServiceUnavailable');

const create = { do: 'create', enabled: true, generation: 1 } as const;

beforeEach(() => {
  closeNetwork();
  grantTokens();
});
afterEach(reopenNetwork);

describe('reads are repeated', () => {
  it.each([429, 502, 503, 504])('after %i', async (status) => {
    const graph = fakeGraph();
    graph.get(status, DOWN);
    graph.get(200, ROLES);
    const { directory, pauses } = stageDirectory();
    expect(await directory.roles(TENANT)).toEqual({ ok: true, value: [] });
    expect(pauses).toHaveLength(1);
  });

  it('after a broken connection', async () => {
    const graph = fakeGraph();
    graph.cut('get');
    graph.get(200, ROLES);
    expect(await stageDirectory().directory.roles(TENANT)).toEqual({ ok: true, value: [] });
  });

  it('not before the time that Graph asked for', async () => {
    const graph = fakeGraph();
    graph.get(429, BUSY, { 'retry-after': '4' });
    graph.get(200, ROLES);
    const { directory, pauses } = stageDirectory();
    expect((await directory.roles(TENANT)).ok).toBe(true);
    expect(pauses).toHaveLength(1);
    expect(pauses[0]).toBeGreaterThanOrEqual(4_000);
  });

  it('also where Graph names a moment instead', async () => {
    const graph = fakeGraph();
    graph.get(503, DOWN, { 'retry-after': 'Mon, 02 Mar 2026 12:00:03 GMT' });
    graph.get(200, ROLES);
    const { directory, pauses } = stageDirectory();
    expect((await directory.roles(TENANT)).ok).toBe(true);
    expect(pauses[0]).toBe(3_000);
  });

  it.each([12, 90])('not at all where Graph wants to be left alone for %i s: the caller is told', async (seconds) => {
    const graph = fakeGraph();
    graph.get(429, BUSY, { 'retry-after': String(seconds) });
    const { directory, pauses } = stageDirectory();
    expect(await directory.roles(TENANT)).toMatchObject({
      ok: false,
      error: { code: 'directory.throttled', retryAfterMs: seconds * 1_000 },
    });
    expect(pauses).toEqual([]);
  });

  it('with longer and longer pauses, and not for ever', async () => {
    const graph = fakeGraph();
    for (let count = 0; count < 20; count += 1) graph.get(503, DOWN);
    const { directory, pauses } = stageDirectory();
    expect(await directory.roles(TENANT)).toMatchObject({ ok: false, error: { code: 'directory.unavailable' } });
    expect(graph.calls.length).toBeGreaterThan(2);
    expect(graph.calls.length).toBeLessThan(10);
    expect(pauses).toEqual(pauses.toSorted((one, other) => one - other));
    expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(10_000);
  });

  it('never after a refusal', async () => {
    const graph = fakeGraph();
    graph.get(403, graphError('Authorization_RequestDenied'));
    expect((await stageDirectory().directory.roles(TENANT)).ok).toBe(false);
    expect(graph.calls).toHaveLength(1);
  });

  it('one by one inside a batch', async () => {
    const graph = fakeGraph();
    const user = { id: USER_ID, userPrincipalName: USER.upn, accountEnabled: true };
    graph.batch(({ id }) => {
      if (id === 'user') return { status: 200, body: user };
      if (id === 'groups') return { status: 200, body: { value: [] } };
      return { status: 429, body: BUSY, headers: { 'Retry-After': '2' } };
    });
    graph.batch(() => ({ status: 200, body: { value: [] } }));
    const { directory, pauses } = stageDirectory();
    expect(await directory.observe(TENANT, KNOWN_USER)).toMatchObject({ ok: true, value: { exists: true } });
    expect(graph.batches().map((items) => items.map(({ id }) => id))).toEqual([
      ['user', 'assignments', 'groups'],
      ['assignments'],
    ]);
    expect(pauses[0]).toBeGreaterThanOrEqual(2_000);
  });
});

describe('writes are not repeated', () => {
  it.each([500, 502, 503, 504])('after %i, when Graph may have acted', async (status) => {
    const graph = fakeGraph();
    graph.post(status, DOWN, { 'retry-after': '0' });
    const [outcome] = await stageDirectory().directory.apply(TENANT, USER, [create], PASSWORD);
    expect(outcome).toMatchObject({ kind: 'failed', unclear: true, fault: { code: 'directory.unavailable' } });
    expect(graph.calls).toHaveLength(1);
  });

  it('after a broken connection', async () => {
    const graph = fakeGraph();
    graph.cut('post');
    graph.post(201, { id: USER_ID });
    await stageDirectory().directory.apply(TENANT, USER, [create], PASSWORD);
    expect(unasked()).toHaveLength(1);
  });

  it('in a batch either, and every step of it is unclear then', async () => {
    const graph = fakeGraph();
    graph.post(503, DOWN);
    const steps = [
      { do: 'unassign', assignment: 'a-1', role: 'r' as never },
      { do: 'set', enabled: false, generation: 3 },
    ] as const;
    const outcomes = await stageDirectory().directory.apply(TENANT, KNOWN_USER, steps, PASSWORD);
    expect(outcomes.map((outcome) => outcome.kind === 'failed' && outcome.unclear)).toEqual([true, true]);
    expect(graph.calls).toHaveLength(1);
  });

  it('except after 429, when Graph did nothing', async () => {
    const graph = fakeGraph();
    graph.post(429, BUSY, { 'retry-after': '1' });
    graph.post(201, { id: USER_ID });
    const { directory, pauses } = stageDirectory();
    expect(await directory.apply(TENANT, USER, [create], PASSWORD)).toEqual([{ kind: 'done', objectId: USER_ID }]);
    expect(pauses).toEqual([1_000]);
  });
});
