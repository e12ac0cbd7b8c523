/** Audit events, each once, however often its effect is performed. */
import type { Db } from 'mongodb';
import type { AuditEvent, AuditLog } from '../flows/ports.js';
import { insertUnlessTaken, openCollection } from './collection.js';

export type AuditDocument = AuditEvent & { readonly _id: string };

export const createAuditLog = (db: Db): AuditLog => {
  const audit = openCollection<AuditDocument>(db, 'audit');
  return {
    append: async (id, event) => {
      await insertUnlessTaken(audit, { _id: id, ...event });
    },
  };
};
