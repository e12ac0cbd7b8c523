import type { z } from 'zod';
import type { DirectoryFault } from '../engine/faults.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { mayRepeat } from './call.js';
import type { BatchItem, Graph } from './call.js';
import { faultOf, malformed } from './errors.js';
import type { GraphAnswer } from './errors.js';
import type { Patience } from './patience.js';

/** Reading from Graph: several things in one round trip, and lists to their end. */

type Answers<Name extends string> = Readonly<Record<Name, GraphAnswer>>;

/** One batch of GETs; those that stumbled are asked again. The answers have any status. */
export const readTogether = async <Name extends string>(
  graph: Graph,
  paths: Readonly<Record<Name, string>>,
  patience: Patience,
): Promise<Result<Answers<Name>, DirectoryFault>> => {
  let asked: readonly BatchItem[] = Object.entries<string>(paths).map(([id, path]) => ({ id, method: 'GET', path }));
  const answers = new Map<string, GraphAnswer>();

  for (let attempt = 1; ; attempt += 1) {
    const got = await graph.batch(asked, patience);
    if (!got.ok) return err(got.error.fault);
    for (const { id } of asked) {
      const answer = got.value.get(id);
      if (answer === undefined) return err(malformed(`the batch has no answer for ${id}`));
      answers.set(id, answer);
    }
    const stumbled = asked.filter(({ id }) => mayRepeat(answers.get(id) as GraphAnswer, true));
    const askedMs = stumbled.map(({ id }) => answers.get(id)?.retryAfterMs ?? 0);
    const longest = Math.max(0, ...askedMs);
    if (stumbled.length === 0) break;
    if (!(await patience.pause(attempt, longest > 0 ? longest : undefined))) break;
    asked = stumbled;
  }
  return ok(Object.fromEntries(answers) as Answers<Name>);
};

/** The answer's body, if it was a success of this shape. */
export const readBody = <Shape extends z.ZodType>(
  shape: Shape,
  answer: GraphAnswer,
): Result<z.infer<Shape>, DirectoryFault> => {
  if (answer.status !== 200) return err(faultOf(answer));
  const parsed = shape.safeParse(answer.body);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  return err(malformed(`unreadable answer at '${issue?.path.join('.') ?? ''}': ${issue?.code ?? 'unknown'}`));
};

interface Page<Row> {
  readonly value: readonly Row[];
  readonly '@odata.nextLink'?: string | undefined;
}

const MOST_PAGES = 50;

/** Graph's own largest page has 999. */
const MOST_ROWS_A_PAGE = 5_000;

/** The path of a link to a next page, unless it leads away from this Graph: our token goes nowhere else. */
const pathOfLink = (graph: Graph, link: string): string | undefined => {
  if (!URL.canParse(link)) return undefined;
  const root = new URL(`${graph.baseUrl.replace(/\/+$/, '')}/v1.0/`);
  const url = new URL(link);
  const isOurs =
    url.origin === root.origin &&
    url.username === '' &&
    url.password === '' &&
    url.pathname.startsWith(root.pathname) &&
    // The SDK asks the host of whatever address it finds inside a path.
    !`${url.pathname}${url.search}`.includes('https://');
  return isOurs ? `${url.pathname.slice(root.pathname.length - 1)}${url.search}` : undefined;
};

const isOverlong = ({ body }: GraphAnswer): boolean =>
  typeof body === 'object' &&
  body !== null &&
  'value' in body &&
  Array.isArray(body.value) &&
  body.value.length > MOST_ROWS_A_PAGE;

/** Every row of a list, of which the first page is already here. */
export const readRows = async <Row>(
  graph: Graph,
  shape: z.ZodType<Page<Row>>,
  first: GraphAnswer,
  patience: Patience,
): Promise<Result<readonly Row[], DirectoryFault>> => {
  const rows: Row[] = [];
  const seen = new Set<string>();
  let answer = first;
  for (let pages = 1; pages <= MOST_PAGES; pages += 1) {
    if (isOverlong(answer)) return err(malformed(`a page of more than ${MOST_ROWS_A_PAGE} rows`));
    const page = readBody(shape, answer);
    if (!page.ok) return page;
    rows.push(...page.value.value);
    const link = page.value['@odata.nextLink'];
    if (link === undefined) return ok(rows);
    const path = pathOfLink(graph, link);
    if (path === undefined) return err(malformed('the link to the next page leads elsewhere'));
    if (seen.has(path)) return err(malformed('the pages of a list go round in a circle'));
    seen.add(path);
    const next = await graph.send({ method: 'GET', path }, patience);
    if (!next.ok) return err(next.error.fault);
    answer = next.value;
  }
  return err(malformed(`a list of more than ${MOST_PAGES} pages`));
};
