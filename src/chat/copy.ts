import type { Allowance, DirectoryFault, Fault, FaultCode } from '../engine/faults.js';
import type { RequestState } from '../engine/request.js';
import { MINUTE } from '../lib/clock.js';
import { cleaned, shortened } from './asking.js';
import { BREAK_GLASS_SENTENCES } from './break-glass-copy.js';
import { directorySentence, isDirectoryFault } from './directory-copy.js';
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
    : `You may ask for: ${sayList(allowances.map(sayAllowance))}.`;

const ON = { fresh: ', on a new account', existing: ', on an existing user' } as const;

const sayAllowance = ({ role, longestMs, account }: Allowance): string =>
  `${role} (${sayDuration(longestMs)}${account === undefined ? '' : ON[account]})`;

const BESIDE = {
  account: 'on that account',
  'at-end': 'with that end of the account',
  tap: 'with an access pass',
} as const;

const besides = (beside: readonly (keyof typeof BESIDE)[]): string =>
  beside.length === 0 ? '' : ` ${sayList(beside.map((one) => BESIDE[one]))}`;

const askAdmins = (admins: readonly string[]): string => `To change that, ask ${adminsOr(admins)}.`;

const adminsOr = (admins: readonly string[]): string =>
  admins.length === 0 ? 'an admin of Latchkey' : sayList(admins);

type Sentences = {
  readonly [C in Exclude<FaultCode, DirectoryFault['code']>]: (
    fault: Extract<Fault, { code: C }>,
    reading: Reading,
  ) => string;
};

