import { RE2JS } from 're2js';
import type { RoleId } from './ids.js';
import { isPrivilegedRole } from './roles.js';
import type { Selector, Thing } from './rule.js';

// A rule is held against many names and a name against many rules: each pattern is read once.
const MOST_REMEMBERED = 10_000;
const globs = new Map<string, RegExp>();
const expressions = new Map<string, RE2JS>();

const remembered = <T>(known: Map<string, T>, text: string, read: (text: string) => T): T => {
  const found = known.get(text);
  if (found !== undefined) return found;
  if (known.size >= MOST_REMEMBERED) known.clear();
  const made = read(text);
  known.set(text, made);
  return made;
};

const readGlob = (pattern: string): RegExp => {
  const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);
  // Neighbouring stars mean no more than one, and would make a search that fails a slow one.
  const parts = pattern.replaceAll(/\*+/gu, '*').split('*').map(literal);
  return new RegExp(`^${parts.join('.*')}$`, 'iu');
};

/** Whether a name fits a pattern, in which `*` stands for any characters. Case does not matter. */
export const fitsPattern = (pattern: string, name: string): boolean => remembered(globs, pattern, readGlob).test(name);

/** Whether a privileged role, or a group that may hold one: no pattern ever grants such a thing. */
export const isPrivileged = (thing: Thing): boolean =>
  'roleAssignable' in thing ? thing.roleAssignable : thing.privileged === true || isPrivilegedRole(thing.id as RoleId);

/** Whether a selector of an allowing rule grants a thing. */
export const grants = (selector: Selector<string>, thing: Thing): boolean =>
  selector.kind === 'one'
    ? selector.id === thing.id
    : !isPrivileged(thing) && fitsPattern(selector.pattern, thing.name);

/** Whether a selector of a denying rule means a thing. */
export const means = (selector: Selector<string>, thing: Thing): boolean =>
  selector.kind === 'one' ? selector.id === thing.id : fitsPattern(selector.pattern, thing.name);

/** Whether an expression can be read; RE2's kind, which no input makes slow. */
export const isExpression = (expression: string): boolean => {
  try {
    RE2JS.compile(expression);
    return true;
  } catch {
    return false;
  }
};

export const fitsExpression = (expression: string, text: string): boolean =>
  remembered(expressions, expression, (source) => RE2JS.compile(source)).matches(text);
