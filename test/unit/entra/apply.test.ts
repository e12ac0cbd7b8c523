import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { directoryGroupId, roleId } from '../../../src/engine/ids.js';
import type { Step } from '../../../src/engine/plan.js';
import type { StepOutcome } from '../../../src/flows/ports.js';
import { redacted } from '../../../src/lib/redacted.js';
import {
  closeNetwork,
  fakeGraph,
  grantTokens,
  graphError,
  KNOWN_USER,
  reopenNetwork,
  stageDirectory,
  TAG,
  TENANT,
  unasked,
  USER,
  USER_ID,
} from '../../fakes/graph.js';
import type { ItemAnswer, SentItem } from '../../fakes/graph.js';

const SECRET = 'Kp7#mWx4_Rt9?Zb2=Nd6@Hq3';
const PASSWORD = redacted(SECRET);
const READER = roleId('88d8e3e3-8f55-4a1e-953a-9b9898b8876b');
const HELPDESK = roleId('729827e3-9c14-49f7-bb1b-9608f156bbb8');
const GROUP = directoryGroupId('cccccccc-0000-4000-8000-00000000000c');

const create: Step = { do: 'create', enabled: true, generation: 4 };
const unassign: Step = { do: 'unassign', assignment: 'as/1+', role: HELPDESK };
const leave: Step = { do: 'leave', group: GROUP };
const disable: Step = { do: 'set', enabled: false };
const rotate: Step = { do: 'set', enabled: true, generation: 5 };
const revoke: Step = { do: 'revoke-sessions' };
const assign: Step = { do: 'assign', role: READER };
const join: Step = { do: 'join', group: GROUP };
const remove: Step = { do: 'delete' };
const assignOther: Step = { do: 'assign', role: HELPDESK };

const NO_CONTENT: ItemAnswer = { status: 204 };
const CUT_OFF: ItemAnswer = { status: 424, body: graphError('FailedDependency') };
const DENIED: ItemAnswer = { status: 403, body: graphError('Authorization_RequestDenied') };
const GONE: ItemAnswer = { status: 404, body: graphError('Request_ResourceNotFound') };
const BUSY: ItemAnswer = { status: 429, body: graphError('TooManyRequests'), headers: { 'retry-after': '1' } };
const ASSIGNED: ItemAnswer = { status: 201, body: { id: 'new-assignment' } };

const isJoin = ({ method, url }: SentItem): boolean => method === 'POST' && url.endsWith('/members/$ref');
const isAssign = ({ method, url }: SentItem): boolean => method === 'POST' && url.endsWith('/roleAssignments');

/** What Graph answers to an item when all is well. */
const well = (item: SentItem): ItemAnswer => {
  if (isAssign(item)) return ASSIGNED;
  if (isJoin(item)) return NO_CONTENT;
  return item.method === 'POST' ? { status: 200, body: { value: true } } : NO_CONTENT;
};

const DONE: StepOutcome = { kind: 'done' };
const ASSIGNED_DONE: StepOutcome = { kind: 'done', assignment: 'new-assignment' };

beforeEach(() => {
  closeNetwork();
  grantTokens();
});
afterEach(reopenNetwork);

const apply = (steps: readonly Step[], user = KNOWN_USER): Promise<readonly StepOutcome[]> =>
  stageDirectory().directory.apply(TENANT, user, steps, PASSWORD);

const kinds = (outcomes: readonly StepOutcome[]): readonly string[] => outcomes.map(({ kind }) => kind);

const verbs = (items: readonly SentItem[] | undefined): readonly string[] =>
  (items ?? []).map(({ method, url }) => `${method} ${url}`);

