import { RE2JS } from 're2js';
import type { DirectoryGroup, ExistingUser, Role } from './access.js';
import { mayBePrivileged } from './roles.js';
import type { Selector, Thing, What } from './rule.js';

// A rule is held against many names and a name against many rules: each text is read once.
const MOST_REMEMBERED = 10_000;

const remembering = <T>(read: (text: string) => T): ((text: string) => T) => {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= MOST_REMEMBERED) known.clear();
    const made = read(text);
    known.set(text, made);
    return made;
  };
};

/** How names are compared: neither case nor the way in which an accent is written matters. */
const folded = remembering((text) => text.normalize('NFC').toUpperCase());

/** What a name must begin with, hold in this order, and end with. `tail` is absent where there is no `*`. */
interface Glob {
  readonly head: string;
  readonly middle: readonly string[];
  readonly tail?: string;
}

const globOf = remembering((pattern): Glob => {
  const [head = '', ...rest] = folded(pattern).split('*');
  const tail = rest.pop();
  return tail === undefined ? { head, middle: [] } : { head, middle: rest, tail };
});

/**
 * Whether a name fits a pattern, in which `*` stands for any characters. Searched by hand: a regular expression with
 * several stars takes ages to find that a long name does not fit.
 */
export const fitsPattern = (pattern: string, name: string): boolean => {
  const { head, middle, tail } = globOf(pattern);
  const text = folded(name);
  if (tail === undefined) return text === head;
  if (!text.startsWith(head)) return false;
  let from = head.length;
  for (const part of middle) {
    const at = text.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return text.length - tail.length >= from && text.endsWith(tail);
};

export const isGroup = (thing: Thing): thing is DirectoryGroup => 'roleAssignable' in thing;

/** Whether a role that may be privileged, or a group that may hold such a one: no pattern ever grants such a thing. */
export const isPrivileged = (thing: Role | DirectoryGroup): boolean =>
  isGroup(thing) ? thing.roleAssignable : mayBePrivileged(thing);

/** Whether a selector of an allowing rule grants a thing. What is given in the whole directory may be confined to a unit. */
export const grants = (selector: Selector<string>, thing: Thing): boolean =>
  selector.kind === 'one'
    ? selector.id === thing.id && (selector.unit === undefined || selector.unit.id === unitOf(thing))
    : !isPrivileged(thing) && fitsPattern(selector.pattern, thing.name);

/** Whether a selector of a denying rule means a thing. What holds in the whole directory holds in every unit of it. */
export const means = (selector: Selector<string>, thing: Thing): boolean => {
  if (selector.kind === 'pattern') return fitsPattern(selector.pattern, thing.name);
  if (selector.id !== thing.id) return false;
  const unit = unitOf(thing);
  return selector.unit === undefined || unit === undefined || selector.unit.id === unit;
};

const unitOf = (thing: Thing): string | undefined => (isGroup(thing) ? undefined : thing.unit?.id);

/** Who belongs elsewhere as well: what happens to them here is not this tenant's affair alone. */
export const isOutsider = ({ origin }: Pick<ExistingUser, 'origin'>): boolean => origin !== 'cloud';

/** Whether a list of users has this one in it: by object id, or by user principal name. */
export const listsUser = (users: readonly Selector<string>[], user: ExistingUser): boolean =>
  users.some((one) => (one.kind === 'one' ? one.id === user.id : fitsPattern(one.pattern, user.upn)));

/** Whether an allowing rule lends this user; nobody whom it does not name, and outsiders only where it says so. */
export const lends = ({ users = [], outsiders = false }: What, user: ExistingUser): boolean =>
  (outsiders || !isOutsider(user)) && listsUser(users, user);

/** A short expression can stand for a huge program, which takes seconds and megabytes to hold against a short text. */
const LARGEST_PROGRAM = 1_000;

const expressionOf = remembering((expression): RE2JS | 'unreadable' => {
  try {
    const read = RE2JS.compile(expression);
    return read.programSize() > LARGEST_PROGRAM ? 'unreadable' : read;
  } catch {
    return 'unreadable';
  }
});

/** Whether an expression can be read; RE2's kind, which no input makes slow. */
export const isExpression = (expression: string): boolean => expressionOf(expression) !== 'unreadable';

/** Whether all of a text matches an expression. Nothing matches one that cannot be read. */
export const fitsExpression = (expression: string, text: string): boolean => {
  const read = expressionOf(expression);
  return read !== 'unreadable' && read.matches(text);
};
