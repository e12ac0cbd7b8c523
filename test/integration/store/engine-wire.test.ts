import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/lib/log.js';
import { type EmbeddedEngine, startEngine } from '../../../src/store/engine-process.js';

const OP_QUERY = 2004;
const OP_MSG = 2013;

let dataDir: string;
let engine: EmbeddedEngine;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'latchkey-wire-'));
  engine = await startEngine({ dataDir, log: silentLog });
});
afterAll(async () => {
  await engine.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};

/** The BSON of `{ [command]: 1, $db: 'admin' }`. */
const commandDocument = (command: string): Buffer => {
  const fields = Buffer.concat([
    Buffer.from(`\x10${command}\0`),
    int32(1),
    Buffer.from('\x02$db\0'),
    int32(6),
    Buffer.from('admin\0\0'),
  ]);
  return Buffer.concat([int32(4 + fields.length), fields]);
};

const message = (operation: number, ...parts: readonly Buffer[]): Buffer => {
  const rest = Buffer.concat(parts);
  return Buffer.concat([int32(16 + rest.length), int32(7), int32(0), int32(operation), rest]);
};

const body = (command: string): Buffer => Buffer.concat([Buffer.of(0), commandDocument(command)]);

const documents = (): Buffer => {
  const sequence = Buffer.concat([Buffer.from('documents\0'), commandDocument('any')]);
  return Buffer.concat([Buffer.of(1), int32(4 + sequence.length), sequence]);
};

const noFlags = int32(0);
const query = (command: string): Buffer =>
  message(OP_QUERY, noFlags, Buffer.from('admin.$cmd\0'), int32(0), int32(-1), commandDocument(command));

/** Sends bytes one chunk after another; resolves with the first answer's text, or with `dropped`. */
const ask = (...chunks: readonly Buffer[]): Promise<string> =>
  new Promise((settle) => {
    const socket = connect(decodeURIComponent(new URL(engine.uri).hostname));
    socket.once('data', (answer) => {
      settle(answer.toString('latin1'));
      socket.destroy();
    });
    socket.once('error', () => undefined);
    socket.once('close', () => settle('dropped'));
    const send = ([chunk, ...later]: readonly Buffer[]): void => {
      if (chunk !== undefined) socket.write(chunk, () => setImmediate(send, later));
    };
    send(chunks);
  });

const ping = message(OP_MSG, noFlags, body('ping'));

describe('the engine behind its socket', () => {
  it('puts a message together that comes byte by byte', async () => {
    expect(await ask(...Array.from(ping, (byte) => Buffer.of(byte)))).toContain('ok');
  });

  it('answers the greeting that drivers send as a query', async () => {
    expect(await ask(query('hello'))).toContain('isWritablePrimary');
  });

  it.each([
    ['a crashing command after a sequence of documents', message(OP_MSG, noFlags, documents(), body('startSession'))],
    ['a crashing command in an old-style query', query('startSession')],
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a message without length', Buffer.alloc(64)],
    ['a message without content', message(OP_MSG, noFlags)],
    ['a document that is none', message(OP_MSG, noFlags, Buffer.of(0, 255, 255, 0, 0, 1, 2, 3))],
    ['a section of impossible size', message(OP_MSG, noFlags, Buffer.of(1, 255, 255, 255, 255, 1, 2, 3, 4, 5, 6))],
  ])('survives %s', async (_, bytes) => {
    const before = engine.pid();
    expect(await ask(bytes)).toMatch(/^dropped$|CommandNotFound/);
    expect(await ask(ping)).toContain('ok');
    expect(engine.pid()).toBe(before);
  });
});
