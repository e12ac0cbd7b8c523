/** What keeps an access from ending, in words: on cards that stand, in answers of this moment, in alarms. */
import { endedAt, overdueMs } from '../engine/due.js';
import type { AccessRequest } from '../engine/request.js';
import { whyNotUnconfirmed } from '../engine/unconfirmed.js';
import { accessOf } from './access-words.js';
import { code, line, sayDuration, sayList, sayThings, sayTime, strong } from './say.js';
import type { Reading } from './say.js';
import type { Card, Line, Span } from './view.js';

/** On a card, which stands for a while: times, and nothing that a minute makes wrong. */
export const endingLines = (request: AccessRequest, reading: Reading): readonly Line[] => {
  const held = holdWords(request, reading);
  if (held !== undefined) return [line(held)];
  const { alarmedAt, trouble, retryAt } = request;
  if (trouble === undefined) return [];
  const next = retryAt === undefined ? '' : `; next try at ${sayTime(retryAt, reading, 'HH:mm:ss')}`;
  return [
    ...(alarmedAt === undefined ? [] : [line(strong(`Overdue since ${sayTime(dueOf(request, reading), reading)}.`))]),
    line(`Ending: ${attemptsOf(request)} failed (${trouble.clause})${next}.`),
  ];
};

/** In an answer, which is read when it is given: how long ago and how soon. */
export const endingNow = (request: AccessRequest, { zone, today: now }: Reading): string => {
  const held = holdWords(request, { zone, today: now });
  const late = overdueMs(request, now);
  const overdue = late === undefined ? '' : `OVERDUE for ${sayDuration(late)}. `;
  if (held !== undefined) return `${overdue}Ending. ${held}`;
  const { trouble, retryAt } = request;
  if (trouble === undefined) return `${overdue}Ending`;
  const wait = retryAt === undefined ? 0 : retryAt.getTime() - now.getTime();
  const next = wait > 0 ? `in ${sayDuration(wait)}` : 'now';
  return `${overdue}Ending: ${attemptsOf(request)} failed (${trouble.clause}); next try ${next}`;
};

const attemptsOf = ({ trouble }: AccessRequest): string =>
  trouble?.attempts === 1 ? '1 attempt' : `${trouble?.attempts ?? 0} attempts`;

const dueOf = (request: AccessRequest, reading: Reading): Date => endedAt(request) ?? reading.today;

/** While the next try is for the moment when Entra lets go, and for no other reason. */
const holdWords = ({ hold, retryAt, roles }: AccessRequest, reading: Reading): string | undefined => {
  if (hold === undefined || retryAt?.getTime() !== hold.until.getTime()) return undefined;
  const [what, it] = roles.length === 1 ? ['the role', 'it'] : ['the roles', 'them'];
  const kept = `Entra keeps ${what} assigned until ${sayTime(hold.until, reading)} and lets ${it} go then.`;
  return hold.shutSince === undefined
    ? `Sign-in stays open. ${kept}`
    : `Sign-in is shut since ${sayTime(hold.shutSince, reading)}. ${kept}`;
};

/** What was last seen of it, for those who have to do something about it. */
export const remainsWords = (request: AccessRequest, reading: Reading): string => {
  const { remains } = request;
  if (remains === undefined) {
    return `${sayThings(accessOf(request))} may still be assigned: no read has succeeded yet`;
  }
  const { access, signIn, readAt } = remains;
  const at = `(read at ${sayTime(readAt, reading, 'HH:mm:ss')})`;
  const assigned =
    access.length === 0 ? [] : [`${sayList(access)} ${access.length === 1 ? 'is' : 'are'} still assigned`];
  const seen = [...assigned, ...(signIn ? ['sign-in is still on'] : [])];
  return seen.length === 0
    ? `Nothing of it is seen any more, which proves nothing yet ${at}`
    : `${seen.join(', ')} ${at}`;
};

/** How late an end is, as of its last alarm. */
const lateness = (request: AccessRequest, reading: Reading): { readonly due: Date; readonly late: string } => {
  const due = dueOf(request, reading);
  return { due, late: sayDuration((request.alarmedAt ?? due).getTime() - due.getTime()) };
};

