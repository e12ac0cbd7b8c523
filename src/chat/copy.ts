import type { Allowance, DirectoryFault, Fault } from '../engine/faults.js';
import type { RequestState } from '../engine/request.js';
import { troubleClause } from '../flows/trouble.js';
import { cleaned, shortened } from './asking.js';
import { sayDuration, sayList, sayTime } from './say.js';
import type { Reading } from './say.js';

const PLATFORM = { slack: 'Slack', teams: 'Teams' } as const;

const meant = (fault: { readonly meant?: string }): string =>
  fault.meant === undefined ? '' : ` Did you mean ${fault.meant}?`;

const STATE: Readonly<Record<RequestState, string>> = {
  pending: 'is still waiting for a decision',
  approved: 'is approved and has not started yet',
  provisioning: 'is still being prepared',
  active: 'is live',
  closing: 'is ending',
  closed: 'has ended',
  denied: 'was denied',
  cancelled: 'was cancelled',
  lapsed: 'lapsed before anybody decided',
};

const mayAsk = (allowances: readonly Allowance[]): string =>
  allowances.length === 0
    ? 'No rule lets you ask for anything there.'
    : `You may ask for: ${sayList(allowances.map(({ role, longestMs }) => `${role} (${sayDuration(longestMs)})`))}.`;

const askAdmins = (admins: readonly string[]): string => `To change that, ask ${adminsOr(admins)}.`;

const adminsOr = (admins: readonly string[]): string =>
  admins.length === 0 ? 'an admin of Latchkey' : sayList(admins);