const SENTENCES: Sentences = {
  ...BREAK_GLASS_SENTENCES,
  'command.usage': (fault) =>
    `${cleaned(fault.problem)} Type /jit help${fault.topic === undefined ? '' : ` ${fault.topic}`} to see how.`,
  'command.quotes': () => 'A quotation mark is left open. Close it, or leave both out.',
  'tenant.unknown': (fault) =>
    `No tenant called ${shortened(fault.asked)}.${meant(fault) || ` /jit can shows those you may ask for.${fault.admins === undefined ? '' : ` For others, ask ${adminsOr(fault.admins)}.`}`}`,
  'tenant.none': (fault) =>
    `No rule lets you ask for access in any tenant. Ask ${adminsOr(fault.admins)} to add you to a group that one names.`,
  'role.unknown': (fault) =>
    `${fault.tenant} has no role called ${shortened(fault.asked)}.${meant(fault) || ' Check its name in the Entra admin center.'}`,
  'role.missing': () => 'Choose at least one role.',
  'reason.missing': () => 'Say why you need it: one sentence is enough, and approvers decide by it.',
  'text.too-long': (fault) =>
    `The ${fault.field} has ${fault.length} characters; at most ${fault.most} fit. Shorten it and send it again.`,
  'duration.invalid': (fault) =>
    `I cannot read ${shortened(fault.asked)} as a duration. Write it like 30m, 2h or 1h30m.`,
  'duration.too-short': (fault) => `That is too short to be of use. Ask for at least ${sayDuration(fault.leastMs)}.`,
  'time.invalid': (fault) =>
    `I cannot read ${shortened(fault.asked)} as a time. Write it like 16:30, tomorrow 9:00 or 2026-11-23 16:30.`,
  'time.past': (fault) => `${shortened(fault.asked)} is in the past. Name a time still to come, or use --for 2h.`,
  'time.too-far': (fault) => `${shortened(fault.asked)} is too far ahead; at most ${sayDuration(fault.mostMs)}.`,
  'time.end-before-start': () => 'The end is before the start. Try --for 2h.',
  'time.both': () => 'Say either --for or --until, not both.',
  'policy.not-covered': (fault) =>
    `You may not ask for ${sayList(fault.roles)}${besides(fault.beside)} in ${fault.tenant}. ${mayAsk(fault.allowances)} /jit can ${fault.id} says why; to change that, ask ${adminsOr(fault.admins)}.`,
  'policy.too-long': (fault) =>
    fault.rule === undefined
      ? `${fault.tenant} lends at most ${sayDuration(fault.longestMs)}. Try --for ${shortDuration(fault.longestMs)}.`
      : `In ${fault.tenant} that is allowed for at most ${sayDuration(fault.longestMs)} (rule ${fault.rule}). Try --for ${shortDuration(fault.longestMs)}.`,
  'policy.not-lent': (fault) =>
    `${fault.tenant} lends only: ${lentThere(fault)}. ${sayList(fault.things)} cannot be had there, whatever the rules say. ${askAdmins(fault.admins)}`,
  'tenant.leaving': (fault) =>
    `${fault.tenant} is being disconnected, so nothing new can be asked for there. ${askAdmins(fault.admins)}`,
  'policy.denied': (fault) => `Rule ${fault.rule} rules that out in ${fault.tenant}. ${askAdmins(fault.admins)}`,
  'policy.ticket': (fault) =>
    fault.asked === undefined
      ? `A ticket is needed (rule ${fault.rule}). Add --ticket REF${fault.pattern === undefined ? '' : `; it must match ${fault.pattern}`}.`
      : `Ticket ${shortened(fault.asked)} does not match ${fault.pattern ?? 'what is needed'} (rule ${fault.rule}). Name one that does.`,
  'policy.nobody-to-ask': (fault) =>
    `Nobody can be asked: ${fault.group} has too few people who could approve this${unreachable(fault.unreachable)}. ${askAdmins(fault.admins)}`,
  'request.unknown': (fault) =>
    `No request ${shortened(fault.asked)} that you may see.${meant(fault) || ' /jit list shows yours.'}`,
  'request.own': (fault) =>
    `This request was made by you; someone else has to approve it. Asked: ${sayList(fault.asked)}.`,
  'request.not-approver': (fault) => `This is not yours to decide. Asked: ${sayList(fault.asked)}.`,
  'request.unlinked': (fault) =>
    `It was asked in ${PLATFORM[fault.platform]}, where I do not know you. Type /jit link there, and the code it gives you here; then decide.`,
  'request.second-factor': (fault) =>
    `Approving ${fault.id} needs your passkey. Click Approve on its card, or type /jit approve ${fault.id}, and follow the link.`,
  'request.called-off': (fault) => `${fault.id} is called off, and its requester is told. ${fault.why}`,
  'request.decided': (fault, reading) =>
    `${fault.by} ${fault.verdict} ${fault.id} at ${sayTime(fault.at, reading)}. Nothing more to do.`,
  'request.wrong-state': (fault) =>
    `${fault.id} ${STATE[fault.state]}, so there is nothing to ${verbName(fault.verb)}. /jit status ${fault.id} shows where it stands.`,
  'request.not-yours': (fault) => `${fault.id} is ${fault.requester}'s, and only they can do that.`,
  'extend.open': (fault) =>
    `More time for ${fault.id} is asked for already, as ${fault.open}. Wait for its decision, or withdraw it with /jit cancel ${fault.open}.`,
  'extend.too-long': (fault) =>
    fault.moreMs < MINUTE
      ? `${fault.id} already lasts as long as it may: ${sayDuration(fault.longestMs)} (${limitOf(fault)}). End it in time, or ask anew with /jit request.`
      : `${fault.id} may last ${sayDuration(fault.longestMs)} altogether (${limitOf(fault)}). Try /jit extend ${fault.id} ${wholeMinutes(fault.moreMs)}.`,
  'unconfirmed.untried': (fault) =>
    `Nothing was tried yet to end ${fault.id}. Wait for the first attempt; /jit status ${fault.id} shows it.`,
  'unconfirmed.passing': (fault, reading) =>
    `What keeps ${fault.id} from ending may pass by itself (${fault.clause}), so I go on trying. If no read succeeds until ${sayTime(fault.from, reading)}, say it again then.`,
  'reveal.taken': (fault, reading) =>
    `The credential of ${fault.id} was revealed at ${sayTime(fault.at, reading)}, and is shown only once. Lost it? /jit reveal ${fault.id} --again makes a new one.`,
  'reveal.shared': (fault) =>
    `${fault.id} uses the credential you already have for this account. Lost it? /jit reveal ${fault.id} --again makes a new one.`,
  'reveal.own': (fault) =>
    `There is nothing to reveal: sign in as ${fault.upn} as always. /jit status ${fault.id} says until when.`,
  'reveal.lost': (fault) =>
    // The loser of a double click reads it too, beside the credential that the other click shows.
    `The credential of ${fault.id} was taken just now. Was it not shown to you? /jit reveal ${fault.id} --again makes a new one, and the old one stops working.`,
  'reveal.shared-place': () =>
    'A credential is shown only where nobody else reads along. Use the button in your own chat with me.',
  'admin.only': (fault) => `Only admins of Latchkey may do that. Ask ${adminsOr(fault.admins)}.`,
  'admin.owners': (fault) => `Only owners of Latchkey may do that. Ask ${adminsOr(fault.admins)}.`,
  'admin.read-only': (fault) => `You may look at this and change nothing. ${askAdmins(fault.admins)}`,
  'admin.exists': (fault) =>
    `There is a ${fault.what} ${fault.name} already. /jit admin ${fault.what} list shows them.`,
  'admin.unknown': (fault) =>
    `No ${fault.what} called ${shortened(fault.asked)}.${meant(fault) || ` /jit admin ${fault.what} list shows them.`}`,
  'admin.ambiguous': (fault) =>
    `${shortened(fault.asked)} could be any of these: ${sayList(fault.candidates)}. Name the ${fault.what} by its id.`,
  'admin.in-use': (fault) =>
    `${fault.name} is still used by ${sayList(fault.by)}. Remove ${fault.by.length === 1 ? 'that' : 'those'} first.`,
  'admin.invalid': (fault) => `${fault.field}: ${fault.problem}.`,
  'admin.changed': (fault) =>
    `Somebody else changed ${fault.what} ${fault.name} a moment ago, so nothing was changed now. Look again with /jit admin ${fault.what} show "${fault.name}".`,
  'admin.built-in': (fault) =>
    `${fault.name} is built in: it holds the owners and, in an organization, its admins. Choose another name.`,
  'rule.privileged-pattern': (fault) =>
    `${shortened(fault.pattern)} fits privileged ${fault.what}s alone (${sayList(fault.names)}), and no pattern gives those. Name each with --${fault.what}, in full.`,
  'rule.empty-pattern': (fault) =>
    `No ${fault.what} there fits ${shortened(fault.pattern)}. Check the names in the Entra admin center; * stands for any characters.`,
  'group.follows': (fault) =>
    `${fault.group} follows ${fault.list}, so people join and leave there. /jit admin group set "${fault.group}" --unfollow ends that.`,
  'group.unknown': (fault) =>
    `${fault.tenant} has no group called ${shortened(fault.asked)}.${meant(fault) || ' Check its name in the Entra admin center.'}`,
  'group.ambiguous': (fault) =>
    `${shortened(fault.asked)} could be ${sayList(fault.candidates)}. Name it by the id in brackets.`,
  'group.kept-elsewhere': (fault) =>
    `I cannot put anybody into ${fault.group} of ${fault.tenant}: a rule, Exchange or a directory on the premises decides who is in it. Choose a group with assigned members.`,
  'template.unknown': (fault) =>
    `No template called ${shortened(fault.asked)} for ${fault.tenant} that you may use.${meant(fault) || ` /jit can shows what you may ask for.`}`,
  'unit.unknown': (fault) =>
    `${fault.tenant} has no administrative unit called ${shortened(fault.asked)}.${meant(fault) || ' Check its name in the Entra admin center.'}`,
  'unit.ambiguous': (fault) =>
    `${shortened(fault.asked)} could be ${sayList(fault.candidates)}. Name the unit by the id in brackets.`,
  'user.unknown': (fault) =>
    `There is no user ${shortened(fault.asked)} in ${fault.tenant} whom you may borrow. /jit can shows whom you may; /jit request opens a form to choose from.`,
  'user.ambiguous': (fault) =>
    `${shortened(fault.asked)} could be ${sayList(fault.candidates)}. Name one by its user name: --account existing:UPN.`,
  'user.missing': () => 'Say which user you want to borrow: --account existing:UPN, or choose one in the form.',
  'fresh.missing': () => 'Say whom to make: --first NAME --last NAME, and --user-name where it shall be another one.',
  'user.kept': (fault) => `${fault.upn} is one of my own accounts, and those are lent to nobody. Name another user.`,
  'user.taken': (fault) =>
    `${fault.upn} is taken in ${fault.tenant} already. Choose another: --user-name ${fault.free ?? 'NAME'}.`,
  'account.end': (fault) =>
    fault.kind === 'fresh'
      ? 'A new account is not left behind: it is disabled or deleted at the end. Say --at-end disable or --at-end delete.'
      : 'A user who was there before is never disabled or deleted by me, only disabled again where it was. Leave out --at-end.',
  'person.unknown': (fault) =>
    `I do not know ${shortened(fault.asked)}. Ask them to write to me once, or name them as slack:USERID or teams:OBJECTID.`,
  'person.ambiguous': (fault) =>
    `${shortened(fault.asked)} could be ${sayList(fault.candidates)}. Name them by e-mail, slack:USERID or teams:OBJECTID.`,
  'person.busy': (fault) =>
    `${fault.name} has open requests: ${sayList(fault.requests)}. End them first with /jit revoke ${fault.requests[0] ?? 'ID'}.`,
  'owner.last': (fault) =>
    `${fault.name} is the last owner who can speak to me. Make somebody else one first: /jit admin person set PERSON --owner.`,
  'person.deactivated': () =>
    'Your account in this chat, or one joined to it, is deactivated, so I do nothing for you. Once it is restored, write to me again.',
  'roster.unknown': (fault) =>
    `I find no ${fault.what} called ${shortened(fault.asked)}.${meant(fault) || ' Check its name, or name it by its id.'}`,
  'roster.ambiguous': (fault) =>
    `${shortened(fault.asked)} could be ${sayList(fault.candidates)}. Name it by the id in brackets.`,
  'roster.no-platform': (fault) =>
    `${PLATFORM[fault.platform]} is not set up here. Set it up first, or follow another list.`,
  'roster.not-in-team': (fault) =>
    `I am not in the team ${shortened(fault.team)}. Add me to it in Teams (Apps, Manage your apps, Latchkey, Add to a team) and try again.`,
  'roster.foreign-directory': () =>
    'The people of that tenant do not speak to me in Teams, so its groups cannot decide who may do what here. Follow a group of a tenant in TEAMS_TENANTS.',
  'roster.forbidden': (fault) =>
    `${PLATFORM[fault.platform]} does not let me read that. ${fault.scope === undefined ? 'Check what the app may do there' : `Give the app the scope ${fault.scope}, reinstall it`} and try again.`,
  'roster.unavailable': (fault) => `${PLATFORM[fault.platform]} does not answer. Try again in a minute.`,
  'domain.unverified': (fault) =>
    fault.verified.length === 0
      ? 'That tenant has no verified domain whose passwords are managed in Entra ID. Verify one there first.'
      : `${shortened(fault.domain)} is not a verified domain of that tenant. Use one of: ${sayList(fault.verified)}.`,
  'domain.federated': (fault) =>
    `${fault.domain} is federated: its passwords are set elsewhere, so I cannot make accounts there. ${fault.usable.length === 0 ? 'Add a domain to that tenant whose passwords are managed in Entra ID.' : `Use one of: ${sayList(fault.usable)}.`}`,
  'connect.gone': () =>
    'This link is not good any more: it was used, or its ten minutes are over. Nothing was connected now; for a new link, type /jit admin tenant connect in the chat.',
  'connect.declined': (fault) =>
    fault.byHand
      ? 'The app was not let in, so nothing is connected. To try again, type /jit admin tenant connect and open the new link as a Global Administrator of the tenant.'
      : `Entra answered ${fault.reason} instead of a consent, so nothing is connected. Look that code up, put right what it names, and type /jit admin tenant connect for a new link.`,
  'connect.incomplete': () =>
    'Entra did not send everything back, so nothing is connected. Type /jit admin tenant connect for a new link, and follow it to its end.',
  'connect.other-tenant': (fault) =>
    `The consent came from tenant ${shortened(fault.answered)}, but ${shortened(fault.asked)} was asked for, so nothing is connected. Type /jit admin tenant connect for a new link and sign in as an administrator of the right one.`,
  'connect.unproven': () =>
    'It could not be proven who signed in, so nothing is connected. Type /jit admin tenant connect for a new link, and go its whole way in one browser, with an account of that tenant.',
  'connect.cloud': () =>
    "The server's app lives in another cloud, where that tenant cannot let it in. Register an app there, and add --id GUID --own-app.",
  'app.refused': (fault) =>
    `Entra did not accept that app: ${fault.clause}. Nothing was changed. Check the client id, the credential, the tenant and its admin consent; what was made a moment ago may need a minute.`,
  'link.unknown': () => 'That code is unknown or has expired. Type /jit link in your other chat to get a new one.',
  'link.same-chat': (fault) => `Both are ${PLATFORM[fault.platform]} identities. Type the code in your other chat.`,
  'link.already': () => 'These two are already joined. Nothing to do.',
  'link.not-yours': () => 'That offer is not yours to answer. Type /jit link to make your own.',
  'link.no-owner': () =>
    'Together these two may do more than each alone, so an owner who is neither has to agree, and there is none. Make another owner, or take one of the two out of its groups and offices, and start again with /jit link.',
  'link.grown': () =>
    'They may do more by now than you were shown, so nothing was joined. Have them start again with /jit link.',
  'link.decided': () => 'That was decided already, or its 24 hours are over. Nothing more to do.',
  'link.own': () => 'This link is your own, so another owner has to decide it.',
  'page.gone': () => 'This link is not good any more: it was used, or its time is over. Ask for a new one in the chat.',
  'passkey.none': () =>
    'This needs your passkey, and you have none yet. Type /jit link passkey to make one, then try again.',
  'passkey.address': () =>
    'Passkeys need an https address with a name. Ask an admin of Latchkey to set PUBLIC_URL to one.',
  'passkey.again': () => 'That attempt is over, perhaps because the page is open twice. Press the button again.',
  'passkey.unknown': () =>
    'That passkey is not one of yours here. Try again with another; /jit link passkeys lists yours.',
  'passkey.refused': () =>
    'That passkey was not accepted. Try again; if it stays so, make a new one with /jit link passkey.',
  'passkey.copied': (fault) =>
    `Passkey ${shortened(fault.name)} was not accepted: it counts fewer uses than I have seen, so there may be a copy of it. Remove it with /jit link passkey --remove and tell an owner of Latchkey.`,
  'passkey.taken': () => 'That passkey is enrolled already. /jit link passkeys lists yours.',
  'passkey.no-such': (fault) =>
    `No passkey called ${shortened(fault.asked)}.${meant(fault) || ' /jit link passkeys lists yours.'}`,
  'passkey.last': (fault) =>
    `That is your only passkey: make another with /jit link passkey first. Lost it? Ask ${adminsOr(fault.admins)} to remove it.`,
  'import.invalid': (fault) =>
    `That cannot be imported, and nothing was changed. ${fault.problems.map(cleaned).join('; ')}${fault.more === 0 ? '.' : `; and ${fault.more} more.`} Correct it and import it again.`,
  'import.overtaken': (fault) =>
    `Somebody changed ${fault.noun} ${shortened(fault.name)} meanwhile, so the import stopped there. Import it again: what is done already stays as it is.`,
  'direct-only': () => 'Not here, where others read along. Write to me in our own chat.',
  busy: () => 'Too many people are changing this at once. Nothing was changed; try again in a moment.',
  internal: () =>
    'Something went wrong on my side, and nothing was changed. Try again; if it stays, tell an admin of Latchkey.',
};

