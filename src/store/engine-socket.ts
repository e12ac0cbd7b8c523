import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, realpath } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { DatabaseFault } from './database-fault.js';

/** Where one engine keeps its data and where it listens; the same two paths at every start on the same `dataDir`. */
export interface EnginePlace {
  readonly folder: string;
  readonly socketPath: string;
}

// The kernel cuts a Unix socket's path at 108 bytes (104 on macOS), the closing zero included.
const LONGEST_SOCKET_PATH = 103;
const SOCKET_NAME = 'mongodb.sock';

/** Creates `dataDir/mongodb` and the socket's folder, both closed to other users: the engine knows no passwords. */
export const prepareEnginePlace = async (dataDir: string): Promise<EnginePlace> => {
  const wanted = join(dataDir, 'mongodb');
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  const folder = await realpath(wanted);
  await chmod(folder, 0o700);
  const besideData = join(folder, SOCKET_NAME);
  if (Buffer.byteLength(besideData) <= LONGEST_SOCKET_PATH) return { folder, socketPath: besideData };
  return { folder, socketPath: join(await shortFolderFor(folder), SOCKET_NAME) };
};

/** True when a process listens on the socket; a file left by a killed one answers nobody. */
export const socketAnswers = (socketPath: string): Promise<boolean> =>
  new Promise((settle) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      settle(true);
    });
    socket.once('error', () => settle(false));
  });

const shortFolderFor = async (folder: string): Promise<string> => {
  const { uid } = userInfo();
  const name = `latchkey-${createHash('sha256').update(`${uid}:${folder}`).digest('hex').slice(0, 16)}`;
  const roomy = Buffer.byteLength(join(tmpdir(), name, SOCKET_NAME)) <= LONGEST_SOCKET_PATH;
  const short = join(roomy ? tmpdir() : '/tmp', name);
  await mkdir(short, { recursive: true, mode: 0o700 });
  // Anyone may create a folder of this name before us and then read everything that passes through the socket.
  const found = await lstat(short);
  if (!found.isDirectory() || found.uid !== uid) {
    throw new DatabaseFault(
      'engine_failed',
      `${short} belongs to another user; remove it, or choose a shorter DATA_DIR.`,
    );
  }
  await chmod(short, 0o700);
  return short;
};
