import { describe, expect, it, vi } from 'vitest';
import { breakGlassId, tenantId } from '../../../src/engine/ids.js';
import type { BreakGlassId, TenantId } from '../../../src/engine/ids.js';
import { createRotator } from '../../../src/jobs/rotator.js';
import { silentLog } from '../../../src/lib/log.js';
import type { Log } from '../../../src/lib/log.js';
import { createManualTimer } from '../../fakes/manual-timer.js';

const account = (tenant: string, name: string) => ({
  id: breakGlassId(tenantId(tenant), name),
  tenant: tenantId(tenant),
});

describe('the rotator', () => {
  it('is at two accounts of one tenant at most, so that one that hangs leaves places to the others', async () => {
    const all = [...['a', 'b', 'c'].map((name) => account('slow', name)), account('contoso', 'a')];
    const asked: (readonly TenantId[])[] = [];
    const begun: BreakGlassId[] = [];
    let finish = (): void => undefined;
    const hangs = new Promise<void>((resolve) => (finish = resolve));
    const timer = createManualTimer();
    const rotator = createRotator({
      due: async (except) => {
        asked.push(except);
        return all.filter(({ tenant }) => !except.includes(tenant));
      },
      rotate: async (id) => {
        begun.push(id);
        if (id.startsWith('slow')) await hangs;
      },
      log: silentLog,
      every: timer.every,
    });
    rotator.start();
    await vi.waitFor(() => expect(begun).toEqual(['slow/a', 'slow/b', 'contoso/a']));
    timer.ring();
    await vi.waitFor(() => expect(asked.at(-1)).toEqual(['slow']));
    finish();
    await vi.waitFor(() => expect(begun).toContain('slow/c'));
    await rotator.stop();
  });

  it('goes on after one that throws, and stops only when nothing is under way', async () => {
    const error = vi.fn<Log['error']>();
    let under = 0;
    const rotator = createRotator({
      due: async () => [account('contoso', 'a'), account('fabrikam', 'a')],
      rotate: async (id) => {
        under += 1;
        await Promise.resolve();
        under -= 1;
        if (id.startsWith('contoso')) throw new TypeError('broken');
      },
      log: { ...silentLog, error },
      every: createManualTimer().every,
    });
    rotator.start();
    await vi.waitFor(() => expect(error).toHaveBeenCalledTimes(1));
    await rotator.stop();
    expect(under).toBe(0);
    expect(error).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ account: 'contoso/a' }),
      expect.any(String),
    );
  });
});
