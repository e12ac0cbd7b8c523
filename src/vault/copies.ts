import type { VaultCopies } from '../flows/ports/break-glass.js';

/** Where no folder is configured, the database is the only place. */
export const noCopies: VaultCopies = { write: async () => undefined, prune: async () => undefined };

export const openCopies = async (_folder: string | undefined): Promise<VaultCopies> => noCopies;
