/** Long lists, a page at a time. */
import type { Fault } from '../../engine/faults.js';
import type { SeenShelf } from '../../flows/seen.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { card, show } from '../answers.js';
import { cleaned, shortened } from '../asking.js';
import { line } from '../say.js';
import type { ActButton, Card, Line } from '../view.js';
import { maybe } from './noun.js';
import type { AdminContext, SaidWords } from './noun.js';

/** As many lines as a phone shows without losing the reader. */
export const PAGE = 15;

/** The options of every list. */
export const LISTING = {
  page: maybe('NUMBER', 'which page, from 1'),
  find: maybe('WORDS', 'only names that hold these words'),
};

export interface Listing {
  /** The noun whose `pages` verb turns the pages. */
  readonly noun: string;
  /** What stands above, `Rules`. */
  readonly title: string;
  /** What to say, and to type next, where there is nothing. */
  readonly empty: string;
  /** What to type next, below the list. */
  readonly next?: Line;
}

export interface Paging {
  readonly page: string | undefined;
  readonly find?: string | undefined;
}

/** A list of things that are kept on a shelf, as far as they are in sight. */
export const paged = async <T>(
  ctx: AdminContext,
  listing: Listing,
  { page, find }: Paging,
  shelf: SeenShelf<T, never>,
  lineOf: (item: T, ctx: AdminContext) => Line | Promise<Line>,
): Promise<Result<Answer, Fault>> => {
  const words = cleaned(find ?? '');
  return pagedFrom(listing, page, words === '' ? {} : { find: shortened(words) }, async (skip) => {
    const { items, total } = await shelf.page({ ...(words === '' ? {} : { words }), skip, limit: PAGE });
    return { lines: await Promise.all(items.map(async (item) => lineOf(item, ctx))), total };
  });
};

export interface Lines {
  readonly lines: readonly Line[];
  readonly total: number;
  /** `total` is only what is known so far: nobody counts a log. */
  readonly isOpen?: boolean;
}

/** Any list: `read` gives the lines from `skip` on, and how many there are in all. `options` come back with the buttons. */
export const pagedFrom = async (
  listing: Listing,
  typedPage: string | undefined,
  options: Readonly<Record<string, string>>,
  read: (skip: number) => Promise<Lines>,
): Promise<Result<Answer, Fault>> => {
  const page = pageNumber(typedPage);
  if (page === undefined)
    return err({ code: 'admin.invalid', field: '--page', problem: 'give a number, as in --page 2' });
  const { lines, total, isOpen = false } = await read((page - 1) * PAGE);
  const last = Math.max(1, Math.ceil(total / PAGE));
  if (page > last) return err({ code: 'admin.invalid', field: '--page', problem: pagesThereAre(last) });
  return ok(show(listOf(listing, lines, { page, last, isOpen, options })));
};

const pagesThereAre = (last: number): string => (last === 1 ? 'there is only one page' : `there are ${last} pages`);

const pageNumber = (typed: string | undefined): number | undefined => {
  if (typed === undefined) return 1;
  return /^[1-9]\d{0,5}$/u.test(typed) ? Number(typed) : undefined;
};

interface Position {
  readonly page: number;
  readonly last: number;
  readonly isOpen: boolean;
  readonly options: Readonly<Record<string, string>>;
}

const listOf = ({ noun, title, empty, next }: Listing, lines: readonly Line[], position: Position): Card => {
  const { page, last, isOpen, options } = position;
  if (lines.length === 0)
    return card(title, [line(options['find'] === undefined ? empty : `No name holds ${options['find']}.`)]);
  const turn = (to: number, label: string): readonly ActButton[] =>
    to < 1 || to > last ? [] : [{ verb: 'page', id: pageId(noun, to, options), label, style: 'default' }];
  const where =
    last === 1
      ? []
      : [
          line(
            isOpen ? `Page ${page}. ` : `Page ${page} of ${last}. `,
            ...(page < last ? [`--page ${page + 1} goes on.`] : []),
          ),
        ];
  return card(
    title,
    [...lines, ...where, ...(next === undefined ? [] : [next])],
    [...turn(page - 1, 'Previous'), ...turn(page + 1, 'Next')],
  );
};

const pageId = (noun: string, page: number, options: Readonly<Record<string, string>>): string => {
  const rest = new URLSearchParams(options).toString();
  return `${noun}/${page}${rest === '' ? '' : `/${rest}`}`;
};

/** What a `page` button means: the noun, and the options of its verb. */
export const turnedPage = (id: string): { readonly noun: string; readonly options: SaidWords } => {
  const [noun = '', page = '', rest = ''] = id.split('/');
  return { noun, options: { ...Object.fromEntries(new URLSearchParams(rest)), page } };
};
