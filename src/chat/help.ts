/** Help that teaches: what can be typed, by example, and what to type next. */
import { adminHelp } from './admin/help.js';
import { nounNamed } from './admin/nouns.js';
import { card } from './answers.js';
import { closest } from '../lib/closest.js';
import { code, line } from './say.js';
import type { Card, Line } from './view.js';

const row = (example: string, what: string): Line => line(code(example), ` ${what}`);

interface Topic {
  readonly title: string;
  readonly lines: readonly Line[];
  /** What to type next: a whole command. */
  readonly next: string;
}

const DECIDING: Topic = {
  title: 'Deciding requests',
  lines: [
    row('/jit approve R-7K2M', 'says yes; words behind the id are a note that the requester reads'),
    row('/jit deny R-7K2M "Which mailbox?"', 'says no, and why'),
    line('The buttons on the card do the same. Nobody decides their own request.'),
    line('Some rules want a passkey for it: ', code('/jit link passkey'), ' makes yours.'),
  ],
  next: '/jit list',
};

const ENDING: Topic = {
  title: 'Ending access before its time',
  lines: [
    row('/jit cancel R-7K2M', 'withdraws a request that has not started'),
    row('/jit end R-7K2M', 'gives your access back early'),
    row('/jit revoke R-7K2M', "takes somebody's access away now; for its approvers and admins"),
    row('/jit revoke R-7K2M --unconfirmed', 'closes without proof what can never be reached again; for owners'),
    line('The card says when the directory has confirmed that the access is gone.'),
  ],
  next: '/jit list',
};

const LOOKING: Topic = {
  title: 'Seeing where things stand',
  lines: [
    row('/jit list', 'shows what waits for you, then your own requests'),
    row('/jit list --all', "shows everybody's that you oversee"),
    row('/jit status R-7K2M', 'shows where one stands'),
  ],
  next: '/jit list',
};

const TOPICS: Readonly<Record<string, Topic>> = {
  request: {
    title: 'Asking for access',
    lines: [
      row('/jit request', 'opens the form'),
      row(
        '/jit request contoso --role "Exchange Administrator" --for 2h --reason "Mailbox migration, INC-4711"',
        'asks at once',
      ),
      line(
        '--role can be said several times. --until 16:30 instead of --for; --from "tomorrow 9:00" starts later; --ticket INC-4711.',
      ),
      line(
        '--role "User Administrator@Berlin office" holds in that administrative unit alone; --tap asks for an access pass.',
      ),
      row(
        '/jit request contoso --account fresh --first Ada --last Byron --at-end delete',
        'asks for a new account; --user-name and --user-domain say how it is called',
      ),
      row(
        '/jit request contoso --account existing:admin@contoso.com',
        'borrows a user who is there, where a rule names them; they stay as they were',
      ),
      line('When it is approved you get a direct message with a button that shows the credential once.'),
      row('/jit can contoso', 'shows what you may ask for, and why'),
    ],
    next: '/jit request',
  },
  can: {
    title: 'What you may ask for',
    lines: [
      row('/jit can', 'shows it for every tenant'),
      row('/jit can contoso', 'shows it for one, with the rules that say so'),
    ],
    next: '/jit can',
  },
  'break-glass': {
    title: 'Seeing break-glass passwords',
    lines: [
      row('/jit break-glass contoso --reason "Nobody else can sign in, INC-4711"', 'asks for it'),
      line('Somebody else has to agree: whom the rule names, or another member of the vault or an owner.'),
      row('--emergency', 'needs no agreement, and tells every admin and owner at once'),
      row('--access-pass', 'asks for a fresh access pass as well; --name emergency1 for one account alone'),
      line(
        'Approved, it is a link in our own chat: ten minutes, once. /jit reveal V-7K2M sends another within the hour.',
      ),
      line('What was shown is changed an hour later, or as soon as you say on the page that you are done.'),
    ],
    next: '/jit vault status',
  },
  extend: {
    title: 'Staying longer',
    lines: [
      row('/jit extend R-7K2M 1h', 'asks for an hour more'),
      row('/jit extend R-7K2M 30m "The migration still runs"', 'says why, for those who decide it'),
      line('The rules are asked again; where they want an approval, the access goes on once it is there.'),
    ],
    next: '/jit list',
  },
  reveal: {
    title: 'Getting the credential',
    lines: [
      row('/jit reveal R-7K2M', 'offers the button that shows it, once, to you alone'),
      row('/jit reveal R-7K2M --again', 'makes a new one if you lost it; the old one stops working'),
    ],
    next: '/jit list',
  },
  list: LOOKING,
  status: LOOKING,
  approve: DECIDING,
  deny: DECIDING,
  cancel: ENDING,
  end: ENDING,
  revoke: ENDING,
  link: {
    title: 'One person, two chats, and a passkey',
    lines: [
      row('/jit link', 'gives a code'),
      row('/jit link CODE', 'typed in your other chat, joins the two once you have confirmed it in both'),
      line('Approvers need this to decide requests that were made in the other chat.'),
      line('Where the two together may do more than each alone, an owner of Latchkey has to agree as well.'),
      row('/jit link passkey', 'makes a passkey, for approvals that need more than a click'),
      row('/jit link passkeys', 'shows yours'),
      row('/jit link passkey --remove NAME', "removes one; owners can add --of PERSON to remove somebody else's"),
    ],
    next: '/jit link',
  },
  vault: {
    title: 'Your key to a vault of break-glass passwords',
    lines: [
      row('/jit vault enrol', 'gives a link to make it, in your browser, for your eyes alone'),
      row('/jit vault enrol "Contoso Ltd"', 'says to which vault, where you are in several'),
      row('/jit vault status', 'shows which vaults you are in, and your keys'),
      row('/jit vault confirm K-7K2M9QXA', "takes somebody's new key in, and refuse turns it down; for admins"),
      line('Your first key counts at once. Any other waits until another admin has heard its fingerprint from you.'),
    ],
    next: '/jit vault status',
  },
};

