import { card } from './answers.js';
import { code, line } from './say.js';
import type { Card, Line } from './view.js';

const row = (example: string, what: string): Line => line(code(example), ` ${what}`);

const TOPICS: Readonly<Record<string, { readonly title: string; readonly lines: readonly Line[] }>> = {
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
      line('When it is approved you get a direct message with a button that shows the credential once.'),
    ],
  },
  admin: {
    title: 'Setting Latchkey up',
    lines: [
      row(
        '/jit admin tenant add contoso --id TENANT-GUID [--name "Contoso"] [--domain contoso.com]',
        'connects a tenant that has consented',
      ),
      row(
        '/jit admin group add "Service desk" --member @tess --member dana@msp.example',
        'makes a group, or adds people to it',
      ),
      row(
        '/jit admin rule add "Leads approve Exchange" --subject "Service desk" --tenant contoso --role "Exchange Administrator" --max 4h --approvals 1 --approvers "Service desk leads"',
        'says who may ask for what',
      ),
      row('/jit admin tenant|group|rule list', 'shows them'),
      row(
        '/jit admin tenant|group|rule remove NAME',
        'removes one; group remove NAME --member @tess takes a person out',
      ),
    ],
  },
  link: {
    title: 'One person, two chats, and a passkey',
    lines: [
      row('/jit link', 'gives a code'),
      row('/jit link CODE', 'typed in your other chat, joins the two once you have confirmed it in both'),
      line('Approvers need this to decide requests that were made in the other chat.'),
      row('/jit link passkey', 'makes a passkey, for approvals that need more than a click'),
      row('/jit link passkeys', 'shows yours'),
      row('/jit link passkey --remove NAME', "removes one; owners can add --of PERSON to remove somebody else's"),
    ],
  },
};

const OVERVIEW: readonly Line[] = [
  row('/jit request', 'asks for admin access in a tenant'),
  row('/jit list', 'shows your requests, and those waiting for you'),
  row('/jit status ID', 'shows where one stands'),
  row('/jit cancel ID', 'withdraws one that has not started'),
  row('/jit extend ID 1h', 'asks for more time, with a reason if you like'),
  row('/jit end ID', 'gives access back early'),
  row('/jit reveal ID', 'shows its credential once; --again makes a new one'),
  row('/jit approve ID', 'or deny ID, with a note if you like'),
  row('/jit revoke ID', "takes somebody's access away now"),
  row('/jit link', 'joins your Slack and Teams identities; link passkey makes a passkey'),
  row('/jit help request', 'or help link, help admin, says more'),
];

/** What can be typed, by example. */
export const helpCard = (topic: string | undefined): Card => {
  const known = topic === undefined ? undefined : TOPICS[topic.toLowerCase()];
  return known === undefined
    ? card('Latchkey lends admin access for a few hours and takes it back', OVERVIEW)
    : card(known.title, known.lines);
};
