import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import nock from 'nock';
import type { DirectoryFault } from '../../../src/engine/faults.js';
import { redacted } from '../../../src/lib/redacted.js';
import {
  CLIENT_SECRET,
  closeNetwork,
  fakeGraph,
  grantTokens,
  graphError,
  KNOWN_USER,
  LOGIN,
  reopenNetwork,
  stageDirectory,
  TENANT,
  TOKEN,
  unasked,
  USER,
} from '../../fakes/graph.js';

const PASSWORD = 'Kp7#mWx4_Rt9?Zb2=Nd6@Hq3';

beforeEach(closeNetwork);
afterEach(reopenNetwork);

const faultOfRead = async (): Promise<DirectoryFault | undefined> => {
  const read = await stageDirectory().directory.roles(TENANT);
  return read.ok ? undefined : read.error;
};

const create = { do: 'create', enabled: true, generation: 1 } as const;

describe('every refusal of Graph is one fault, with its code and request id for the log', () => {
  beforeEach(grantTokens);

  it.each([
    [400, 'Request_BadRequest', 'directory.rejected'],
    [401, 'InvalidAuthenticationToken', 'directory.credential'],
    [401, 'Authorization_IdentityNotFound', 'directory.consent'],
    [403, 'Authorization_RequestDenied', 'directory.forbidden'],
    [404, 'Request_ResourceNotFound', 'directory.not-found'],
    [409, 'Conflict', 'directory.rejected'],
    [500, 'InternalServerError', 'directory.unavailable'],
    [302, 'Moved', 'directory.malformed'],
    // A code says more than the status that it comes with.
    [400, 'AadPremiumLicenseRequired', 'directory.licence'],
    [403, 'AadPremiumLicenseRequired', 'directory.licence'],
    [403, 'Authentication_RequestFromNonPremiumTenantOrB2CTenant', 'directory.licence'],
    [400, 'ActiveDurationTooShort', 'directory.too-soon'],
    [400, 'PendingRoleAssignmentRequest', 'directory.unavailable'],
    [400, 'RoleAssignmentExists', 'directory.rejected'],
    [400, 'RoleAssignmentDoesNotExist', 'directory.not-found'],
    [403, 'Directory_QuotaExceeded', 'directory.quota'],
    [400, 'Authorization_RequestDenied', 'directory.forbidden'],
    [409, 'Directory_ConcurrencyViolation', 'directory.unavailable'],
    // Nothing that a code could be mistaken for: what every object has by itself.
    [400, 'constructor', 'directory.rejected'],
  ])('%i %s is %s', async (status, code, fault) => {
    const graph = fakeGraph();
    graph.get(status, graphError(code));
    // A refused token is replaced once before anybody hears of it.
    if (status === 401) graph.get(status, graphError(code));
    const found = await faultOfRead();
    expect(found?.code).toBe(fault);
    expect(found?.detail).toContain(code);
    expect(found?.detail).toContain('aaaa-1111');
  });

  it('names a gateway’s page without quoting it', async () => {
    fakeGraph().get(403, '<html><body>Blocked by the proxy</body></html>', { 'content-type': 'text/html' });
    expect(await faultOfRead()).toEqual({ code: 'directory.forbidden', detail: '403 without an error code' });
  });

  it.each([
    ['a page', '<html></html>'],
    ['nothing', ''],
    ['half an answer', '{"value":[{"id"'],
    ['a list of nothing known', { value: [{ id: 7 }] }],
    ['no list', { value: 'none' }],
    ['null', 'null'],
  ])('takes %s for malformed, not for an empty list', async (_what, body) => {
    fakeGraph().get(200, body);
    expect((await faultOfRead())?.code).toBe('directory.malformed');
  });
});