/** For whoever had the access, and has no say in the directory. */
export const lateWords = (request: AccessRequest, reading: Reading): Pick<Card, 'title' | 'lines'> => {
  const { id, tenantName } = request;
  const { due, late } = lateness(request, reading);
  return {
    title: `⏳ ${tenantName}: your access has not ended yet (${late} overdue)`,
    lines: [
      line(strong(id), ` · ${remainsWords(request, reading)}. It was to end at ${sayTime(due, reading)}.`),
      line('There is nothing for you to do, but please use it no more: I go on trying, and the admins know.'),
    ],
  };
};

/** What is at stake, what is still there, what Graph says, what to do now. */
export const overdueWords = (request: AccessRequest, reading: Reading): Pick<Card, 'title' | 'lines'> => {
  const { id, tenantName, upn, trouble, retryAt } = request;
  const { due, late } = lateness(request, reading);
  const next = retryAt === undefined ? '' : `; next try at ${sayTime(retryAt, reading, 'HH:mm:ss')}`;
  return {
    title: `🚨 ${tenantName}: access of ${upn} has not ended (${late} overdue)`,
    lines: [
      line(strong(id), ` · ${remainsWords(request, reading)}. It was to end at ${sayTime(due, reading)}.`),
      ...(trouble === undefined
        ? []
        : [
            line(
              `Since ${sayTime(trouble.sameSince ?? trouble.since, reading)}: ${trouble.clause}. ${attemptsOf(request)} failed${next}.`,
            ),
          ]),
      line(strong('Do now: '), ...remedy(request)),
      ...lastResort(request, reading),
    ],
  };
};

/** The list of users in the tenant's own portal, by the domain of the account. */
const portalOf = ({ upn }: AccessRequest): Span => ({
  text: 'portal',
  href: `https://portal.azure.com/${encodeURIComponent(upn.split('@').at(-1) ?? '')}#view/Microsoft_AAD_UsersAndTenants/UserManagementMenuBlade/~/AllUsers`,
});

const REMEDY: Readonly<Record<string, string>> = {
  'directory.consent': 'have its Global Administrator consent to the app again',
  'directory.credential': "renew the app's secret or certificate",
  'directory.forbidden': 'give the app back its permissions and its directory role',
  'directory.not-found': 'see whether the tenant, the role or the group still exists',
};

const remedy = (request: AccessRequest): readonly (Span | string)[] => {
  const { trouble, tenant, upn } = request;
  const known = REMEDY[trouble?.code ?? ''];
  const byHand = [`disable ${upn} in the `, portalOf(request)] as const;
  if (known === undefined) return [...byHand, '. I go on trying.'];
  return [...byHand, `, or ${known} (`, code(`/jit admin tenant test ${tenant}`), '). I go on trying.'];
};

/** Named only where it would be heard, and not before people have had time to mend it. */
const lastResort = (request: AccessRequest, { today }: Reading): readonly Line[] => {
  const { id, alarms = 0, alarmedAt = today } = request;
  if (alarms < 3 || whyNotUnconfirmed(request, alarmedAt) !== undefined) return [];
  return [
    line('Out of reach for good? An owner may close it without proof: ', code(`/jit revoke ${id} --unconfirmed`)),
  ];
};

/** Of one that was closed without proof: who did it, why, and what is known. */
export const unconfirmedLines = (request: AccessRequest, reading: Reading): readonly Line[] => {
  const { unconfirmed, trouble } = request;
  const who = unconfirmed === undefined ? '' : ` by ${unconfirmed.by} at ${sayTime(unconfirmed.at, reading)}`;
  const why = trouble === undefined ? '' : ` (${trouble.clause}; ${attemptsOf(request)} failed)`;
  return [
    line(strong(`Closed as unconfirmed${who}.`), ` Nobody has proven its end${why}.`),
    line(`${remainsWords(request, reading)}.`),
  ];
};
