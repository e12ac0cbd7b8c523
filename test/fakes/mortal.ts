import type { BotParts } from '../../src/bot.js';

/** The process is gone: whatever it still wants to do does not happen. */
export class CrashedError extends Error {
  override readonly name = 'CrashedError';
}

/** Where a process dies: before a call of its own is made, or once the call took effect but before its answer is seen. */
export interface Death {
  readonly atCall: number;
  readonly when: 'before' | 'after';
}

/** A process that counts what it does to the world outside, and may be destined to die of one such call. */
export interface Mortal {
  readonly parts: BotParts;
  /** Every call that took effect, in order, `requests.save`. */
  readonly deeds: readonly string[];
  readonly isDead: () => boolean;
}

type Port =
  | 'requests'
  | 'accounts'
  | 'people'
  | 'config'
  | 'links'
  | 'audit'
  | 'directory'
  | 'notifier'
  | 'breakGlass'
  | 'breakGlassDirectory'
  | 'vaults'
  | 'sealer'
  | 'copies';

type Call = (...args: readonly unknown[]) => Promise<unknown>;

export const mortal = (parts: BotParts, death?: Death): Mortal => {
  const deeds: string[] = [];
  let calls = 0;
  let dead = false;

  const live = async (name: string, call: () => Promise<unknown>): Promise<unknown> => {
    if (dead) throw new CrashedError(name);
    calls += 1;
    const last = calls === death?.atCall;
    if (last) dead = true;
    if (last && death.when === 'before') throw new CrashedError(name);
    const answer = await call();
    deeds.push(name);
    // What was under way elsewhere in the process takes effect too, but nobody is left to hear of it.
    if (dead) throw new CrashedError(name);
    return answer;
  };

  const wrap = <P extends Port>(port: P): BotParts[P] =>
    new Proxy<object>(parts[port], {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== 'function') return member;
        return (...args: readonly unknown[]) => live(`${port}.${String(key)}`, () => (member as Call)(...args));
      },
    }) as BotParts[P];

  return {
    parts: {
      ...parts,
      requests: wrap('requests'),
      accounts: wrap('accounts'),
      people: wrap('people'),
      config: wrap('config'),
      links: wrap('links'),
      audit: wrap('audit'),
      directory: wrap('directory'),
      notifier: wrap('notifier'),
      breakGlass: wrap('breakGlass'),
      breakGlassDirectory: wrap('breakGlassDirectory'),
      vaults: wrap('vaults'),
      sealer: wrap('sealer'),
      copies: wrap('copies'),
    },
    deeds,
    isDead: () => dead,
  };
};
