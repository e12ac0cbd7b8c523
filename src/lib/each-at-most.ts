/** Does something for each item, so many at a time. The first that fails ends it, once those under way are done. */
export const eachAtMost = async <T>(
  most: number,
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> => {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  const done = await Promise.allSettled(Array.from({ length: Math.min(most, items.length) }, worker));
  const failed = done.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
};