/** The one public sentence for each fault: what is so, and what to do next. Nothing of `detail` is in it. */
export const faultSentence = (fault: Fault, reading: Reading): string => {
  if (isDirectoryFault(fault)) return directorySentence(fault);
  // Each sentence takes the fault of its own code, which the compiler cannot follow through the union.
  const sentence = SENTENCES[fault.code] as (fault: Fault, reading: Reading) => string;
  return sentence(fault, reading);
};

/** Every one of them, as nothing else can be had. */
const lentThere = ({
  roles = [],
  groups = [],
}: {
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
}): string => [...roles, ...groups.map((group) => `group ${group}`)].join(', ');

const limitOf = ({ rule, tenant }: { readonly rule?: string; readonly tenant: string }): string =>
  rule === undefined ? `the most that ${tenant} lends` : `rule ${rule}`;

const unreachable = (names: readonly string[]): string =>
  names.length === 0 ? '' : ` (no message reaches ${sayList(names)} there)`;

const shortDuration = (ms: number): string => sayDuration(ms).replaceAll(' min', 'm').replaceAll(' ', '');

/** Rounded down, so that it is still allowed. */
const wholeMinutes = (ms: number): string => shortDuration(Math.floor(ms / MINUTE) * MINUTE);

const verbName = (verb: string): string => (verb === 'reissue' ? 'reveal' : verb);
