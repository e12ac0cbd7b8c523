import { type Every, settleWithin } from './timers.js';

export interface Found<Id extends string> {
  readonly id: Id;
  /** Whose place it takes, such as a tenant; absent: only its own. */
  readonly key?: string;
}

export interface PoolDependencies<Id extends string> {
  /** What there is to do now, most urgent first, except for keys that have their share of places already. */
  readonly find: (except: readonly string[]) => Promise<readonly Found<Id>[]>;
  readonly work: (id: Id) => Promise<void>;
  /** Told of what `find` or `work` threw. */
  readonly failed: (thrown: unknown, id?: Id) => void;
  readonly concurrency: number;
  /** How many places one key takes at most, so that one that hangs leaves some to the others. */
  readonly share: number;
  readonly everyMs: number;
  readonly every: Every;
}

export interface Pool {
  /** Looks at once, then regularly. */
  start(): void;
  /** Looks at once, or once more after the look under way. */
  nudge(): void;
  /** Begins nothing new and waits for what is under way, `graceMs` at most; how many were left. */
  stop(graceMs: number): Promise<number>;
}

/**
 * Works on what is found, several at a time, each once a look. A slow one holds up its own place only, and a slow key its
 * share: meanwhile others are found and worked on, but never the same one twice at once.
 */
export const createPool = <Id extends string>(dependencies: PoolDependencies<Id>): Pool => {
  const { find, work, failed, concurrency, share, ...timing } = dependencies;
  const waiting = new Map<Id, Found<Id>>();
  const busy = new Set<Id>();
  const places = createPlaces(share);
  const { track, settle } = createTasks();
  let looking = false;
  let lookAgain = false;

  const workOn = async ({ id, key }: Found<Id>): Promise<void> => {
    busy.add(id);
    places.take(key);
    try {
      await work(id);
    } catch (thrown) {
      failed(thrown, id);
    }
    busy.delete(id);
    places.free(key);
    fill();
  };

  const fill = (): void => {
    for (const found of waiting.values()) {
      if (busy.size >= concurrency) return;
      if (!places.isFull(found.key) && waiting.delete(found.id)) track(workOn(found));
    }
  };

  const look = async (): Promise<void> => {
    [looking, lookAgain] = [true, false];
    try {
      const found = await find(places.full());
      // Stopped while it looked: what was found is for the next start.
      if (timer.isOn()) found.filter(({ id }) => !busy.has(id)).forEach((each) => waiting.set(each.id, each));
    } catch (thrown) {
      failed(thrown);
    }
    looking = false;
    fill();
    if (lookAgain && timer.isOn()) track(look());
  };

  const lookUnlessLooking = (): void => {
    if (!looking) track(look());
  };
  const timer = createTimer(timing, lookUnlessLooking);

  return {
    start: () => {
      timer.start();
      lookUnlessLooking();
    },
    nudge: () => {
      if (!timer.isOn()) return;
      // What it is about may have become due after the look under way began.
      lookAgain = looking;
      lookUnlessLooking();
    },
    stop: async (graceMs) => {
      timer.stop();
      waiting.clear();
      return await settle(graceMs);
    },
  };
};

const createTimer = ({ every, everyMs }: Pick<PoolDependencies<string>, 'every' | 'everyMs'>, ring: () => void) => {
  let stop: (() => void) | undefined;
  return {
    isOn: (): boolean => stop !== undefined,
    start: (): void => {
      stop ??= every(everyMs, ring);
    },
    stop: (): void => {
      stop?.();
      stop = undefined;
    },
  };
};

/** How many places each key has. */
const createPlaces = (share: number) => {
  const taken = new Map<string, number>();
  const change = (key: string | undefined, by: number): void => {
    if (key === undefined) return;
    const count = (taken.get(key) ?? 0) + by;
    if (count === 0) taken.delete(key);
    else taken.set(key, count);
  };
  return {
    take: (key: string | undefined) => change(key, 1),
    free: (key: string | undefined) => change(key, -1),
    isFull: (key: string | undefined): boolean => key !== undefined && (taken.get(key) ?? 0) >= share,
    full: (): readonly string[] => [...taken].filter(([, count]) => count >= share).map(([key]) => key),
  };
};

/** What is under way. */
const createTasks = () => {
  const running = new Set<Promise<void>>();
  return {
    track: (task: Promise<void>): void => {
      running.add(task);
      void task.then(() => running.delete(task));
    },
    settle: (graceMs: number): Promise<number> => settleWithin(running, graceMs),
  };
};
