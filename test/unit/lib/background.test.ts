import { describe, expect, it } from 'vitest';
import { createBackground } from '../../../src/lib/background.js';
import { silentLog } from '../../../src/lib/log.js';
import type { Log } from '../../../src/lib/log.js';

const recordingLog = (): { readonly log: Log; readonly errors: object[] } => {
  const errors: object[] = [];
  return { log: { ...silentLog, error: (fields) => errors.push(fields) }, errors };
};

describe('background work', () => {
  it('is idle at once when nothing was started', async () => {
    await expect(createBackground(silentLog).idle()).resolves.toBeUndefined();
  });

  it('is idle only when everything has ended, what it started itself included', async () => {
    const background = createBackground(silentLog);
    const ended: string[] = [];
    background.run('outer', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      background.run('inner', async () => {
        await new Promise((resolve) => setImmediate(resolve));
        ended.push('inner');
      });
      ended.push('outer');
    });
    await background.idle();
    expect(ended).toEqual(['outer', 'inner']);
  });

  it('logs what failed and goes on', async () => {
    const { log, errors } = recordingLog();
    const background = createBackground(log);
    background.run('deliver', () => Promise.reject(new Error('no connection')));
    let ran = false;
    background.run('tend', () => {
      ran = true;
      return Promise.resolve();
    });
    await background.idle();
    expect(errors).toEqual([expect.objectContaining({ what: 'deliver', error: 'no connection' })]);
    expect(ran).toBe(true);
  });

  it('never logs the fields of what was thrown, where clients keep requests and tokens', async () => {
    const { log, errors } = recordingLog();
    const background = createBackground(log);
    background.run('deliver', () => Promise.reject(Object.assign(new Error('401'), { config: { token: 'xoxb-1' } })));
    await background.idle();
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors)).not.toContain('xoxb-1');
  });
});