const OVERVIEW: Topic = {
  title: 'Latchkey lends admin access for a few hours and takes it back',
  lines: [
    row('/jit request', 'asks for admin access in a tenant'),
    row('/jit can', 'shows what you may ask for'),
    row('/jit list', 'shows your requests, and those waiting for you'),
    row('/jit status ID', 'shows where one stands'),
    row('/jit cancel ID', 'withdraws one that has not started'),
    row('/jit extend ID 1h', 'asks for more time, with a reason if you like'),
    row('/jit end ID', 'gives access back early'),
    row('/jit reveal ID', 'shows its credential once; --again makes a new one'),
    row('/jit approve ID', 'or deny ID, with a note if you like'),
    row('/jit revoke ID', "takes somebody's access away now"),
    row('/jit break-glass contoso --reason "INC-4711"', 'asks to see the emergency passwords of a tenant'),
    row('/jit link', 'joins your Slack and Teams identities; link passkey makes a passkey'),
    row('/jit vault', 'shows your keys to break-glass passwords; vault enrol makes one'),
    row('/jit admin', 'sets Latchkey up, for its admins'),
    line('Every command explains itself: /jit help and its name.'),
  ],
  next: '/jit help request',
};

/** `topic`: the words behind `/jit help`. A noun that admins administer may stand without `admin`. */
export const helpCard = (topic: string | undefined): Card => {
  const [first, ...rest] = (topic ?? '').toLowerCase().split(' ');
  if (first === undefined || first === '') return topicCard(OVERVIEW);
  if (first === 'admin') return adminHelp(rest);
  const known = topicNamed(first);
  if (known !== undefined) return topicCard(known);
  const noun = nounNamed(first) ?? nounNamed(first.replace(/s$/u, ''));
  if (noun !== undefined) return adminHelp([noun.name, ...rest]);
  return topicCard(topicNamed(closest(first, Object.keys(TOPICS)) ?? '') ?? OVERVIEW);
};

/** Of the table's own topics: every object has a `constructor`. */
const topicNamed = (word: string): Topic | undefined => (Object.hasOwn(TOPICS, word) ? TOPICS[word] : undefined);

const topicCard = ({ title, lines, next }: Topic): Card => card(title, [...lines, line('Next, type: ', code(next))]);
