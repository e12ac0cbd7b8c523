const POLL_MS = 25;

/** Asks again until there is an answer; fails after `withinMs`, naming what it waited for. */
export const eventually = async <T>(
  what: string,
  find: () => T | undefined | Promise<T | undefined>,
  withinMs = 10_000,
): Promise<T> => {
  const until = performance.now() + withinMs;
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    if (performance.now() > until) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};
