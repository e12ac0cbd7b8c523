/**
 * What was announced, so that it is said once by however many processes, and again only after one died over it. An id
 * names what is said, and to which end.
 */
export interface AnnouncementStore {
  /** Takes the sole right to say it, until then; `false`: it was said, or somebody is at it. */
  claim(id: string, now: Date, until: Date): Promise<boolean>;
  /** It was said; once more only from `again` on, if that is given. */
  said(id: string, again?: Date): Promise<void>;
  /** It could not be said: the next one may try. */
  release(id: string): Promise<void>;
}