describe('a new account', () => {
  it('takes two round trips: the user with password and tag in one call, then the rest', async () => {
    const graph = fakeGraph();
    graph.post(201, { id: USER_ID });
    graph.batch(well);
    expect(await apply([create, assign, assignOther], USER)).toEqual([
      { kind: 'done', objectId: USER_ID },
      ASSIGNED_DONE,
      ASSIGNED_DONE,
    ]);
    expect(graph.calls).toHaveLength(2);
    expect(graph.calls[0]).toEqual({
      method: 'POST',
      path: '/v1.0/users',
      body: {
        accountEnabled: true,
        displayName: 'JIT: Dana Fox',
        mailNickname: 'jit-dana.fox',
        userPrincipalName: 'jit-dana.fox@contoso.example',
        passwordProfile: { password: SECRET, forceChangePasswordNextSignIn: false },
        [TAG]: 'contoso/P-DANA#4',
      },
    });
    expect(graph.batches()[0]?.map(({ body }) => body)).toEqual([
      { principalId: USER_ID, roleDefinitionId: READER, directoryScopeId: '/' },
      { principalId: USER_ID, roleDefinitionId: HELPDESK, directoryScopeId: '/' },
    ]);
  });

  it('whose name somebody has is not made, for certain', async () => {
    const message = 'Another object with the same value for property userPrincipalName already exists.';
    for (const error of [
      graphError('Request_BadRequest', message),
      graphError('Request_BadRequest', 'x', [{ code: 'ObjectConflict', target: 'userPrincipalName' }]),
    ]) {
      const graph = fakeGraph();
      graph.post(400, error);
      const [made, given] = await apply([create, assign], USER);
      expect(made).toMatchObject({ kind: 'failed', unclear: false, fault: { code: 'directory.name-taken' } });
      expect(given).toMatchObject({ kind: 'failed', unclear: false });
      expect(graph.calls).toHaveLength(1);
    }
  });

  it.each([
    ['no id', 201, {}],
    ['an id that is none', 201, { id: '../groups' }],
    ['a page', 201, '<html></html>'],
    ['another success', 200, { id: USER_ID }],
    ['success without content', 204, ''],
  ])('is unclear after an answer with %s, and gets no access', async (_what, status, body) => {
    const graph = fakeGraph();
    graph.post(status, body);
    const [made, given] = await apply([create, assign], USER);
    expect(made).toMatchObject({ kind: 'failed', unclear: true, fault: { code: 'directory.malformed' } });
    expect(given).toMatchObject({ kind: 'failed', unclear: false });
    expect(graph.calls).toHaveLength(1);
  });

  it.each([404, 400])('that a replica does not know yet (%i) is given its roles a little later', async (status) => {
    const graph = fakeGraph();
    const unknown: ItemAnswer = { status, body: graphError('Request_ResourceNotFound') };
    graph.post(201, { id: USER_ID });
    graph.batch((item) => (item.id === '1' ? unknown : CUT_OFF));
    graph.batch((item) => (item.id === '1' ? ASSIGNED : unknown));
    graph.batch(well);
    const { directory, pauses } = stageDirectory();
    const outcomes = await directory.apply(TENANT, USER, [create, assign, assignOther], PASSWORD);
    expect(outcomes.slice(1)).toEqual([ASSIGNED_DONE, ASSIGNED_DONE]);
    expect(graph.batches().map((items) => items.length)).toEqual([2, 2, 1]);
    expect(pauses).toHaveLength(2);
  });

  it('is remembered as new where its roles are given by a call of their own', async () => {
    const graph = fakeGraph();
    graph.post(201, { id: USER_ID });
    graph.batch(() => GONE);
    graph.batch(well);
    const { directory } = stageDirectory();
    await directory.apply(TENANT, USER, [create], PASSWORD);
    expect(await directory.apply(TENANT, KNOWN_USER, [assign], PASSWORD)).toEqual([ASSIGNED_DONE]);
  });

  it('that stays unknown is given up after a while', async () => {
    const graph = fakeGraph();
    graph.post(201, { id: USER_ID });
    for (let count = 0; count < 30; count += 1) graph.batch(() => GONE);
    const { directory, pauses } = stageDirectory();
    const [, given] = await directory.apply(TENANT, USER, [create, assign], PASSWORD);
    expect(given).toMatchObject({ kind: 'failed', unclear: false, fault: { code: 'directory.not-found' } });
    expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(10_000);
    expect(unasked().length).toBeGreaterThan(10);
  });
});

