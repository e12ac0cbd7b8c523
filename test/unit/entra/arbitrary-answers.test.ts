import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakGlassId, directoryUserId, tenantId } from '../../../src/engine/ids.js';
import {
  assignmentPage,
  graphError,
  groupPage,
  rolePage,
  standingAnswer,
  userAnswer,
} from '../../../src/entra/answers.js';
import { readBatchAnswer } from '../../../src/entra/batch-answer.js';
import { auditPage, initialDomainPage, policyPage, signInPage } from '../../../src/entra/break-glass-answers.js';
import { create, disable, makeAdministrator, setPassword } from '../../../src/entra/break-glass-writes.js';
import type { Graph } from '../../../src/entra/call.js';
import { faultOf } from '../../../src/entra/errors.js';
import { createPatience } from '../../../src/entra/patience.js';
import { readBody, readRows, readTogether } from '../../../src/entra/read.js';
import { redacted } from '../../../src/lib/redacted.js';
import { ok } from '../../../src/lib/result.js';
import { NOON } from '../../fakes/fixtures.js';

/** Whatever JSON stands in an answer's place: no reader throws, and none succeeds with anything but its own shape. */

const GRAPH = 'https://graph.microsoft.com';
const IDS = ['user', 'groups'];

// Near misses: our own property names and values, of wrong types and in wrong places.
const word = fc.constantFrom(
  'id',
  'status',
  'value',
  'responses',
  'error',
  'code',
  'accountEnabled',
  '@odata.nextLink',
);
const text = fc.constantFrom('user', 'groups', '200', '', `${GRAPH}/v1.0/x`, 'bbbbbbbb-0000-4000-8000-00000000000b');
const leaf = fc.oneof(text, fc.boolean(), fc.constant(null), fc.constantFrom(-1, 0, 200, 204, 404, 1e308), fc.string());
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(word, fc.string()), tie('json'), { maxKeys: 5 }),
  ),
}));
const rows = fc.record(
  { value: fc.array(json, { maxLength: 3 }), '@odata.nextLink': json },
  { requiredKeys: ['value'] },
);
const responses = fc.record({
  responses: fc.array(fc.record({ id: fc.oneof(text, json), status: fc.oneof(json, fc.nat(700)), body: json }), {
    maxLength: 3,
  }),
});
const body = fc.oneof(json, fc.jsonValue(), rows, responses);
const refusal = fc.record({ error: fc.record({ code: text, message: fc.string() }, { requiredKeys: ['code'] }) });
const status = fc.oneof(fc.constant(200), fc.integer({ min: 100, max: 599 }));
const answer = fc.record({ status, body });

const clock = { now: () => NOON };
const patience = () =>
  createPatience({ clock, random: { bytes: Buffer.alloc, below: () => 0 }, sleep: () => Promise.resolve() });

/** A Graph whose every answer is this one. */
const graphOf = (got: { readonly status: number; readonly body: unknown }): Graph => ({
  clientId: 'c',
  baseUrl: GRAPH,
  graphAddress: GRAPH,
  ready: async () => ok(undefined),
  send: async () => ok(got),
  batch: async (items) => readBatchAnswer(got, new Set(items.map(({ id }) => id)), NOON),
  isFree: () => true,
  strain: () => ({ refused: 0, used: 0 }),
});

describe('any JSON in the place of an answer', () => {
  it.each([
    ['a user', userAnswer],
    ['a standing', standingAnswer],
  ])('never passes for %s that it is not', (_what, shape) => {
    fc.assert(
      fc.property(answer, (got) => {
        const read = readBody(shape, got);
        expect(read.ok).toBe(got.status === 200 && shape.safeParse(got.body).success);
        expect(read.ok || read.error.code.startsWith('directory.')).toBe(true);
      }),
    );
  });

  it.each([
    ['role assignments', assignmentPage],
    ['groups', groupPage],
    ['roles', rolePage],
    ['domains', initialDomainPage],
    ['conditional access policies', policyPage],
    ['sign-ins', signInPage],
    ['changes', auditPage],
  ])('never passes for a list of %s that it is not, nor for an empty one', async (_what, shape) => {
    await fc.assert(
      fc.asyncProperty(answer, async (got) => {
        const read = await readRows<unknown>(graphOf(got), shape, got, patience());
        if (!read.ok) return;
        expect(got.status).toBe(200);
        expect(shape.parse(got.body)).toMatchObject({ value: read.value });
        expect(got.body).not.toHaveProperty(['@odata.nextLink']);
      }),
    );
  });

  it('never passes for the answers of a batch that it is not', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async (got) => {
        const read = readBatchAnswer(got, new Set(IDS), NOON);
        const answers = read.ok ? [...read.value] : [];
        expect(answers.every(([id, each]) => IDS.includes(id) && Number.isInteger(each.status))).toBe(true);
        const isSure = !read.ok && got.status === 200 && !read.error.unclear;
        expect(isSure).toBe(false);
        const together = await readTogether(graphOf(got), { user: '/users/1', groups: '/groups' }, patience());
        expect(!together.ok || Object.keys(together.value).toSorted().join()).toSatisfy(
          (found: unknown) => found === true || found === 'groups,user',
        );
      }),
    );
  });

  it('never passes for a write to an emergency administrator, nor for its sure refusal', async () => {
    const password = redacted('a-password-that-nobody-may-see');
    const user = directoryUserId('bbbbbbbb-0000-4000-8000-00000000000b');
    const account = { id: breakGlassId(tenantId('contoso'), 'one'), upn: 'one@contoso.onmicrosoft.com', name: 'one' };
    await fc.assert(
      fc.asyncProperty(fc.record({ status, body: fc.oneof(body, refusal) }), async (got) => {
        const newcomers = { add: () => undefined, has: () => false };
        const writing = { graph: graphOf(got), patience: patience(), newcomers };
        const outcomes = {
          create: await create(writing, account, password),
          setPassword: await setPassword(writing, user, password),
          makeAdministrator: await makeAdministrator(writing, user),
          disable: await disable(writing, user),
        };
        const isRefusal = got.status === 429 || (graphError.safeParse(got.body).success && got.status !== 408);
        const believed = Object.entries(outcomes).filter(([write, outcome]) => {
          const isCreation = write === 'create' || write === 'makeAdministrator';
          if (outcome.kind === 'failed')
            return !outcome.unclear && !(isRefusal && got.status >= 400 && got.status < 500);
          return got.status !== (isCreation ? 201 : 204) && !(write === 'makeAdministrator' && isRefusal);
        });
        expect(believed).toEqual([]);
        expect(JSON.stringify(outcomes)).not.toContain(password.reveal());
      }),
    );
  });

  it('always makes a fault that quotes little', () => {
    fc.assert(
      fc.property(answer, (got) => {
        const fault = faultOf(got);
        expect(fault.code).toMatch(/^directory\./);
        expect(fault.detail.length).toBeLessThan(1_000);
      }),
    );
  });
});
