import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ask } from '../../demo/conversation.js';
import { startPlayground } from '../../demo/playground.js';
import type { Playground } from '../../demo/playground.js';
import { ANY, LEAD, startWorld, TECHNICIAN } from '../../demo/world.js';
import { listen } from '../fakes/teams/listen.js';
import type { Row } from './row.js';

const TIMES = 3;

const seconds = async (work: () => Promise<void>): Promise<number> => {
  const before = performance.now();
  await work();
  return (performance.now() - before) / 1_000;
};

/** The demo as people start it, from nothing to the answer to the first command typed into a window. */
const startDemo = async (folder: string, stops: (() => Promise<void>)[]): Promise<void> => {
  const world = await startWorld(folder, ANY);
  stops.push(world.stop);
  const answer = await ask(world.technician, 'jit help');
  if (!answer.includes('/jit request')) throw new Error(`the first command was not answered: ${answer}`);
};

const Message = z.looseObject({
  type: z.string(),
  id: z.string().optional(),
  serviceUrl: z.string(),
  conversation: z.looseObject({ id: z.string() }),
  recipient: z.looseObject({ id: z.string() }),
});

/** A bot that takes no time: it repeats one sentence. */
const listenEmpty = () =>
  listen((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      response.end();
      const text = Buffer.concat(chunks).toString('utf8');
      // The Playground knocks with an empty request first.
      if (text === '') return;
      const parsed = Message.safeParse(JSON.parse(text));
      if (!parsed.success || parsed.data.type !== 'message') return;
      const { serviceUrl, conversation, recipient } = parsed.data;
      const address = `${serviceUrl.replace(/\/$/u, '')}/v3/conversations/${encodeURIComponent(conversation.id)}/activities`;
      await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ type: 'message', text: 'Yes.', from: recipient, conversation }),
      });
    })();
  });

/** The same two windows before a bot that does nothing: what nobody's bot can beat. */
const startWindowsAlone = async (stops: (() => Promise<void>)[]): Promise<void> => {
  const empty = await listenEmpty();
  stops.push(empty.close);
  const open = (person: typeof LEAD): Promise<Playground> =>
    startPlayground({ bot: `${empty.url}/api/messages`, person, personalChat: `chat-of-${person.id.slice(3)}` });
  const windows = await Promise.all([open(TECHNICIAN), open(LEAD)]);
  stops.push(...windows.map(({ stop }) => stop));
  await Promise.all(windows.map((window) => window.install()));
  await ask(windows[0], 'jit help');
};

const timed = async (start: (stops: (() => Promise<void>)[]) => Promise<void>): Promise<number> => {
  const stops: (() => Promise<void>)[] = [];
  try {
    return await seconds(() => start(stops));
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
};

/** Alternately, so that what else the machine does disturbs both alike. */
export const startup: Row = {
  name: 'startup',
  measure: async ({ folder }) => {
    const ours: number[] = [];
    const beside: number[] = [];
    for (let time = 0; time < TIMES; time += 1) {
      beside.push(await timed(startWindowsAlone));
      const place = await mkdtemp(join(folder, 'world-'));
      ours.push(await timed((stops) => startDemo(place, stops)));
    }
    const yardstick = 'the two Playground windows alone, before a bot that only repeats one sentence';
    return [{ name: 'startup', unit: 's', ours, beside, yardstick, goal: { kind: 'below', limit: 10 } }];
  },
};
