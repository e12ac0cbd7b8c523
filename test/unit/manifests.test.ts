import { join } from 'node:path';
import { AppManifestUtils } from '@microsoft/app-manifest';
import type { AnySchemaObject, ValidateFunction } from 'ajv-draft-04';
import Ajv from 'ajv-draft-04';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { NOUNS } from '../../src/chat/admin/nouns.js';
import { parseCommand } from '../../src/chat/commands.js';
import { BREAK_GLASS_PERMISSIONS } from '../../src/engine/break-glass-permissions.js';
import { GRAPH_PERMISSIONS } from '../../src/sandbox/permissions.js';
import { SANDBOX_APP, SANDBOX_BREAK_GLASS_APP } from '../../src/sandbox/seed.js';
import { readBytes, readJson, readText, REPOSITORY } from '../repository.js';

// What the chat platforms and Entra are told about Latchkey is accepted by them, and offers nothing that does not exist.

const BUILT = 'help request can list status cancel extend end revoke reveal approve deny link admin'.split(' ');

/** A list holds twelve; of these two one is said by the card itself, the other has a button on it. */
const BY_BUTTON = ['status', 'cancel'];

interface TeamsCommand {
  readonly title: string;
  readonly description: string;
}

interface Teams {
  readonly manifestVersion: string;
  readonly id: string;
  readonly icons: { readonly color: string; readonly outline: string };
  readonly bots: readonly {
    readonly botId: string;
    readonly scopes: readonly string[];
    readonly supportsTargetedMessages: boolean;
    readonly commandLists: readonly {
      readonly scopes: readonly string[];
      readonly triggers: readonly string[];
      readonly commands: readonly TeamsCommand[];
    }[];
  }[];
}

const SCHEMAS = 'node_modules/@microsoft/app-manifest/build/json-schemas/teams';

const compileSchema = async ({ manifestVersion }: Teams): Promise<ValidateFunction> => {
  const schema = await readJson<AnySchemaObject>(`${SCHEMAS}/v${manifestVersion}/MicrosoftTeams.schema.json`);
  return new Ajv.default({ strict: false, formats: { uri: true, email: true, regex: true } }).compile(schema);
};

it.each(BUILT)('a command called %s is known to the parser', (word) => {
  expect(parseCommand(`${word} --help`)).toEqual({ ok: true, value: { name: 'help', topic: word } });
});

describe('the Teams manifest', async () => {
  const manifest = await readJson<Teams>('manifests/teams/manifest.json');
  const isValid = await compileSchema(manifest);
  const [bot] = manifest.bots;

  it('is valid by the schema of its version', () => {
    isValid(manifest);
    expect(isValid.errors).toBeNull();
  });

  it('is understood by Microsoft’s own tools', async () => {
    const read = await AppManifestUtils.readTeamsManifest(join(REPOSITORY, 'manifests/teams/manifest.json'));
    expect(read).toMatchObject({ manifestVersion: '1.29', name: { short: 'Latchkey' }, bots: [{ botId: bot?.botId }] });
  });

  it.each([
    ['an unknown property', { ...manifest, surprise: true }],
    ['a bot id that is none', { ...manifest, bots: [{ ...bot, botId: 'latchkey' }] }],
    [
      'a fourth list of commands',
      { ...manifest, bots: [{ ...bot, commandLists: Array(4).fill(bot?.commandLists[0]) }] },
    ],
  ])('would be refused with %s', (_fault, spoilt) => {
    expect(isValid(spoilt)).toBe(false);
  });

  it('offers only commands that exist, in a menu and after a slash, and the credential in private alone', () => {
    const { commandLists, scopes, supportsTargetedMessages } = manifest.bots[0]!;
    expect(scopes).toEqual(['personal', 'team', 'groupChat']);
    expect(supportsTargetedMessages).toBe(true);
    for (const { triggers, commands } of commandLists) {
      expect(triggers).toEqual(['mention', 'slash']);
      const words = commands.map(({ title }) => title.replace(/^jit /, ''));
      expect(new Set(words).size).toBe(words.length);
      expect(words.filter((word) => !BUILT.includes(word))).toEqual([]);
    }
    expect(commandLists[0]!.scopes).toEqual(['personal']);
    expect(commandLists[0]!.commands.map(({ title }) => title.replace(/^jit /, '')).toSorted()).toEqual(
      BUILT.filter((word) => !BY_BUTTON.includes(word)).toSorted(),
    );
    expect(commandLists[1]!.commands.map(({ title }) => title)).not.toContain('jit reveal');
  });

  it('carries a placeholder for the ids, which packing fills in', () => {
    expect([manifest.id, manifest.bots[0]!.botId]).toEqual(Array(2).fill('00000000-0000-0000-0000-000000000000'));
  });

  it.each([
    ['color', 192],
    ['outline', 32],
  ] as const)('has a %s icon of %i pixels with transparency', async (name, size) => {
    const png = await readBytes(`manifests/teams/${manifest.icons[name]}`);
    expect(png.subarray(1, 4).toString('ascii')).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size]);
    expect(png.readUInt8(25)).toBe(6);
  });
});

