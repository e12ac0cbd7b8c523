import type { AccessRequest } from '../../src/engine/request.js';
import type { RequestStore } from '../../src/flows/ports.js';

interface Watch {
  /** Just before it is sent. */
  readonly saving?: (next: AccessRequest) => void;
  /** As soon as it is on record. */
  readonly saved?: (next: AccessRequest) => void;
}

/** The same store; whoever watches hears of every change of a request, in whichever way it is saved. */
export const watchSaves = (requests: RequestStore, { saving, saved }: Watch): RequestStore => {
  const watched =
    <Rest extends readonly unknown[], Answer>(save: (next: AccessRequest, ...rest: Rest) => Promise<Answer>) =>
    async (next: AccessRequest, ...rest: Rest): Promise<Answer> => {
      saving?.(next);
      const answer = await save(next, ...rest);
      if (answer !== false && answer !== undefined) saved?.(next);
      return answer;
    };
  return { ...requests, save: watched(requests.save), saveToDeliver: watched(requests.saveToDeliver) };
};
