/** Where Teams conversations live, so that the bot can write there after a restart. */
import type { Db } from 'mongodb';
import { z } from 'zod';
import type { ConversationStore } from '../flows/ports.js';
import { BOUNDED, openCollection } from './collection.js';
import { readerOf, type FieldsOf } from './document.js';
import { isDuplicate, retrying } from './retry.js';

/** One document of `conversations`. */
interface ConversationDocument {
  readonly _id: string;
  readonly serviceUrl: string;
}

const readConversation = readerOf<ConversationDocument>(
  'conversations',
  z.strictObject({ _id: z.string(), serviceUrl: z.string() } satisfies FieldsOf<ConversationDocument>),
);

export const createConversationStore = (db: Db): ConversationStore => {
  const conversations = openCollection<ConversationDocument>(db, 'conversations');
  return {
    serviceUrlOf: async (conversation) => {
      const found = await retrying(() => conversations.findOne({ _id: conversation }, BOUNDED));
      return found === null ? undefined : readConversation(found).serviceUrl;
    },
    remember: async (conversation, serviceUrl) => {
      const options = { ...BOUNDED, upsert: true };
      const upsert = () =>
        retrying(() => conversations.updateOne({ _id: conversation }, { $set: { serviceUrl } }, options));
      // Two upserts of one conversation can both decide to insert; the one that is refused updates the other's.
      await upsert().catch((thrown: unknown) => {
        if (!isDuplicate(thrown)) throw thrown;
        return upsert();
      });
    },
  };
};