describe('a sign-in that fails is told apart', () => {
  const refuse = (status: number, body: object | string): void => {
    nock(LOGIN)
      .persist()
      .post(/\/token/)
      .reply(status, body);
  };

  it.each([
    ['AADSTS7000215', 'directory.credential'],
    ['AADSTS7000222', 'directory.credential'],
    ['AADSTS700027', 'directory.credential'],
    ['AADSTS700024', 'directory.credential'],
    ['AADSTS500133', 'directory.credential'],
    ['AADSTS700213', 'directory.credential'],
    ['AADSTS53003', 'directory.forbidden'],
    ['AADSTS90055', 'directory.throttled'],
    ['AADSTS123456789', 'directory.credential'],
    ['AADSTS700016', 'directory.consent'],
    ['AADSTS7000229', 'directory.consent'],
    ['AADSTS65001', 'directory.consent'],
    ['AADSTS650052', 'directory.consent'],
    ['AADSTS90002', 'directory.not-found'],
    ['AADSTS90033', 'directory.unavailable'],
  ])('%s is %s', async (number, fault) => {
    refuse(400, { error: 'invalid_request', error_description: `${number}: Something. Trace ID: 1-2` });
    expect(await faultOfRead()).toEqual({ code: fault, detail: `sign-in: ${number}` });
  });

  it('and nothing was written then', async () => {
    refuse(401, { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret provided.' });
    const [outcome] = await stageDirectory().directory.apply(TENANT, USER, [create], redacted(PASSWORD));
    expect(outcome).toMatchObject({ kind: 'failed', unclear: false, fault: { code: 'directory.credential' } });
  });

  it('a login authority that cannot be reached is a passing fault, and nothing was written', async () => {
    nock(LOGIN)
      .persist()
      .post(/\/token/)
      .replyWithError(Object.assign(new Error('nowhere'), { code: 'ENOTFOUND' }));
    const [outcome] = await stageDirectory().directory.apply(TENANT, USER, [create], redacted(PASSWORD));
    expect(outcome).toMatchObject({ kind: 'failed', unclear: false, fault: { code: 'directory.unavailable' } });
  });

  it('a login authority that does not answer is given up at the deadline', async () => {
    nock(LOGIN)
      .persist()
      .post(/\/token/)
      .delay(60_000)
      .reply(200, {});
    const { directory } = stageDirectory({ deadlineMs: 100 });
    const [outcome] = await directory.apply(TENANT, USER, [create], redacted(PASSWORD));
    expect(outcome).toEqual({
      kind: 'failed',
      unclear: false,
      fault: { code: 'directory.unavailable', detail: 'the login authority did not answer in time' },
    });
  });

  it('an id that is none never reaches the login authority', async () => {
    const { directory } = stageDirectory();
    expect(await directory.describe('../common')).toMatchObject({ ok: false, error: { code: 'directory.not-found' } });
  });
});

describe('a connection that breaks', () => {
  beforeEach(grantTokens);

  it('leaves a write unclear', async () => {
    fakeGraph().cut('post');
    const [outcome] = await stageDirectory().directory.apply(TENANT, USER, [create], redacted(PASSWORD));
    expect(outcome).toMatchObject({ kind: 'failed', unclear: true, fault: { code: 'directory.unclear' } });
  });

  it('leaves nothing unclear where there never was one', async () => {
    fakeGraph().cut('post', 'ECONNREFUSED');
    const [outcome] = await stageDirectory().directory.apply(TENANT, USER, [create], redacted(PASSWORD));
    expect(outcome).toMatchObject({ kind: 'failed', unclear: false, fault: { code: 'directory.unavailable' } });
  });

  it('at the deadline leaves a write unclear', async () => {
    fakeGraph().hang('post');
    const { directory } = stageDirectory({ deadlineMs: 200 });
    const [outcome] = await directory.apply(TENANT, USER, [create], redacted(PASSWORD));
    expect(outcome).toMatchObject({ kind: 'failed', unclear: true, fault: { code: 'directory.unclear' } });
  });
});

describe('secrets', () => {
  beforeEach(grantTokens);

  it('reach no outcome and no log, even where Graph throws everything back at us', async () => {
    const graph = fakeGraph();
    const echo = (text: string): object => graphError(`Echo ${text}`, text, [{ code: text, target: text }]);
    const all = `${PASSWORD} ${TOKEN} ${CLIENT_SECRET}`;
    graph.post(400, echo(all));
    graph.batch(() => ({ status: 400, body: echo(all) }));
    graph.post(400, echo(all));
    const { directory, logged } = stageDirectory();
    const set = [{ do: 'set', enabled: true, generation: 2 } as const];
    const outcomes = [
      await directory.apply(TENANT, USER, [create], redacted(PASSWORD)),
      await directory.apply(TENANT, KNOWN_USER, set, redacted(PASSWORD)),
      await directory.apply(TENANT, KNOWN_USER, set, redacted(PASSWORD)),
    ];
    const seen = JSON.stringify(outcomes) + logged();
    expect(unasked()).toEqual([]);
    expect(JSON.stringify(graph.calls)).toContain(PASSWORD);
    for (const secret of [PASSWORD, TOKEN, CLIENT_SECRET]) expect(seen).not.toContain(secret);
  });
});
