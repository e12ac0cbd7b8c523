import { describe, expect, it, vi } from 'vitest';
import { createTokens } from '../../../src/entra/tokens.js';
import type { TokensOptions } from '../../../src/entra/tokens.js';
import { addMs, HOUR, MINUTE, SECOND } from '../../../src/lib/clock.js';
import { silentLog } from '../../../src/lib/log.js';
import type { Log } from '../../../src/lib/log.js';
import { NOON } from '../../fakes/fixtures.js';

/** No call waits for a token as long as there is a valid one. */

const stage = (signIn?: TokensOptions['signIn'], warn: Log['warn'] = () => undefined) => {
  let now = NOON;
  let given = 0;
  const give: TokensOptions['signIn'] = async () => ({
    token: `token-${(given += 1)}`,
    expiresOnTimestamp: addMs(now, HOUR).getTime(),
  });
  const asked = vi.fn<TokensOptions['signIn']>(signIn ?? give);
  const tokens = createTokens({
    signIn: asked,
    deadlineMs: 1_000,
    clock: { now: () => now },
    random: { bytes: Buffer.alloc, below: () => 0 },
    log: { ...silentLog, warn },
  });
  const pass = (ms: number): void => {
    now = addMs(now, ms);
  };
  return { ...tokens, asked, give, pass };
};

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('a token', () => {
  it('is asked for once by all who come first', async () => {
    const { current, asked } = stage();
    expect(await Promise.all([current(), current(), current()])).toEqual(['token-1', 'token-1', 'token-1']);
    expect(asked).toHaveBeenCalledOnce();
  });

  it('is renewed behind the back of its users from its last fifth on', async () => {
    const { current, asked, pass } = stage();
    await current();
    pass(47 * MINUTE);
    await current();
    expect(asked).toHaveBeenCalledOnce();
    pass(2 * MINUTE);
    expect(await Promise.all([current(), current()])).toEqual(['token-1', 'token-1']);
    await settled();
    expect(asked).toHaveBeenCalledTimes(2);
    expect(await current()).toBe('token-2');
  });

  it('is held on to while its renewal hangs or fails, which the log is told, and is tried again', async () => {
    const warn = vi.fn<Log['warn']>();
    const staged = stage(undefined, warn);
    const { current, asked, pass } = staged;
    await current();
    pass(50 * MINUTE);
    asked.mockRejectedValueOnce(new TypeError('away'));
    expect(await current()).toBe('token-1');
    await settled();
    expect(warn).toHaveBeenCalledOnce();
    expect(await current()).toBe('token-1');
    expect(asked).toHaveBeenCalledTimes(2);
    pass(31 * SECOND);
    expect(await current()).toBe('token-1');
    await settled();
    expect(await current()).toBe('token-2');
  });

  it('that has ended is waited for', async () => {
    const { current, pass } = stage();
    await current();
    pass(HOUR);
    expect(await current()).toBe('token-2');
  });

  it('that cannot be had fails its caller, and the next one tries again', async () => {
    const { current, asked } = stage();
    asked.mockRejectedValueOnce(new TypeError('away'));
    await expect(current()).rejects.toThrow('away');
    expect(await current()).toBe('token-1');
  });

  it('is not asked for again and again where our clock is ahead of its end', async () => {
    const { current, asked } = stage(async () => ({ token: 'old', expiresOnTimestamp: addMs(NOON, -HOUR).getTime() }));
    await current();
    await current();
    expect(asked).toHaveBeenCalledOnce();
  });
});
