import { inspect } from 'node:util';

const HIDDEN = '[redacted]';

/**
 * A secret that no accident prints: string conversion, JSON, `console.log` and object spread all show `[redacted]`.
 * Only `reveal` opens it, so every place that does can be found by one search.
 */
export class Redacted<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}

export const redacted = <T>(value: T): Redacted<T> => new Redacted(value);
