import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../src/chat/commands.js';
import type { AdminCommand, Command } from '../../../src/chat/command.js';

const NOTHING = { role: [] };

const said = (
  noun: string,
  verb: string,
  args: AdminCommand['args'],
  options: AdminCommand['options'],
): AdminCommand => ({ name: 'admin', noun, verb, args, options });

describe('a command', () => {
  it.each<[string, Command]>([
    ['', { name: 'help' }],
    ['help', { name: 'help' }],
    ['help admin', { name: 'help', topic: 'admin' }],
    ['Help me please', { name: 'help', topic: 'me please' }],
    ['help admin Rule add', { name: 'help', topic: 'admin rule add' }],
    ['--help', { name: 'help' }],
    ['request --help', { name: 'help', topic: 'request' }],
    ['admin', { name: 'help', topic: 'admin' }],
    ['admin rule', { name: 'help', topic: 'admin rule' }],
    ['admin rule add --help', { name: 'help', topic: 'admin rule add' }],
    ['request', { name: 'request', options: NOTHING }],
    ['request contoso', { name: 'request', tenant: 'contoso', options: NOTHING }],
    ['Request Contoso', { name: 'request', tenant: 'Contoso', options: NOTHING }],
    [
      'request contoso --role "Exchange Administrator" --role “User Administrator” —for 2h --reason “Mailbox migration, INC-4711” --ticket INC-4711',
      {
        name: 'request',
        tenant: 'contoso',
        options: {
          role: ['Exchange Administrator', 'User Administrator'],
          for: '2h',
          reason: 'Mailbox migration, INC-4711',
          ticket: 'INC-4711',
        },
      },
    ],
    [
      'request --from "tomorrow 9:00" --until=17:00 contoso',
      { name: 'request', tenant: 'contoso', options: { role: [], from: 'tomorrow 9:00', until: '17:00' } },
    ],
    [
      'request contoso --reason "-5 licences"',
      { name: 'request', tenant: 'contoso', options: { role: [], reason: '-5 licences' } },
    ],
    ['list', { name: 'list', all: false, page: 1 }],
    ['LIST --all', { name: 'list', all: true, page: 1 }],
    ['list —page 2', { name: 'list', all: false, page: 2 }],
    ['extend R-7K2M 1h', { name: 'extend', id: 'R-7K2M', duration: '1h' }],
    ['extend r-7k2m 90m “still copying”', { name: 'extend', id: 'r-7k2m', duration: '90m', reason: 'still copying' }],
    ['status R-7K2M', { name: 'status', id: 'R-7K2M' }],
    ['Cancel r-7k2m', { name: 'cancel', id: 'r-7k2m' }],
    ['end R-7K2M', { name: 'end', id: 'R-7K2M' }],
    ['revoke R-7K2M', { name: 'revoke', id: 'R-7K2M' }],
    ['revoke R-7K2M —unconfirmed', { name: 'revoke unconfirmed', id: 'R-7K2M', yes: false }],
    ['revoke R-7K2M --unconfirmed --yes', { name: 'revoke unconfirmed', id: 'R-7K2M', yes: true }],
    ['reveal R-7K2M', { name: 'reveal', id: 'R-7K2M', again: false }],
    ['reveal R-7K2M —again', { name: 'reveal', id: 'R-7K2M', again: true }],
    ['approve R-7K2M', { name: 'approve', id: 'R-7K2M' }],
    ['deny R-7K2M not today, don’t ask', { name: 'deny', id: 'R-7K2M', note: "not today, don't ask" }],
    ['link', { name: 'link' }],
    ['link AB12CD34', { name: 'link', code: 'AB12CD34' }],
    ['link passkey', { name: 'link passkey' }],
    ['Link Passkeys', { name: 'link passkeys' }],
    ['link passkey —remove “Pixel 9”', { name: 'link passkey remove', passkey: 'Pixel 9' }],
    ['link passkey --remove "Pixel 9" --of @dana', { name: 'link passkey remove', passkey: 'Pixel 9', of: '@dana' }],
    ['admin tenant list', said('tenant', 'list', {}, {})],
    ['Admin Group List', said('group', 'list', {}, {})],
    ['admin rule list --page 2 —find "exch"', said('rule', 'list', {}, { page: '2', find: 'exch' })],
    [
      'admin tenant add contoso --id 1-2 --domain contoso.com',
      said('tenant', 'add', { tenant: 'contoso' }, { id: '1-2', domain: 'contoso.com' }),
    ],
    ['admin tenant remove contoso', said('tenant', 'remove', { tenant: 'contoso' }, {})],
    [
      'admin group add "Service desk" --member @tess --member dana@msp.example',
      said('group', 'add', { group: 'Service desk' }, { member: ['@tess', 'dana@msp.example'] }),
    ],
    ['admin group remove Leads —yes', said('group', 'remove', { group: 'Leads' }, { yes: true })],
    [
      'admin rule add “Leads approve” --subject Techs --tenant contoso --tenant fabrikam --role Reader --approvers Leads',
      said(
        'rule',
        'add',
        { name: 'Leads approve' },
        { subject: ['Techs'], tenant: ['contoso', 'fabrikam'], role: ['Reader'], approvers: ['Leads'] },
      ),
    ],
    ['admin rule remove L-1', said('rule', 'remove', { rule: 'L-1' }, {})],
  ])('%s', (text, command) => {
    expect(parseCommand(text)).toEqual({ ok: true, value: command });
  });

  it.each<[string, RegExp, string | undefined]>([
    ['reqest contoso', /unknown command 'reqest'.*Did you mean request\?/i, 'request'],
    ['request contoso --rol Reader', /unknown option '--rol'.*Did you mean --role\?/i, 'request'],
    ['request contoso fabrikam', /fabrikam there\. Words that belong together stand in quotes\./, 'request'],
    ['request --for', /--for <duration>.*argument missing/i, 'request'],
    ['status', /missing required argument 'id'/i, 'status'],
    ['link AB12CD34 --remove Pixel', /--remove.*\/jit link passkey/i, 'link'],
    ['link passkey --of dana', /--of.*--remove NAME/i, 'link'],
    ['status R-1 R-2', /R-2 there\. Words that belong together stand in quotes\./, 'status'],
    ['admin tenant add contoso', /--id <guid>.*not specified/i, 'admin tenant add'],
    ['admin rule set --max 2h', /missing required argument 'rule'/i, 'admin rule set'],
    ['admin rule test contoso --role Reader', /--as <person>.*not specified/i, 'admin rule test'],
    ['admin tenants list', /unknown command 'tenants'.*Did you mean tenant\?/i, 'admin tenant'],
  ])('that is wrong says what is: %s', (text, problem, topic) => {
    const command = parseCommand(text);
    expect(command).toMatchObject({ ok: false, error: { code: 'command.usage' } });
    if (command.ok || command.error.code !== 'command.usage') return;
    expect(command.error.problem).toMatch(problem);
    expect(command.error.problem).toMatch(/^[A-Z].*[.?!)]$/u);
    expect(command.error.topic).toBe(topic);
  });

  it('with a quotation left open is not guessed', () => {
    expect(parseCommand('request contoso --reason "new CFO')).toEqual({ ok: false, error: { code: 'command.quotes' } });
  });

  it('leaves no trace for the next one', () => {
    parseCommand('request contoso --role Reader --for 2h');
    expect(parseCommand('request')).toEqual({ ok: true, value: { name: 'request', options: NOTHING } });
  });

  it('or a typed fault comes of any text', () => {
    const word = fc.constantFrom(
      'request',
      'admin',
      'rule',
      'add',
      'tenant',
      'help',
      'list',
      'approve',
      '--role',
      '--for',
      '—reason',
      '--',
      '-h',
      '-',
      '--__proto__',
      '--constructor=1',
      '--no-role',
      '"x y"',
      '“',
      '%s',
      '\n',
    );
    const sentence = fc
      .array(fc.oneof(word, fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 20 })
      .map((words) => words.join(' ').slice(0, 300));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), sentence), (text) => {
        const command = parseCommand(text);
        expect(command.ok ? command.value.name : command.error.code).toMatch(/^([a-z ]+|command\.(usage|quotes))$/);
      }),
      { numRuns: 100 },
    );
  });
});
