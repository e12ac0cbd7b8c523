import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { batchAnswer } from './answers.js';
import { malformed, writeFailure } from './errors.js';
import type { CallFailure, GraphAnswer } from './errors.js';
import { asAnswer, readRetryAfter } from './exchange.js';

/** Each item's answer, by its id: of nothing but what was asked, and of nothing twice. Whatever is left out is missing. */
export const readBatchAnswer = (
  got: GraphAnswer,
  asked: ReadonlySet<string>,
  now: Date,
): Result<ReadonlyMap<string, GraphAnswer>, CallFailure> => {
  if (got.status !== 200) return err(writeFailure(got, 'codes-only'));
  if (countOf(got.body) > asked.size) return unreadable('a batch has more answers than items');
  const parsed = batchAnswer.safeParse(got.body);
  if (!parsed.success) return unreadable('the answer to a batch is no batch of answers');
  const answers = new Map<string, GraphAnswer>();
  for (const { id, status, headers, body } of parsed.data.responses) {
    if (!asked.has(id)) return unreadable('a batch answers what was never asked');
    if (answers.has(id)) return unreadable('a batch answers twice to the same item');
    const retryAfterMs = readRetryAfter(headerOf(headers, 'retry-after'), now);
    answers.set(id, asAnswer(status, body, { retryAfterMs, requestId: headerOf(headers, 'request-id') }));
  }
  return ok(answers);
};

/** Graph may have acted on every item. */
const unreadable = (detail: string): Result<never, CallFailure> => err({ fault: malformed(detail), unclear: true });

const countOf = (body: unknown): number =>
  typeof body === 'object' && body !== null && 'responses' in body && Array.isArray(body.responses)
    ? body.responses.length
    : 0;

const headerOf = (headers: Readonly<Record<string, string>> | undefined, name: string): string | undefined =>
  Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