interface Slack {
  readonly display_information: Readonly<
    Record<'name' | 'description' | 'long_description' | 'background_color', string>
  >;
  readonly features: {
    readonly bot_user: { readonly display_name: string };
    readonly slash_commands: readonly Readonly<Record<'command' | 'description' | 'usage_hint' | 'url', string>>[];
  };
  readonly oauth_config: { readonly scopes: Readonly<Record<string, readonly string[]>> };
  readonly settings: {
    readonly event_subscriptions: { readonly request_url: string; readonly bot_events: readonly string[] };
    readonly interactivity: Readonly<Record<'request_url' | 'message_menu_options_url', string>>;
    readonly socket_mode_enabled: boolean;
  };
}

describe('the Slack manifest', async () => {
  const text = await readText('manifests/slack.yaml');
  const manifest = parse(text) as Slack;

  it('keeps within the lengths that Slack accepts', () => {
    const { name, description, long_description: long, background_color: colour } = manifest.display_information;
    expect(name.length).toBeLessThanOrEqual(35);
    expect(description.length).toBeLessThanOrEqual(140);
    expect(long.length).toBeGreaterThanOrEqual(174);
    expect(long.length).toBeLessThanOrEqual(4000);
    expect(colour).toMatch(/^#[0-9A-F]{6}$/);
    expect(manifest.features.bot_user.display_name).toMatch(/^[a-z0-9._-]{1,80}$/);
    expect(manifest.features.slash_commands.map(({ command }) => command)).toEqual(['/jit']);
    expect(manifest.features.slash_commands[0]!.description.length).toBeLessThanOrEqual(2000);
    expect(manifest.features.slash_commands[0]!.usage_hint.length).toBeLessThanOrEqual(1000);
  });

  it('hints only at commands that exist', () => {
    const hinted = manifest.features.slash_commands[0]!.usage_hint.split(' | ').map((hint) => hint.split(' ')[0] ?? '');
    expect(hinted.length).toBeGreaterThanOrEqual(5);
    expect(hinted.filter((word) => !BUILT.includes(word))).toEqual([]);
  });

  it('sends everything to the one door that Latchkey opens for Slack', () => {
    const { event_subscriptions: events, interactivity } = manifest.settings;
    const addresses = [manifest.features.slash_commands[0]!.url, events.request_url, interactivity.request_url];
    for (const address of [...addresses, interactivity.message_menu_options_url]) {
      expect(address).toBe('https://latchkey.example.com/slack/events');
    }
  });

  it('asks for the scopes that its events and calls need, and no more', () => {
    expect(Object.keys(manifest.oauth_config.scopes)).toEqual(['bot']);
    expect(manifest.oauth_config.scopes['bot']?.toSorted()).toEqual(
      [
        'chat:write',
        'commands',
        'im:history',
        'im:write',
        'usergroups:read',
        'users:read',
        'users:read.email',
      ].toSorted(),
    );
    expect(manifest.settings.event_subscriptions.bot_events).toEqual(['message.im', 'user_change']);
  });

  it('becomes a Socket Mode manifest by the two steps it describes', () => {
    const socket = parse(
      text
        .split('\n')
        .filter((line) => !line.endsWith('# http'))
        .join('\n')
        .replace('socket_mode_enabled: false', 'socket_mode_enabled: true'),
    ) as Slack;
    expect(socket.settings.socket_mode_enabled).toBe(true);
    expect(JSON.stringify(socket)).not.toContain('example.com');
    expect(socket.features.slash_commands.map(({ command }) => command)).toEqual(['/jit']);
    expect(socket.settings.event_subscriptions.bot_events).toEqual(['message.im', 'user_change']);
  });
});

interface Entra {
  readonly graph: readonly Readonly<Record<'permission' | 'why' | 'without', string>>[];
  readonly directoryExtension: { readonly name: string; readonly targetObjects: readonly string[] };
  readonly directoryRole: { readonly name: string };
  readonly breakGlass: Pick<Entra, 'graph' | 'directoryRole'>;
}

describe('the README', async () => {
  const readme = await readText('README.md');

  it('names every noun that admins can type, and no other', () => {
    const [, said = ''] = /^\/jit admin ([a-z|-]+) …$/mu.exec(readme) ?? [];
    expect(said.split('|').toSorted()).toEqual(NOUNS.map(({ name }) => name).toSorted());
  });

  it('shows only commands that are understood', () => {
    const commands = [
      ...readme.matchAll(/^\/jit (admin (?:tenant|group|rule|template|organization) .*(?:\n {5}.*)*)$/gmu),
    ];
    expect(commands.length).toBeGreaterThanOrEqual(8);
    for (const [, command = ''] of commands) {
      expect(parseCommand(command.replaceAll(/\s+/gu, ' '))).toMatchObject({ ok: true });
    }
  });

  it('names only options that requests have', () => {
    const [, usage = ''] = /^\/jit request (.*?)\n\/jit can/msu.exec(readme) ?? [];
    const options = [...usage.matchAll(/--[a-z-]+/gu)].map(([option]) => option);
    expect(options.length).toBeGreaterThanOrEqual(9);
    const takes = (option: string): boolean =>
      parseCommand(`request contoso ${option}${option === '--tap' ? '' : ' 1h'}`).ok;
    expect(options.filter((option) => !takes(option))).toEqual([]);
    expect(takes('--surprise')).toBe(false);
  });
});

describe('the app for break-glass accounts', async () => {
  const { breakGlass } = await readJson<Entra>('manifests/entra-permissions.json');
  const permissions = breakGlass.graph.map(({ permission }) => permission);

  it('asks for each permission once, with a reason and with what breaks without it', () => {
    expect(permissions).toEqual([...new Set(permissions)]);
    expect(breakGlass.graph.filter(({ why, without }) => why.length < 20 || without.length < 20)).toEqual([]);
  });

  // Everything that is tried against the local Entra ID is tried with these, so they suffice; what misses is told by name.
  it('asks for what the local Entra ID grants it, and for what a look finds missing', () => {
    expect(permissions.toSorted()).toEqual(SANDBOX_BREAK_GLASS_APP.permissions.toSorted());
    expect(permissions).toEqual(BREAK_GLASS_PERMISSIONS.map(({ name }) => name));
  });

  it('is described permission by permission, with its role and its variables', async () => {
    const guide = await readText('manifests/entra.md');
    const rows = [...guide.matchAll(/^\| [^`|]+ \| `([\w.-]+)`/gmu)].map(([, name]) => name ?? '');
    expect(rows).toEqual(permissions);
    for (const term of [breakGlass.directoryRole.name, 'BREAK_GLASS_CLIENT_ID', 'adminconsent?client_id=']) {
      expect(guide).toContain(term);
    }
  });
});

describe('the Entra app', async () => {
  const { graph, directoryExtension, directoryRole } = await readJson<Entra>('manifests/entra-permissions.json');
  const permissions = graph.map(({ permission }) => permission);

  it('asks for each permission once, with a reason and with what breaks without it', () => {
    expect(permissions.length).toBeGreaterThanOrEqual(5);
    expect(permissions).toEqual([...new Set(permissions)]);
    expect(graph.filter(({ why, without }) => why.length < 20 || without.length < 20)).toEqual([]);
    expect(new Set(graph.flatMap(({ why, without }) => [why, without])).size).toBe(graph.length * 2);
  });

  it('asks only for permissions that Graph has', () => {
    expect(permissions.filter((name) => !Object.keys(GRAPH_PERMISSIONS).includes(name))).toEqual([]);
  });

  // Everything that is tried against the local Entra ID is tried with these permissions, so they suffice.
  it('asks for what the local Entra ID grants it', () => {
    expect(permissions.toSorted()).toEqual(SANDBOX_APP.permissions.toSorted());
  });

  it('is described permission by permission, and with no other', async () => {
    const guide = await readText('manifests/entra.md');
    const rows = [...guide.matchAll(/^\| `([\w.-]+)`/gmu)].map(([, name]) => name ?? '');
    expect(rows.toSorted()).toEqual(permissions.toSorted());
  });

  it('is described with its extension, its role and where consent returns to', async () => {
    const guide = await readText('manifests/entra.md');
    expect(directoryExtension).toMatchObject({ name: 'latchkey', targetObjects: ['User'] });
    for (const term of [directoryExtension.name, directoryRole.name, '/entra/consent/callback']) {
      expect(guide).toContain(term);
    }
  });
});
