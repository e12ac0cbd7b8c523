/** Waits for all, also where one of them has failed already; then throws what the first in the list that failed has thrown. */
export const allOf = async <T extends readonly unknown[]>(
  all: T,
): Promise<{ -readonly [I in keyof T]: Awaited<T[I]> }> => {
  await Promise.allSettled(all);
  return await Promise.all(all);
};