/** The one public sentence for each fault: what is so, and what to do next. Nothing of `detail` is in it. */
export const faultSentence = (fault: Fault, reading: Reading): string => {
  switch (fault.code) {
    case 'command.usage':
      return `${cleaned(fault.problem)} Type /jit help${fault.topic === undefined ? '' : ` ${fault.topic}`} to see how.`;
    case 'command.quotes':
      return 'A quotation mark is left open. Close it, or leave both out.';
    case 'tenant.unknown':
      return `No tenant called ${shortened(fault.asked)}.${meant(fault) || ' /jit request shows those you may ask for.'}`;
    case 'tenant.none':
      return 'No rule lets you ask for access in any tenant. Ask an admin of Latchkey to add you to a group that one names.';
    case 'role.unknown':
      return `${fault.tenant} has no role called ${shortened(fault.asked)}.${meant(fault) || ' Check its name in the Entra admin center.'}`;
    case 'role.missing':
      return 'Choose at least one role.';
    case 'reason.missing':
      return 'Say why you need it: one sentence is enough, and approvers decide by it.';
    case 'text.too-long':
      return `The ${fault.field} has ${fault.length} characters; at most ${fault.most} fit. Shorten it and send it again.`;
    case 'duration.invalid':
      return `I cannot read ${shortened(fault.asked)} as a duration. Write it like 30m, 2h or 1h30m.`;
    case 'duration.too-short':
      return `That is too short to be of use. Ask for at least ${sayDuration(fault.leastMs)}.`;
    case 'time.invalid':
      return `I cannot read ${shortened(fault.asked)} as a time. Write it like 16:30, tomorrow 9:00 or 2026-11-23 16:30.`;
    case 'time.past':
      return `${shortened(fault.asked)} is in the past. Name a time still to come, or use --for 2h.`;
    case 'time.too-far':
      return `${shortened(fault.asked)} is too far ahead; at most ${sayDuration(fault.mostMs)}.`;
    case 'time.end-before-start':
      return 'The end is before the start. Try --for 2h.';
    case 'time.both':
      return 'Say either --for or --until, not both.';
    case 'policy.not-covered':
      return `You may not ask for ${sayList(fault.roles)} in ${fault.tenant}. ${mayAsk(fault.allowances)} ${askAdmins(fault.admins)}`;
    case 'policy.too-long':
      return `In ${fault.tenant} that is allowed for at most ${sayDuration(fault.longestMs)} (rule ${fault.rule}). Try --for ${shortDuration(fault.longestMs)}.`;
    case 'policy.nobody-to-ask':
      return `Nobody can be asked: ${fault.group} has too few people who could approve this${unreachable(fault.unreachable)}. ${askAdmins(fault.admins)}`;
    case 'request.unknown':
      return `No request ${shortened(fault.asked)} that you may see.${meant(fault) || ' /jit list shows yours.'}`;
    case 'request.own':
      return `This request was made by you; someone else has to approve it. Asked: ${sayList(fault.asked)}.`;
    case 'request.not-approver':
      return `This is not yours to decide. Asked: ${sayList(fault.asked)}.`;
    case 'request.unlinked':
      return `It was asked in ${PLATFORM[fault.platform]}, where I do not know you. Type /jit link there, and the code it gives you here; then decide.`;
    case 'request.decided':
      return `${fault.by} ${fault.verdict} ${fault.id} at ${sayTime(fault.at, reading)}. Nothing more to do.`;
    case 'request.wrong-state':
      return `${fault.id} ${STATE[fault.state]}, so there is nothing to ${verbName(fault.verb)}. /jit status ${fault.id} shows where it stands.`;
    case 'request.not-yours':
      return `${fault.id} is ${fault.requester}'s, and only they can do that.`;
    case 'reveal.taken':
      return `The credential of ${fault.id} was revealed at ${sayTime(fault.at, reading)}, and is shown only once. Lost it? /jit reveal ${fault.id} --again makes a new one.`;
    case 'reveal.shared':
      return `${fault.id} uses the credential you already have for this account. Lost it? /jit reveal ${fault.id} --again makes a new one.`;
    case 'reveal.lost':
      return `The credential of ${fault.id} can no longer be shown. /jit reveal ${fault.id} --again makes a new one; the old one stops working.`;
    case 'reveal.shared-place':
      return 'A credential is shown only where nobody else reads along. Use the button in your own chat with me.';
    case 'admin.only':
      return `Only admins of Latchkey may do that. Ask ${adminsOr(fault.admins)}.`;
    case 'admin.exists':
      return `There is a ${fault.what} ${fault.name} already. /jit admin ${fault.what} list shows them.`;
    case 'admin.unknown':
      return `No ${fault.what} called ${shortened(fault.asked)}.${meant(fault) || ` /jit admin ${fault.what} list shows them.`}`;
    case 'admin.in-use':
      return `${fault.name} is still used by ${sayList(fault.by)}. Remove that first.`;
    case 'admin.invalid':
      return `${fault.field}: ${fault.problem}.`;
    case 'person.unknown':
      return `I do not know ${shortened(fault.asked)}. Ask them to write to me once, or name them as slack:USERID or teams:OBJECTID.`;
    case 'person.ambiguous':
      return `${shortened(fault.asked)} could be ${sayList(fault.candidates)}. Name them by e-mail, slack:USERID or teams:OBJECTID.`;
    case 'domain.unverified':
      return fault.verified.length === 0
        ? 'That tenant has no verified domain whose passwords are managed in Entra ID. Verify one there first.'
        : `${shortened(fault.domain)} is not a verified domain of that tenant. Use one of: ${sayList(fault.verified)}.`;
    case 'domain.federated':
      return `${fault.domain} is federated: its passwords are set elsewhere, so I cannot make accounts there. Name a managed domain with --domain.`;
    case 'link.unknown':
      return 'That code is unknown or has expired. Type /jit link in your other chat to get a new one.';
    case 'link.same-chat':
      return `Both are ${PLATFORM[fault.platform]} identities. Type the code in your other chat.`;
    case 'link.already':
      return 'These two are already joined. Nothing to do.';
    case 'link.not-yours':
      return 'That offer is not yours to answer. Type /jit link to make your own.';
    case 'direct-only':
      return 'Not here, where others read along. Write to me in our own chat.';
    case 'busy':
      return 'Too many people are changing this at once. Nothing was changed; try again in a moment.';
    case 'internal':
      return 'Something went wrong on my side, and nothing was changed. Try again; if it stays, tell an admin of Latchkey.';
    default:
      return directorySentence(fault);
  }
};

const DIRECTORY_NEXT: Readonly<Record<DirectoryFault['code'], string>> = {
  'directory.throttled': 'Try again in a minute.',
  'directory.unavailable': 'Try again in a minute.',
  'directory.unclear': 'Try again in a minute.',
  'directory.forbidden': "Check the app's permissions and its directory role in that tenant.",
  'directory.consent': "Have the tenant's Global Administrator consent to the app first.",
  'directory.credential': "Check ENTRA_CLIENT_ID and the app's secret or certificate.",
  'directory.name-taken': 'Rename or remove that user first.',
  'directory.not-found': 'Check the tenant id.',
  'directory.rejected': 'The log says why.',
  'directory.malformed': 'Is GRAPH_BASE_URL right, or does a proxy answer in its place?',
};

const directorySentence = (fault: DirectoryFault): string => {
  const clause = troubleClause(fault);
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}. ${DIRECTORY_NEXT[fault.code]}`;
};

const unreachable = (names: readonly string[]): string =>
  names.length === 0 ? '' : ` (no message reaches ${sayList(names)} there)`;

const shortDuration = (ms: number): string => sayDuration(ms).replaceAll(' min', 'm').replaceAll(' ', '');

const verbName = (verb: string): string => (verb === 'reissue' ? 'reveal' : verb);
