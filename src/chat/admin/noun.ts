/**
 * What admins can say: `/jit admin NOUN VERB ARGUMENTS --options`. One table, from which come parsing, `--help`,
 * `/jit help admin NOUN VERB`, "did you mean", who may say it, and the tests that hold all of them.
 *
 * A noun is a file of this folder, listed in `nouns.ts`. A verb says what it takes, what it needs, and what it does:
 *
 *     verb({
 *       name: 'rename',
 *       summary: 'gives it another name',
 *       needs: 'change',
 *       arguments: { rule: needed('RULE', 'name or id'), name: needed('NAME', 'the new name') },
 *       options: {},
 *       examples: ['/jit admin rule rename "Leads approve" "Leads approve Exchange"'],
 *       run: async (ctx, { rule, name }, {}) => …,
 *     })
 *
 * What a verb reads, it reads through `ctx.sight`, which holds nothing that this person may not see; what it changes,
 * it asks `mayTouch` (flows/change.ts) about. A button `admin-remove` with `NOUN/ID` says the noun's `remove ID --yes`, a
 * button `page` with `NOUN/2/…` its `pages` verb with `--page 2`; both are read and judged as if they were typed.
 */
import type { Fault } from '../../engine/faults.js';
import type { Standing } from '../../engine/organization.js';
import type { Admin } from '../../flows/change.js';
import type { Sight } from '../../flows/seen.js';
import type { Result } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import type { ChatDeps, Turn } from '../deps.js';

/** Who speaks, as loaded for this very turn, and all that they may see. */
export interface AdminContext {
  readonly deps: ChatDeps;
  readonly turn: Turn;
  readonly standing: Standing;
  readonly sight: Sight;
  /** The same person, as flows that change something want to know them. */
  readonly admin: Admin;
}

/** `needed`: exactly one; `maybe`: one or none; `many`: any number; `flag`: said or not. */
export type WordKind = 'needed' | 'maybe' | 'many' | 'flag';

/** One argument or option. */
export interface Word<K extends WordKind = WordKind> {
  readonly kind: K;
  /** What stands for its value in help, `PERSON`; of a flag nothing. */
  readonly placeholder: string;
  readonly help: string;
}

type ValueOf<W> =
  W extends Word<infer K>
    ? {
        readonly needed: string;
        readonly maybe: string | undefined;
        readonly many: readonly string[];
        readonly flag: boolean;
      }[K]
    : never;

export type Words = Readonly<Record<string, Word>>;

export type Said<W extends Words> = { readonly [Name in keyof W]: ValueOf<W[Name]> };

/** What was said, before the verb's own words give it types. */
export type SaidWords = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

const wordOf =
  <K extends WordKind>(kind: K) =>
  (placeholder: string, help: string): Word<K> => ({ kind, placeholder, help });

export const needed = wordOf('needed');
export const maybe = wordOf('maybe');
export const many = wordOf('many');
export const flag = (help: string): Word<'flag'> => ({ kind: 'flag', placeholder: '', help });

/** `see`: whoever has any standing; `change`: owners and admins of an organization; `own`: owners alone. */
export type Need = 'see' | 'change' | 'own';

interface VerbBasics {
  readonly name: string;
  /** Goes on after the command: "makes a group, or adds people to it". */
  readonly summary: string;
  readonly needs: Need;
  /** At least one; each is a whole command that parses. */
  readonly examples: readonly string[];
  /** More to say in its help, a sentence each. */
  readonly notes?: readonly string[];
}

export interface VerbOf<A extends Words, O extends Words> extends VerbBasics {
  /** In their order; only the last one may be `many`. */
  readonly arguments: A;
  /** By name, without the dashes: `add-admin`. */
  readonly options: O;
  readonly run: (ctx: AdminContext, args: Said<A>, options: Said<O>) => Promise<Result<Answer, Fault>>;
}

export interface Verb extends VerbBasics {
  readonly arguments: Words;
  readonly options: Words;
  readonly run: (ctx: AdminContext, args: SaidWords, options: SaidWords) => Promise<Result<Answer, Fault>>;
}

/** The parser hands over what the verb's own words describe; the compiler sees that only here. */
export const verb = <A extends Words, O extends Words>(described: VerbOf<A, O>): Verb => described as unknown as Verb;

export interface Noun {
  readonly name: string;
  /** What it is, one sentence. */
  readonly summary: string;
  readonly verbs: readonly Verb[];
  /** The verb that is meant where none is said; absent: help. */
  readonly bare?: string;
  /** The verb that `page` buttons turn the pages of. */
  readonly pages?: string;
}

export const verbOf = (noun: Noun, name: string): Verb | undefined => noun.verbs.find((known) => known.name === name);
