import { setImmediate as endOfTurn, setTimeout as wait } from 'node:timers/promises';

/** Whoever does not answer by then, such as a server that has just died, holds up nobody else. */
const PATIENCE_MS = 250;

/** Of one alone, whoever asks a moment later would wait for all of it; of many, each would ask for little. */
const AT_ONCE = 2;

/**
 * What is asked for in one turn of the event loop is asked for together, and no more than two such questions are under way.
 * Whoever asks is answered by one that began after the asking: an answer under way may have missed what the asker knows
 * to have happened.
 */
export const batching = <Key, Value>(
  askAll: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): ((key: Key) => Promise<Value | undefined>) => {
  let open: { readonly keys: Set<Key>; readonly answers: Promise<ReadonlyMap<Key, Value>> } | undefined;
  let underWay: readonly Promise<unknown>[] = Array.from({ length: AT_ONCE }, () => Promise.resolve());

  const openOne = (): NonNullable<typeof open> => {
    const keys = new Set<Key>();
    const begin = (): Promise<ReadonlyMap<Key, Value>> => {
      open = undefined;
      return askAll([...keys]);
    };
    const [oldest = Promise.resolve(), ...others] = underWay;
    const begun = oldest.then(endOfTurn);
    const answers = begun.then(begin);
    const over = Promise.race([
      answers.catch(() => undefined),
      begun.then(() => wait(PATIENCE_MS, undefined, { ref: false })),
    ]);
    underWay = [...others, over];
    return { keys, answers };
  };

  return async (key) => {
    open ??= openOne();
    open.keys.add(key);
    return (await open.answers).get(key);
  };
};
