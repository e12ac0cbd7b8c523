/** Work that goes on after Teams has been answered. */
export interface Pending {
  track<T>(work: Promise<T>): Promise<T>;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
}

export const createPending = (): Pending => {
  const underWay = new Set<Promise<unknown>>();
  return {
    track: (work) => {
      underWay.add(work);
      const done = (): void => void underWay.delete(work);
      work.then(done, done);
      return work;
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
};
