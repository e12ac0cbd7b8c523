/**
 * Reads that are asked for at the same time are made together, one after the other. Whoever asks is answered by a read
 * that began after the asking: one under way may have missed what the asker knows to have happened.
 */
export const batching = <Key, Value>(
  readAll: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
): ((key: Key) => Promise<Value | undefined>) => {
  let open: { readonly keys: Set<Key>; readonly read: Promise<ReadonlyMap<Key, Value>> } | undefined;
  let before: Promise<unknown> = Promise.resolve();

  const openOne = (): NonNullable<typeof open> => {
    const keys = new Set<Key>();
    const begin = (): Promise<ReadonlyMap<Key, Value>> => {
      open = undefined;
      return readAll([...keys]);
    };
    const read = before.then(begin);
    before = read.catch(() => undefined);
    return { keys, read };
  };

  return async (key) => {
    open ??= openOne();
    open.keys.add(key);
    return (await open.read).get(key);
  };
};
