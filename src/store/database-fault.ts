/** Why there is no database. The message is one sentence for whoever runs the program; it never holds a credential. */
export class DatabaseFault extends Error {
  override readonly name: string = 'DatabaseFault';
  readonly code: 'engine_unavailable' | 'folder_in_use' | 'engine_failed' | 'server_unreachable' | 'no_database';

  constructor(code: DatabaseFault['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** This machine cannot run the embedded engine, whatever its data. `reason` completes "cannot run here: ...". */
export class EngineUnavailable extends DatabaseFault {
  override readonly name = 'EngineUnavailable';

  constructor(reason: string, options?: ErrorOptions) {
    super(
      'engine_unavailable',
      `The embedded MongoDB engine cannot run here: ${reason}. ` +
        'Set MONGODB_URI to a MongoDB server; `docker compose up mongo` starts one.',
      options,
    );
  }
}

export const folderInUse = (folder: string): DatabaseFault =>
  new DatabaseFault(
    'folder_in_use',
    `Another program already uses the database in ${folder}. ` +
      'Stop it, or start `npm run engine` once and give every bot the MONGODB_URI it prints.',
  );

export const noDatabaseIn = (dataDir: string): DatabaseFault =>
  new DatabaseFault(
    'no_database',
    `There is no database in ${dataDir}. Set DATA_DIR to the folder, or MONGODB_URI to the server, that the bot uses.`,
  );

export const engineFailed = (folder: string, detail: string): DatabaseFault =>
  new DatabaseFault('engine_failed', `The embedded MongoDB engine did not start on ${folder}: ${detail}`);
