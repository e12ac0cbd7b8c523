import { readFileSync } from 'node:fs';
import { redacted } from './redacted.js';
import type { Redacted } from './redacted.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables, each also as the file that `NAME_FILE` names, and collects what is wrong with them. */
export interface EnvironmentReader {
  /** One sentence each, without what a secret holds. */
  readonly faults: string[];
  text(name: string): string | undefined;
  secret(name: string): Redacted<string> | undefined;
  oneOf<T extends string>(name: string, allowed: readonly T[], fallback: T): T;
  /** Separated by commas. */
  list(name: string): readonly string[];
}

export const readEnvironment = (env: Environment): EnvironmentReader => {
  const faults: string[] = [];
  const known = new Map<string, string | undefined>();
  // Read once, so that a fault is told once.
  const text = (name: string): string | undefined => {
    if (!known.has(name)) known.set(name, read(name));
    return known.get(name);
  };
  const read = (name: string): string | undefined => {
    const direct = env[name]?.trim();
    const file = env[`${name}_FILE`]?.trim();
    if (file === undefined || file === '') return direct === '' ? undefined : direct;
    if (direct !== undefined && direct !== '') faults.push(`${name} and ${name}_FILE are both set; keep one.`);
    try {
      const content = readFileSync(file, 'utf8').trim();
      if (content === '') faults.push(`${name}_FILE names ${file}, which is empty.`);
      return content === '' ? undefined : content;
    } catch {
      faults.push(`${name}_FILE names ${file}, which cannot be read.`);
      return undefined;
    }
  };
  const secret = (name: string): Redacted<string> | undefined => {
    const value = text(name);
    return value === undefined ? undefined : redacted(value);
  };
  const oneOf = <T extends string>(name: string, allowed: readonly T[], fallback: T): T => {
    const value = text(name);
    const known = allowed.find((one) => one === value);
    if (value !== undefined && known === undefined) faults.push(`${name} must be one of ${allowed.join(', ')}.`);
    return known ?? fallback;
  };
  const list = (name: string): readonly string[] =>
    (text(name) ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  return { faults, text, secret, oneOf, list };
};
