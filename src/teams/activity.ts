import { z } from 'zod';
import { err, ok, type Result } from '../lib/result.js';

const Account = z.looseObject({
  id: z.string().min(1),
  name: z.string().nullish(),
  aadObjectId: z.string().min(1).nullish(),
});

const Mention = z.looseObject({
  type: z.string(),
  text: z.string().nullish(),
  timezone: z.string().nullish(),
  mentioned: Account.nullish(),
});

const Team = z.looseObject({
  id: z.string().min(1),
  name: z.string().nullish(),
  aadGroupId: z.string().nullish(),
});

const Shape = z.looseObject({
  type: z.string().min(1),
  id: z.string().nullish(),
  name: z.string().nullish(),
  action: z.string().nullish(),
  channelId: z.string().min(1),
  serviceUrl: z.url({ protocol: /^https?$/ }),
  from: Account,
  recipient: Account,
  conversation: z.looseObject({
    id: z.string().min(1),
    conversationType: z.string().nullish(),
    tenantId: z.string().nullish(),
  }),
  channelData: z
    .looseObject({ tenant: z.looseObject({ id: z.string().nullish() }).nullish(), team: Team.nullish() })
    .nullish(),
  text: z.string().nullish(),
  entities: z.array(Mention).nullish(),
  membersAdded: z.array(Account).nullish(),
  replyToId: z.string().nullish(),
  localTimezone: z.string().nullish(),
  value: z.unknown().optional(),
});

/** As much of a Bot Framework activity as this bot reads; everything else in it is carried along unread. */
export type IncomingActivity = Readonly<z.infer<typeof Shape>>;

/** Fails with the place in it that is not as in every activity of Teams, never with what stands there. */
export const readActivity = (body: unknown): Result<IncomingActivity, string> => {
  const { data, error } = Shape.safeParse(body);
  if (data !== undefined) return ok(data);
  return err(error.issues[0]?.path.join('.') || 'the whole');
};

/** Every Entra tenant that the activity claims to come from, lower case. */
export const tenantsOf = ({ channelData, conversation }: IncomingActivity): readonly string[] =>
  [channelData?.tenant?.id, conversation.tenantId].flatMap((id) =>
    id === undefined || id === null || id === '' ? [] : [id.toLowerCase()],
  );

/** Whether only its author and the bot read the conversation. */
export const isDirect = ({ conversation }: IncomingActivity): boolean => conversation.conversationType === 'personal';
