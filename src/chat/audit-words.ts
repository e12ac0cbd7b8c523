/** Lines of the audit log in words, one line each. */
import type { AuditEvent, Facts } from '../flows/ports/audit.js';
import { cleaned } from './asking.js';
import { line, sayDuration, sayList, sayTime, strong } from './say.js';
import type { Reading } from './say.js';
import type { Line } from './view.js';

const PLATFORM = { slack: 'Slack', teams: 'Teams' } as const;

/** What somebody did to a request, or what became of it. */
const REQUEST: Readonly<Record<string, string>> = {
  'request.submitted': 'asked for',
  'request.approval': 'approved',
  'request.denial': 'denied',
  'request.approved': 'gave the last word that approved',
  'request.denied': 'ended by denial',
  'request.cancelled': 'cancelled',
  'request.lapsed': 'let lapse',
  'request.provisioning': 'began to prepare',
  'request.active': 'made live',
  'request.closing': 'began to end',
  'request.closed': 'closed',
  'request.unconfirmed': 'closed without proof of its end',
  'request.extended': 'extended',
  'request.escalated': 'asked more people about',
  'request.demands': 'changed what is needed for',
  'request.reminded': 'reminded the approvers of',
  'request.unreachable': 'could not reach an approver of',
  'request.overdue': 'raised an alarm about',
  'credential.offered': 'offered the credential of',
  'credential.revealed': 'revealed the credential of',
  'credential.reissue': 'asked for a new credential of',
};

const PASSKEY: Readonly<Record<string, string>> = {
  'passkey.enrolled': 'made a passkey',
  'passkey.removed': 'removed a passkey',
  'passkey.copied': 'used a passkey that may be a copy',
};

const PERSON: Readonly<Record<string, string>> = {
  'person.linked': 'joined two identities',
  'person.link-asked': 'asked to join two identities',
  'person.link-forbidden': 'forbade joining two identities of',
  'person.deactivated': 'took everything from',
  'person.reactivated': 'let back in',
  'person.forgotten': 'forgot',
  'person.office': 'changed the offices of',
  'person.added': 'put on record',
};

/** Ends with whose vault it is. */
const VAULT: Readonly<Record<string, string>> = {
  'vault.set-up': 'set up',
  'vault.joined': 'let people have a key to',
  'vault.left': 'took somebody out of',
  'vault.enrolled': 'made a key to',
  'vault.enrolled-again': 'made another key, which waits, to',
  'vault.confirmed': 'confirmed another key to',
  'vault.turned-down': 'turned down another key to',
  'vault.key-removed': 'took a key out of',
  'vault.recovery-made': 'made a recovery key to',
  'vault.recovery-removed': 'took the recovery key out of',
};

const HANDS: Readonly<Record<string, string>> = { latchkey: 'Latchkey', operator: 'Whoever runs the server' };

/** `names` are people's names by their ids. */
export const auditLine = (event: AuditEvent, names: ReadonlyMap<string, string>, reading: Reading): Line => {
  const who = HANDS[event.by] ?? names.get(event.by) ?? 'somebody who was forgotten';
  const where = event.on === undefined ? '' : ` (${PLATFORM[event.on]})`;
  return line(strong(sayTime(event.at, reading)), ` ${who} ${wordsOf(event, names)}${where}`);
};

const wordsOf = (event: AuditEvent, names: ReadonlyMap<string, string>): string => {
  const { what, facts } = event;
  const request = REQUEST[what];
  if (request !== undefined) return `${request} ${requestWords(event)}`;
  if (what === 'refused') return refusedWords(event);
  const vault = VAULT[what];
  if (vault !== undefined) return vaultWords(vault, event, names);
  const known = PERSON[what] ?? PASSKEY[what];
  if (known !== undefined)
    return `${known} ${text(facts['person'] ?? facts['identity']) || peopleIn(event, names)}`.trim();
  return `${changeWords(event)}${differenceWords(event, names)}`;
};

const vaultWords = (did: string, { by, about = [], facts }: AuditEvent, names: ReadonlyMap<string, string>): string => {
  const others = about.filter((id) => id !== by).flatMap((id) => names.get(id) ?? []);
  return `${did} the vault of ${text(facts['name'])}${others.length === 0 ? '' : ` (${sayList(others)})`}`;
};

const requestWords = ({ what, request, facts }: AuditEvent): string => {
  const roles = list(facts['roles']);
  const asked = what === 'request.submitted' && roles.length > 0 ? `${sayList(roles)}: ` : '';
  const outcome = what === 'request.closed' ? ` (${text(facts['outcome'])})` : '';
  return `${asked}${request ?? 'a request'}${outcome}`;
};

const refusedWords = ({ request, facts }: AuditEvent): string => {
  const about = request === undefined ? '' : ` ${request}`;
  return `was refused: ${text(facts['attempted'])}${about} (${text(facts['code'])})`;
};

const peopleIn = ({ about = [] }: AuditEvent, names: ReadonlyMap<string, string>): string =>
  sayList(about.flatMap((id) => names.get(id) ?? []));

/** `rule.added` of somebody's rule reads "added rule Leads approve". */
const changeWords = ({ what, facts, after, before }: AuditEvent): string => {
  const [noun = what, verb = ''] = what.split('.');
  const name = text(facts['name'] ?? after?.['name'] ?? before?.['name'] ?? facts[noun]);
  return `${verb.replaceAll('-', ' ')} ${noun} ${name}`.trim();
};

const differenceWords = ({ what, before, after = {} }: AuditEvent, names: ReadonlyMap<string, string>): string => {
  // Of something new everything differs: its name says enough.
  if (before === undefined || what.endsWith('.added')) return '';
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const said = fields.map(
    (field) => `${fieldWords(field)} ${value(field, before, names)} → ${value(field, after, names)}`,
  );
  return said.length === 0 ? '' : `: ${said.join('; ')}`;
};

/** `defaultDurationMs` reads "default duration". */
const fieldWords = (field: string): string =>
  field.replace(/Ms$/u, '').replaceAll(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`);

const value = (field: string, facts: Facts, names: ReadonlyMap<string, string>): string => {
  const known = facts[field];
  if (field.endsWith('Ms') && typeof known === 'number') return known === 0 ? 'never' : sayDuration(known);
  if (typeof known === 'object' && known !== null) {
    return known.length === 0 ? 'none' : sayList(known.map((one) => names.get(one) ?? cleaned(one)));
  }
  return text(known) || 'none';
};

const text = (known: Facts[string] | undefined): string => {
  if (typeof known === 'boolean') return known ? 'yes' : 'no';
  return known === undefined || known === null || typeof known === 'object' ? '' : cleaned(String(known));
};

const list = (known: Facts[string] | undefined): readonly string[] =>
  typeof known === 'object' && known !== null ? known : [];

/** Whoever an event names by an id: to be looked up before it is put into words. */
export const idsIn = ({ by, about = [], before = {}, after = {} }: AuditEvent): readonly string[] => [
  by,
  ...about,
  ...[before, after].flatMap((facts) => Object.values(facts).flatMap(list)),
];
