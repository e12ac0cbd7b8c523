import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** What Graph takes for an answer when all is well. */
export const LATENCY_MS = 200;

/** A request to Graph, as the local Entra ID saw it come. */
export interface SeenRequest {
  readonly number: number;
  readonly at: string;
  readonly service: string;
  readonly method: string;
  readonly path: string;
}

/** The local Entra ID in a process of its own: what it takes itself is not ours, and must not slow us down. */
export interface BenchEntra {
  readonly url: string;
  /** From now on every answer takes so long. */
  latency(ms: number): Promise<void>;
  /** The requests to Graph that `act` brought about, oldest first. */
  seen(act: () => Promise<unknown>): Promise<readonly SeenRequest[]>;
  stop(): Promise<void>;
}

const Ready = z.object({ url: z.string() });
const Log = z.object({
  requests: z.array(
    z.object({ number: z.number(), at: z.string(), service: z.string(), method: z.string(), path: z.string() }),
  ),
});

/** `folder` holds a certificate that this process trusts. */
export const startBenchEntra = async (folder: string, tenants: number, accounts = 0): Promise<BenchEntra> => {
  const script = fileURLToPath(new URL('./local-entra-child.ts', import.meta.url));
  const child = fork(script, [folder, String(tenants), String(accounts)]);
  const exited = once(child, 'exit');
  const [said] = await Promise.race([
    once(child, 'message') as Promise<unknown[]>,
    exited.then(() => Promise.reject(new Error('the local Entra ID did not start'))),
  ]);
  const { url } = Ready.parse(said);
  const control = async (method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${url}/_sandbox/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const since = async (number: number): Promise<readonly SeenRequest[]> =>
    Log.parse(await control('GET', `requests?since=${number}`)).requests;
  let last = 0;
  return {
    url,
    latency: async (ms) => void (await control('POST', 'latency', { ms })),
    seen: async (act) => {
      last = (await since(last)).at(-1)?.number ?? last;
      await act();
      return (await since(last)).filter(({ service }) => service === 'graph');
    },
    stop: async () => {
      child.disconnect();
      await exited;
    },
  };
};

/** Less than the shortest time between an answer and the request that followed it. */
const TOLERANCE_MS = 20;

/** How many requests there were one after the other: whatever began while another was under way counts with that one. */
export const inSequence = (requests: readonly SeenRequest[]): number => {
  let turns = 0;
  let turnEndsAt = -Infinity;
  for (const at of requests.map((request) => Date.parse(request.at)).toSorted((one, other) => one - other)) {
    if (at < turnEndsAt) continue;
    turns += 1;
    turnEndsAt = at + LATENCY_MS - TOLERANCE_MS;
  }
  return turns;
};
