import { inject } from 'vitest';
import { createEntra } from '../../src/entra/entra.js';
import type { Entra } from '../../src/entra/entra.js';
import { createReach } from '../../src/entra/reach.js';
import type { DirectoryOptions, EntraConfig, Reach } from '../../src/entra/reach.js';
import type { Directory } from '../../src/flows/ports.js';
import { addMs, systemClock } from '../../src/lib/clock.js';
import type { Clock } from '../../src/lib/clock.js';
import { silentLog } from '../../src/lib/log.js';
import { systemRandom } from '../../src/lib/random.js';
import { redacted } from '../../src/lib/redacted.js';
import type { LoggedRequest } from '../../src/sandbox/request-log.js';
import { createSandbox } from '../../src/sandbox/sandbox.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { SANDBOX_APP, SANDBOX_BREAK_GLASS_APP } from '../../src/sandbox/seed.js';

/** The local Entra ID with our directory adapter in front of it, on one clock that only pauses move. */
export interface LocalEntra {
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  readonly pass: (ms: number) => void;
  readonly directory: Directory;
  /** The way to its Graph, for whatever else reads there. */
  readonly reach: Reach;
  readonly directoryWith: (config: Partial<EntraConfig>) => Directory;
  /** Everything that speaks to it, anew: nothing of earlier tokens is kept. Break-glass accounts go by an app of their own. */
  readonly fresh: (appOf?: DirectoryOptions['appOf']) => Entra;
  /** What reaches it as the everyday app. */
  readonly options: DirectoryOptions;
  /** Requests to Graph that `act` took. */
  readonly roundTrips: (act: () => Promise<unknown>) => Promise<readonly LoggedRequest[]>;
}

/** `folder` holds a certificate that this process trusts; within a test run, that of the run. */
export const startLocalEntra = async (folder = inject('sandboxFolder')): Promise<LocalEntra> => {
  // Tokens are judged by the machine's clock, so this one begins there.
  let now = systemClock.now();
  const clock: Clock = { now: () => now };
  const pass = (ms: number): void => {
    now = addMs(now, ms);
  };
  const sandbox = await createSandbox({ clock, random: systemRandom, log: silentLog, folder });

  const optionsWith = (config: Partial<EntraConfig>): DirectoryOptions => ({
    config: {
      clientId: SANDBOX_APP.clientId,
      credential: { kind: 'secret', secret: redacted(SANDBOX_APP.clientSecret) },
      cloud: 'global',
      authorityHost: sandbox.authorityHost,
      graphBaseUrl: sandbox.graphBaseUrl,
      ...config,
    },
    clock,
    random: systemRandom,
    log: silentLog,
    sleep: async (ms) => pass(ms),
  });
  const breakGlass: EntraConfig = {
    ...optionsWith({}).config,
    clientId: SANDBOX_BREAK_GLASS_APP.clientId,
    credential: { kind: 'secret', secret: redacted(SANDBOX_BREAK_GLASS_APP.clientSecret) },
  };
  const directoryWith = (config: Partial<EntraConfig>): Directory => createEntra(optionsWith(config)).directory;

  return {
    sandbox,
    clock,
    pass,
    directory: directoryWith({}),
    reach: createReach(optionsWith({})),
    directoryWith,
    options: optionsWith({}),
    fresh: (appOf) => createEntra({ ...optionsWith({}), breakGlass, ...(appOf === undefined ? {} : { appOf }) }),
    roundTrips: async (act) => {
      const before = sandbox.world.requests.since(0).at(-1)?.number ?? 0;
      await act();
      return sandbox.world.requests.since(before).filter(({ service }) => service === 'graph');
    },
  };
};