describe('a known account', () => {
  it('takes one round trip, in which each step waits for the one before', async () => {
    const graph = fakeGraph();
    graph.batch(well);
    const outcomes = await apply([unassign, leave, rotate, revoke, assign]);
    expect(outcomes).toEqual([DONE, DONE, DONE, DONE, ASSIGNED_DONE]);
    expect(graph.calls).toHaveLength(1);
    const [items] = graph.batches();
    expect(verbs(items)).toEqual([
      'DELETE /roleManagement/directory/roleAssignments/as%2F1%2B',
      `DELETE /groups/${GROUP}/members/${USER_ID}/$ref`,
      `PATCH /users/${USER_ID}`,
      `POST /users/${USER_ID}/revokeSignInSessions`,
      'POST /roleManagement/directory/roleAssignments',
    ]);
    expect(items?.map(({ dependsOn }) => dependsOn ?? [])).toEqual([[], ['0'], ['1'], ['2'], ['3']]);
  });

  it('is set in one call: sign-in, and where the password changes, password and tag with it', async () => {
    const graph = fakeGraph();
    graph.batch(well);
    await apply([disable, rotate]);
    expect(graph.batches()[0]?.map(({ body }) => body)).toEqual([
      { accountEnabled: false },
      {
        accountEnabled: true,
        passwordProfile: { password: SECRET, forceChangePasswordNextSignIn: false },
        [TAG]: 'contoso/P-DANA#5',
      },
    ]);
  });

  it('whose object id nobody knows is never written to by its name', async () => {
    const graph = fakeGraph();
    expect(await apply([disable], USER)).toMatchObject([{ kind: 'failed', unclear: false }]);
    expect(graph.calls).toEqual([]);
  });

  it.each([
    ['409', { status: 409, body: graphError('Conflict') }],
    [
      '400',
      {
        status: 400,
        body: graphError(
          'Request_BadRequest',
          'A conflicting object with one or more of the specified property values is present in the directory.',
        ),
      },
    ],
  ])('that already holds a role (%s) holds it, under an assignment yet unknown', async (_status, conflict) => {
    fakeGraph().batch(() => conflict);
    expect(await apply([assign])).toEqual([DONE]);
  });

  it('without what is to be taken from it goes on with the rest, in order', async () => {
    const graph = fakeGraph();
    graph.batch((item) => (item.id === '0' ? GONE : CUT_OFF));
    graph.batch((item) => (item.id === '1' ? GONE : CUT_OFF));
    graph.batch(well);
    expect(await apply([unassign, leave, rotate, assign])).toEqual([
      { kind: 'absent' },
      { kind: 'absent' },
      DONE,
      ASSIGNED_DONE,
    ]);
    expect(graph.batches()[2]?.map(({ dependsOn }) => dependsOn ?? [])).toEqual([[], ['2']]);
  });
});

describe('a step that fails', () => {
  it('keeps no removal, disabling or revocation from being tried', async () => {
    const graph = fakeGraph();
    graph.batch((item) => (item.id === '0' ? DENIED : CUT_OFF));
    graph.batch(well);
    const outcomes = await apply([unassign, leave, disable, revoke]);
    expect(kinds(outcomes)).toEqual(['failed', 'done', 'done', 'done']);
    expect(outcomes[0]).toMatchObject({ unclear: false, fault: { code: 'directory.forbidden' } });
    expect(graph.batches()[1]?.map(({ dependsOn }) => dependsOn)).toEqual([undefined, undefined, undefined]);
  });

  it('and sets nothing up lets access be added, after everything else was tried', async () => {
    const graph = fakeGraph();
    graph.batch((item) => (item.id === '0' ? DENIED : CUT_OFF));
    graph.batch(well);
    graph.batch(well);
    expect(kinds(await apply([leave, rotate, assign]))).toEqual(['failed', 'done', 'done']);
    expect(graph.batches().map((items) => items.map(isAssign))).toEqual([[false, false, true], [false], [true]]);
  });

  it('and should have set the user up keeps all access from being added', async () => {
    const graph = fakeGraph();
    graph.batch((item) => (item.id === '0' ? DENIED : CUT_OFF));
    const outcomes = await apply([rotate, assign, assignOther]);
    expect(outcomes).toMatchObject([
      { kind: 'failed', unclear: false },
      { kind: 'failed', unclear: false, fault: { code: 'directory.forbidden' } },
      { kind: 'failed', unclear: false },
    ]);
    expect(graph.calls).toHaveLength(1);
  });

  it('on the second try keeps all access from being added just as well', async () => {
    const graph = fakeGraph();
    graph.batch((item) => (item.id === '0' ? DENIED : CUT_OFF));
    graph.batch(() => DENIED);
    expect(kinds(await apply([leave, rotate, assign]))).toEqual(['failed', 'failed', 'failed']);
    expect(graph.batches().flat().filter(isAssign)).toHaveLength(1);
  });

  it('unclearly is said to be unclear, and is not tried again', async () => {
    const graph = fakeGraph();
    graph.batch((item) => (item.id === '0' ? { status: 503, body: graphError('ServiceUnavailable') } : CUT_OFF));
    graph.batch(well);
    const outcomes = await apply([unassign, disable]);
    expect(outcomes).toMatchObject([{ kind: 'failed', unclear: true }, { kind: 'done' }]);
    expect(
      graph
        .batches()
        .flat()
        .filter(({ url }) => url.includes('roleAssignments')),
    ).toHaveLength(1);
  });
});

