/** Does something when it is its turn. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** It is everybody's turn at once. */
export const atOnce: InTurn = (work) => work();

/** So many have their turn at the same time, in the order of their asking. */
export const atMost = (most: number): InTurn => {
  const waiting: (() => void)[] = [];
  let busy = 0;
  return async (work) => {
    if (busy < most) busy += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // A turn that is passed on stays taken: whoever asks now must not get before those who wait.
      if (next === undefined) busy -= 1;
      else next();
    }
  };
};
