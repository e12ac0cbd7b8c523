/**
 * Does something with each item, at most so many at once, and takes no item from the source before there is room for it.
 * Whatever `act` throws ends it all: what must not do so, `act` has to catch.
 */
export const together = async <T>(
  items: AsyncIterable<T>,
  most: number,
  act: (item: T) => Promise<void>,
): Promise<void> => {
  const running = new Set<Promise<void>>();
  for await (const item of items) {
    const current = act(item).finally(() => running.delete(current));
    running.add(current);
    if (running.size >= most) await Promise.race(running);
  }
  await Promise.all(running);
};