describe('a group to be joined', () => {
  it('is named by the path, and the user by their address, after everything else', async () => {
    const graph = fakeGraph();
    graph.batch(well);
    expect(await apply([rotate, assign, join])).toEqual([DONE, ASSIGNED_DONE, { kind: 'done', joined: true }]);
    const [items] = graph.batches();
    expect(items?.[2]).toMatchObject({
      method: 'POST',
      url: `/groups/${GROUP}/members/$ref`,
      body: { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${USER_ID}` },
      dependsOn: ['1'],
    });
    expect(graph.calls).toHaveLength(1);
  });

  it('that the user is in already is joined, by whomever', async () => {
    const message =
      "One or more added object references already exist for the following modified properties: 'members'.";
    fakeGraph().batch(() => ({ status: 400, body: graphError('Request_BadRequest', message) }));
    expect(await apply([join])).toEqual([DONE]);
  });

  it('is not joined while the user is not set up for it', async () => {
    const graph = fakeGraph();
    graph.batch((item) => (item.id === '0' ? DENIED : CUT_OFF));
    expect(kinds(await apply([rotate, join]))).toEqual(['failed', 'failed']);
    expect(graph.calls).toHaveLength(1);
  });

  it.each([404, 400])('by a user whom a replica does not know yet (%i) is joined a little later', async (status) => {
    const graph = fakeGraph();
    graph.post(201, { id: USER_ID });
    graph.batch(() => ({ status, body: graphError('Request_ResourceNotFound') }));
    graph.batch(well);
    const { directory, pauses } = stageDirectory();
    const outcomes = await directory.apply(TENANT, USER, [create, join], PASSWORD);
    expect(outcomes[1]).toEqual({ kind: 'done', joined: true });
    expect(pauses).toHaveLength(1);
  });

  it('that Graph refuses is not joined, for certain', async () => {
    fakeGraph().batch(() => ({ status: 400, body: graphError('Request_BadRequest', 'Cannot update a mail list.') }));
    expect(await apply([join])).toMatchObject([
      { kind: 'failed', unclear: false, fault: { code: 'directory.rejected' } },
    ]);
  });
});

describe('a user to be deleted', () => {
  it('is deleted by one call of its own path, after everything was taken', async () => {
    const graph = fakeGraph();
    graph.batch(well);
    expect(await apply([leave, disable, revoke, remove])).toEqual([DONE, DONE, DONE, DONE]);
    expect(verbs(graph.batches()[0]).at(-1)).toBe(`DELETE /users/${USER_ID}`);
    expect(graph.batches()[0]?.at(-1)?.dependsOn).toEqual(['2']);
  });

  it('is not deleted while anything could not be taken', async () => {
    const graph = fakeGraph();
    graph.batch((item) => (item.id === '0' ? DENIED : CUT_OFF));
    graph.batch(well);
    expect(kinds(await apply([unassign, disable, remove]))).toEqual(['failed', 'done', 'failed']);
    // In the first batch it waits for the one that was refused; afterwards it is not sent.
    expect(graph.batches().map(verbs)).toEqual([expect.anything(), [`PATCH /users/${USER_ID}`]]);
  });

  it('is deleted all the same where something to take was gone already', async () => {
    const graph = fakeGraph();
    graph.batch((item) => (item.id === '0' ? GONE : CUT_OFF));
    graph.batch(well);
    expect(kinds(await apply([leave, disable, remove]))).toEqual(['absent', 'done', 'done']);
  });

  it('that is not found may be hidden by a replica that lags', async () => {
    fakeGraph().batch(() => GONE);
    expect(await apply([remove])).toEqual([{ kind: 'absent' }]);
  });
});

describe('a directory that is slow', () => {
  it('is asked nothing more after a while, so that whoever holds the account can count on an end', async () => {
    const graph = fakeGraph();
    const { directory, pass } = stageDirectory();
    graph.batch((item) => {
      pass(13_000);
      return item.id === '0' ? DENIED : CUT_OFF;
    });
    graph.batch(well);
    expect(await directory.apply(TENANT, KNOWN_USER, [leave, disable], PASSWORD)).toMatchObject([
      { kind: 'failed', fault: { code: 'directory.forbidden' } },
      { kind: 'failed', unclear: false, fault: { code: 'directory.unavailable' } },
    ]);
    expect(graph.calls).toHaveLength(1);
  });
});

describe('a step that comes too fast', () => {
  it('is repeated after the pause that Graph asked for, together with those that waited for it', async () => {
    const graph = fakeGraph();
    graph.batch((item) => (item.id === '0' ? NO_CONTENT : item.id === '1' ? BUSY : CUT_OFF));
    graph.batch(well);
    const { directory, pauses } = stageDirectory();
    const outcomes = await directory.apply(TENANT, KNOWN_USER, [unassign, rotate, assign], PASSWORD);
    expect(outcomes).toEqual([DONE, DONE, ASSIGNED_DONE]);
    expect(pauses).toEqual([1_000]);
    expect(graph.batches()[1]?.map(({ id, dependsOn }) => [id, dependsOn ?? []])).toEqual([
      ['1', []],
      ['2', ['1']],
    ]);
  });

  it('for long is said to be throttled', async () => {
    const graph = fakeGraph();
    graph.batch(() => ({ ...BUSY, headers: { 'Retry-After': '60' } }));
    expect(await apply([disable])).toMatchObject([
      { kind: 'failed', unclear: false, fault: { code: 'directory.throttled', retryAfterMs: 60_000 } },
    ]);
    expect(graph.calls).toHaveLength(1);
  });
});

describe('more steps than a batch holds', () => {
  const leaves = Array.from({ length: 25 }, (_, index): Step => {
    const group = `cccccccc-0000-4000-8000-0000000000${String(index).padStart(2, '0')}`;
    return { do: 'leave', group: directoryGroupId(group) };
  });

  it('are sent twenty at a time', async () => {
    const graph = fakeGraph();
    graph.batch(well);
    graph.batch(well);
    expect(kinds(await apply([...leaves, rotate, assign]))).toEqual(Array.from({ length: 27 }, () => 'done'));
    expect(graph.batches().map((items) => items.length)).toEqual([20, 7]);
  });

  it('add no access in a later batch while the user is not set up', async () => {
    const graph = fakeGraph();
    const many = [...leaves.slice(0, 18), rotate, revoke, assign];
    graph.batch((item) => (item.id === '18' ? DENIED : item.id === '19' ? CUT_OFF : NO_CONTENT));
    graph.batch(well);
    const outcomes = await apply(many);
    expect(kinds(outcomes.slice(18))).toEqual(['failed', 'done', 'failed']);
    expect(graph.batches().flat().filter(isAssign)).toEqual([]);
  });
});

describe('an answer that is none', () => {
  it.each([
    ['a page', 200, '<html></html>'],
    ['no list', 200, { responses: 'none' }],
    ['statuses in words', 200, { responses: [{ id: '0', status: 'fine' }] }],
    ['success without content', 204, ''],
  ])('%s leaves every step of the batch unclear', async (_what, status, body) => {
    fakeGraph().post(status, body);
    expect(await apply([unassign, disable])).toMatchObject([
      { kind: 'failed', unclear: true, fault: { code: 'directory.malformed' } },
      { kind: 'failed', unclear: true, fault: { code: 'directory.malformed' } },
    ]);
  });

  it('leaves a step unclear that was passed over', async () => {
    fakeGraph().batch((item) => (item.id === '1' ? undefined : NO_CONTENT));
    expect(await apply([unassign, disable])).toMatchObject([{ kind: 'done' }, { kind: 'failed', unclear: true }]);
  });

  it.each([
    ['removal', unassign, { status: 200, body: {} }],
    ['removal from a group', leave, { status: 202 }],
    ['change', disable, { status: 200, body: { id: USER_ID } }],
    ['assignment', assign, { status: 204 }],
    ['assignment', assign, { status: 201, body: {} }],
  ])('of an unexpected kind leaves a %s unclear', async (_what, step, answer) => {
    fakeGraph().batch(() => answer);
    expect(await apply([step])).toMatchObject([
      { kind: 'failed', unclear: true, fault: { code: 'directory.malformed' } },
    ]);
  });
});

describe('access passes that end at once', () => {
  const withdraw: Step = { do: 'withdraw-pass', pass: 'pass-1' };
  const shut: Step = { do: 'set', enabled: false, generation: 6 };
  const end = [unassign, leave, withdraw, shut, revoke, remove];
  const isPass = ({ url }: SentItem): boolean => url.includes('temporaryAccessPassMethods');

  /** So many users lose everything at the same moment. */
  const endTogether = (count: number, steps: readonly Step[]) => {
    const { directory } = stageDirectory();
    return Promise.all(Array.from({ length: count }, () => directory.apply(TENANT, KNOWN_USER, steps, PASSWORD)));
  };

  it('are withdrawn together with everything else, in one round trip, as long as their service serves them', async () => {
    const graph = fakeGraph();
    for (let each = 0; each < 5; each += 1) graph.batch(well);
    const ended = await endTogether(5, end);
    expect(ended.map(kinds)).toEqual(Array(5).fill(end.map(() => 'done')));
    expect(graph.batches().map((items) => items.length)).toEqual(Array(5).fill(end.length));
  });

  it('keep no role, group or sign-in waiting for their service, which knows few calls at a time', async () => {
    const graph = fakeGraph();
    for (let each = 0; each < 12 + 7; each += 1) graph.batch(well);
    const ended = await endTogether(12, end);
    const sent = graph.batches();
    // Everybody's, before anybody's pass had to wait; then the passes, and what comes only after them.
    const [first, later] = [sent.slice(0, 12), sent.slice(12)];
    expect(first.filter((items) => items.some(isPass))).toHaveLength(5);
    const urgent = (items: readonly SentItem[]): readonly string[] =>
      items.flatMap((item) => (isPass(item) || item.url === `/users/${USER_ID}` ? [] : [item.method]));
    expect(first.map(urgent)).toEqual(Array.from({ length: 12 }, () => ['DELETE', 'DELETE', 'POST']));
    expect(first.filter((items) => items.some(({ method }) => method === 'PATCH'))).toHaveLength(12);
    expect(later.length).toBeGreaterThan(0);
    for (const items of later) expect(items.map(({ method }) => method)).toEqual(['DELETE', 'DELETE']);
    expect(ended.map((outcomes) => [0, 1, 3, 4].map((index) => outcomes[index]?.kind))).toEqual(
      Array.from({ length: 12 }, () => ['done', 'done', 'done', 'done']),
    );
  });

  it('are gone before the sessions of whoever may go on signing in are revoked', async () => {
    const graph = fakeGraph();
    for (let each = 0; each < 6 + 1; each += 1) graph.batch(well);
    await endTogether(6, [unassign, withdraw, revoke]);
    const [last, ...before] = graph.batches().toReversed();
    expect(verbs(before[0])).toEqual([`DELETE /roleManagement/directory/roleAssignments/as%2F1%2B`]);
    expect(last?.map(({ method }) => method)).toEqual(['DELETE', 'POST']);
    expect(last?.[1]?.dependsOn).toEqual([last?.[0]?.id]);
  });

  it('wait together with what is given anew, so that nobody is without their access meanwhile', async () => {
    const graph = fakeGraph();
    for (let each = 0; each < 6; each += 1) graph.batch(well);
    const again: readonly Step[] = [unassign, withdraw, rotate, assignOther];
    const renewed = await endTogether(6, again);
    expect(renewed.map(kinds)).toEqual(Array(6).fill(again.map(() => 'done')));
    expect(graph.batches().map((items) => items.length)).toEqual(Array(6).fill(again.length));
  });
});
