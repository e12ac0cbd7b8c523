import { isDeepStrictEqual } from 'node:util';

export type Noun = 'organization' | 'tenant' | 'group' | 'template' | 'rule' | 'office' | 'settings';

/** One thing that the import would make or change. `write`: does it, unless somebody was faster. */
export interface Change {
  readonly noun: Noun;
  readonly name: string;
  readonly kind: 'add' | 'change';
  /** Which fields differ. */
  readonly fields: readonly string[];
  readonly before?: object;
  readonly after: object;
  readonly organization?: string;
  readonly write: () => Promise<boolean>;
}

export interface Compared {
  readonly change: Change;
  readonly known: boolean;
}

interface Comparison<T> {
  readonly noun: Noun;
  readonly name: string;
  readonly next: T;
  readonly previous: T | undefined;
  readonly portable: (item: T) => object;
  readonly add: () => Promise<boolean>;
  readonly replace: (previous: T) => Promise<boolean>;
  readonly organization?: string | undefined;
}

/** What writing `next` over `previous` would change, told in the portable form that people read. */
export const compare = <T>(comparison: Comparison<T>): Compared => {
  const { noun, name, next, previous, portable, add, replace, organization } = comparison;
  const after = portable(next);
  const whose = organization === undefined ? {} : { organization };
  if (previous === undefined) {
    return { known: false, change: { noun, name, kind: 'add', fields: [], after, ...whose, write: add } };
  }
  const before = portable(previous);
  const fields = differing(before, after);
  const write = (): Promise<boolean> => replace(previous);
  return { known: true, change: { noun, name, kind: 'change', fields, before, after, ...whose, write } };
};

const differing = (before: object, after: object): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (field) => !isDeepStrictEqual(before[field as never], after[field as never]),
  );
