import type { Fault } from '../../engine/faults.js';
import { personId, requestId } from '../../engine/ids.js';
import { idsOf } from '../../engine/person.js';
import { parseSince } from '../../engine/since.js';
import type { AuditFilter, AuditLine } from '../../flows/ports/audit.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import { shortened } from '../asking.js';
import { auditLine, idsIn } from '../audit-words.js';
import type { Line } from '../view.js';
import { LISTING, PAGE, pagedFrom } from './listing.js';
import { maybe, verb } from './noun.js';
import type { AdminContext, Noun, Said } from './noun.js';
import { personSeen } from './people-meant.js';

const FILTERS = {
  request: maybe('ID', 'only what concerns this request'),
  person: maybe('PERSON', 'only what they did, or what concerns them'),
  since: maybe('TIME', 'only what is newer: 12h, 7d, 2w, or a day like 2026-03-01'),
};

/** A page is read from the newest line on: beyond this, narrowing down is quicker for everybody. */
const MOST_PAGES = 100;

const list = verb({
  name: 'list',
  summary: 'reads the audit log, newest first',
  needs: 'see',
  arguments: {},
  options: { ...FILTERS, page: LISTING.page },
  examples: [
    '/jit admin audit',
    '/jit admin audit --request R-7K2M',
    '/jit admin audit --person @tess --since 7d',
    '/jit admin audit --since 2w --page 2',
  ],
  notes: ['Times are yours. npm run audit, where I run, checks the log and exports all of it.'],
  run: async (ctx, _, { page, ...asked }) => {
    const filter = await filterMeant(ctx, asked);
    if (!filter.ok) return filter;
    const options = Object.fromEntries(
      Object.entries(asked).flatMap(([name, said]) => (said === undefined ? [] : [[name, said]])),
    );
    const listing = { noun: 'audit', title: 'Audit log', empty: 'Nothing on record that fits and that you may see.' };
    if (Number(page ?? 1) > MOST_PAGES) {
      const problem = 'narrow it down by --since, --person or --request; npm run audit exports everything';
      return err({ code: 'admin.invalid', field: '--page', problem });
    }
    return pagedFrom(listing, page, options, async (skip) => {
      const read = await ctx.deps.audit.read(filter.value, skip + PAGE + 1);
      const lines = await inWords(ctx, read.slice(skip, skip + PAGE));
      return { lines, total: read.length, isOpen: true };
    });
  },
});

const filterMeant = async (ctx: AdminContext, asked: Said<typeof FILTERS>): Promise<Result<AuditFilter, Fault>> => {
  const { standing, turn } = ctx;
  const person = asked.person === undefined ? ok(undefined) : await personSeen(ctx, asked.person);
  if (!person.ok) return person;
  const since =
    asked.since === undefined ? undefined : parseSince(asked.since, turn.reading.zone ?? 'utc', turn.reading.today);
  if (asked.since !== undefined && since === undefined) {
    const problem = 'write it like 12h, 7d, 2w or 2026-03-01, and in the past';
    return err({ code: 'admin.invalid', field: '--since', problem });
  }
  return ok({
    ...(standing.owner || standing.auditor ? {} : { organizations: standing.adminOf }),
    ...(asked.request === undefined ? {} : { request: requestId(shortened(asked.request).toUpperCase()) }),
    ...(person.value === undefined ? {} : { people: idsOf(person.value) }),
    ...(since === undefined ? {} : { since }),
  });
};

const inWords = async ({ deps, turn }: AdminContext, lines: readonly AuditLine[]): Promise<readonly Line[]> => {
  const ids = [...new Set(lines.flatMap(({ event }) => idsIn(event)))];
  const people = await deps.people.byIds(ids.map(personId));
  const names = new Map(people.flatMap((person) => idsOf(person).map((id) => [id, person.name] as const)));
  return lines.map(({ event }) => auditLine(event, names, turn.reading));
};

export const audit: Noun = {
  name: 'audit',
  summary: 'who did what, and what was refused',
  verbs: [list],
  bare: 'list',
  pages: 'list',
};
