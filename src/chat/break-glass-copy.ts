import type { BreakGlassFault } from '../engine/break-glass-faults.js';
import type { ViewState } from '../engine/break-glass-view.js';
import { shortened } from './asking.js';
import { sayList, sayTime } from './say.js';
import type { Reading } from './say.js';

/** What is said of break-glass accounts, of the vault that keeps their passwords, and of looks at these. */

type Sentences = {
  readonly [C in BreakGlassFault['code']]: (fault: Extract<BreakGlassFault, { code: C }>, reading: Reading) => string;
};

const STATE: Readonly<Record<ViewState, string>> = {
  pending: 'is still waiting for a second person',
  approved: 'is approved and not opened yet',
  open: 'is open',
  over: 'is over',
  denied: 'was denied',
  lapsed: 'lapsed before anybody decided',
  cancelled: 'was cancelled',
};

const anyOf = (names: readonly string[], otherwise: string): string =>
  names.length === 0 ? otherwise : sayList(names);

const anAdmin = (names: readonly string[]): string => anyOf(names, 'an admin of Latchkey');

export const BREAK_GLASS_SENTENCES: Sentences = {
  'vault.not-set-up': ({ vault, admins }) =>
    `Nobody has chosen yet how the vault of ${vault} is sealed. Ask ${anAdmin(admins)} to type /jit admin vault set "${vault}" --sealed-to recipients.`,
  'vault.no-recipients': ({ vault }) =>
    `The vault of ${vault} is sealed to nobody yet, so a password put there would be lost. A member makes a key with /jit vault enrol; /jit admin vault show "${vault}" lists the members.`,
  'vault.set-up-already': ({ vault }) =>
    `The vault of ${vault} is set up already. /jit admin vault show "${vault}" shows how.`,
  'vault.server-sealed': ({ vault }) =>
    `The vault of ${vault} is sealed to the server, so nobody has a key to it. /jit admin vault set "${vault}" --sealed-to recipients changes that.`,
  'vault.none': ({ admins }) =>
    `You are not a member of any vault. Ask ${anAdmin(admins)} to add you with /jit admin vault add.`,
  'vault.not-member': ({ vault, admins }) =>
    `You are not a member of the vault of ${vault}. Ask ${anAdmin(admins)} to add you with /jit admin vault add.`,
  'vault.not-enrolled': ({ vault }) =>
    `You have no key to the vault of ${vault} yet. Make one with /jit vault enrol; it opens what is sealed from then on.`,
  'vault.bad-key': () =>
    'That is not a key that this browser has just made, so nothing was kept. Reload the page and try again; if it stays so, ask for a new link in the chat.',
  'vault.no-such-key': ({ asked }) =>
    `No key ${shortened(asked)} is waiting or in use there. /jit admin vault show lists the keys with their ids.`,
  'vault.own-key': () =>
    'That key is your own, so another admin of the organization has to confirm it. Ask one of them by voice: the point is that they know it is you.',
  'vault.last-key': ({ vault }) =>
    `That is the last key to the vault of ${vault}, and passwords are kept there that nobody could open without it. Have another member type /jit vault enrol first, or make a recovery key with /jit admin vault recovery "${vault}".`,
  'break-glass.none': ({ tenant }) =>
    `${tenant} has no break-glass account that I keep. /jit admin break-glass enable makes one.`,
  'break-glass.exists': ({ upn }) => `${upn} is kept already. /jit admin break-glass status shows how it is.`,
  'break-glass.bad-name': ({ asked, problem }) => `${shortened(asked)} will not do as a name: ${problem}.`,
  'break-glass.too-many': ({ tenant }) =>
    `More than two break-glass accounts in ${tenant} would be harder to guard than to miss. Name fewer, or disable the ones that are kept with /jit admin break-glass disable.`,
  'break-glass.no-domain': ({ tenant }) =>
    `I cannot find the onmicrosoft.com domain of ${tenant}, where such accounts belong. Check the tenant with /jit admin tenant test.`,
  'break-glass.foreign': ({ upn }) =>
    `${upn} is there already and was not made by me. Choose another name, or adopt it if that is the account you mean.`,
  'break-glass.not-covered': ({ tenant, admins }) =>
    `No rule lets you open the break-glass accounts of ${tenant}. Ask ${anAdmin(admins)}.`,
  'break-glass.nobody-to-ask': ({ tenant, admins }) =>
    `Nobody else can agree that you open the break-glass accounts of ${tenant}. Ask ${anAdmin(admins)} to add a second member to its vault, or declare an emergency with --emergency, which tells everybody.`,
  'break-glass.empty': ({ tenant }) =>
    `No break-glass password of ${tenant} is in the vault yet. /jit admin break-glass status says what keeps it.`,
  'break-glass.no-pass': ({ tenant, admins }) =>
    `No rule gives you an access pass with the break-glass passwords of ${tenant}. Ask without --access-pass, or ask ${anAdmin(admins)} to change the rule.`,
  'view.pending': ({ id, asked }) =>
    `You have asked already, as ${id}, and it waits for ${anyOf(asked, 'an admin')}. Withdraw it with /jit cancel ${id}, or declare an emergency with --emergency, which tells everybody.`,
  'view.decided': ({ id, by, verdict, at }, reading) =>
    `${by} ${verdict} ${id} at ${sayTime(at, reading)}. Nothing more to do.`,
  'view.second-factor': ({ id }) =>
    `Approving ${id} needs your passkey. Click Approve on its card, or type /jit approve ${id}, and follow the link.`,
  'view.outdated': ({ id, tenant }) =>
    `Since ${id} was approved, the rules of ${tenant} or the people who agreed have changed, and that approval no longer suffices. Ask anew with /jit break-glass.`,
  'drill.not-begun': ({ tenant }) =>
    `No drill is under way there. /jit admin break-glass drill ${tenant} begins one and says what to do.`,
  'drill.no-look': ({ tenant }) =>
    `Nobody has had the passwords since the drill began, so it would show nothing. First type /jit break-glass ${tenant} --reason "Drill", open the link and sign in.`,
  'view.no-ground': ({ id, requester }) =>
    `The rules no longer let ${requester} look, so ${id} is not to be decided any more. It lapses by itself.`,
  'view.unknown': ({ asked }) =>
    `There is no ${shortened(asked)} that you may see. /jit break-glass TENANT --reason asks anew.`,
  'view.own': () => 'This look was asked for by you, so somebody else has to agree to it.',
  'view.not-approver': ({ asked }) =>
    `This look is not yours to decide. Asked: ${anyOf(asked, 'the admins of Latchkey')}.`,
  'view.not-yours': ({ id, requester }) => `${id} belongs to ${requester}, and only they can open it.`,
  'view.wrong-state': ({ id, state, verb }) => `${id} ${STATE[state]}, so there is nothing to ${verb}.`,
};
