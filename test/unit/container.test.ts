import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../src/config.js';
import { readJson, readText, REPOSITORY } from '../repository.js';

// No container engine here: these tests hold what can be known by reading, so that a build fails on nothing but the network.

interface Instruction {
  readonly verb: string;
  readonly text: string;
}

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly env_file?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const exists = (path: string): boolean => existsSync(join(REPOSITORY, path));

const instructionsOf = (dockerfile: string): readonly Instruction[] =>
  dockerfile
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => ({ verb: line.split(' ', 1)[0] ?? '', text: line.slice(line.indexOf(' ') + 1).trim() }));

const stagesOf = (instructions: readonly Instruction[]): readonly (readonly Instruction[])[] =>
  instructions.reduce<readonly (readonly Instruction[])[]>(
    (stages, instruction) =>
      instruction.verb === 'FROM'
        ? [...stages, [instruction]]
        : [...stages.slice(0, -1), [...(stages.at(-1) ?? []), instruction]],
    [],
  );

const textsOf = (instructions: readonly Instruction[], verb: string): readonly string[] =>
  instructions.filter((instruction) => instruction.verb === verb).map(({ text }) => text);

/** What a COPY takes from the repository, none for one that takes from another stage. */
const copiedFromRepository = (text: string): readonly string[] =>
  text.startsWith('--from=') ? [] : text.split(' ').slice(0, -1);

describe('the Dockerfile', async () => {
  const instructions = instructionsOf(await readText('Dockerfile'));
  const stages = stagesOf(instructions);
  const last = stages.at(-1) ?? [];
  const scripts = (await readJson<{ scripts: Record<string, string> }>('package.json')).scripts;

  it('runs on Node 24 in every stage and copies only from stages it has', () => {
    expect(stages).toHaveLength(3);
    const names = textsOf(instructions, 'FROM').map((text) => text.split(' AS ')[1]);
    expect(textsOf(instructions, 'FROM').map((text) => text.split(' ')[0])).toEqual(stages.map(() => 'node:24-slim'));
    const sources = textsOf(last, 'COPY').flatMap((text) => /^--from=(\S+)/.exec(text)?.[1] ?? []);
    expect(sources).toHaveLength(2);
    expect(names).toEqual(expect.arrayContaining(sources));
  });

  it('copies what exists and what the builder is given', async () => {
    const given = (await readText('.dockerignore')).split('\n').flatMap((line) => /^!(.+)/.exec(line)?.[1] ?? []);
    const copied = [...new Set(textsOf(instructions, 'COPY').flatMap(copiedFromRepository))];
    expect(copied.length).toBeGreaterThanOrEqual(5);
    expect(copied.filter((path) => !exists(path))).toEqual([]);
    expect(copied.toSorted()).toEqual(given.toSorted());
  });

  it('ships the folders that the product reads while it runs', () => {
    expect(textsOf(last, 'COPY')).toEqual(expect.arrayContaining(['cards cards', 'pages pages']));
  });

  it('calls scripts that exist', () => {
    const called = textsOf(instructions, 'RUN').flatMap((text) => /^npm run (\S+)/.exec(text)?.[1] ?? []);
    expect(called).toEqual(['build']);
    expect(called.filter((name) => scripts[name] === undefined)).toEqual([]);
    expect(scripts['build']).toBe('node scripts/build.mjs');
  });

  it('leaves development tools and the embedded engine out of what it ships', () => {
    expect(textsOf(stages[1] ?? [], 'RUN')).toEqual(['npm ci --omit=dev --omit=optional']);
    expect(textsOf(last, 'COPY')).toContain('--from=dependencies /app/node_modules node_modules');
    expect(textsOf(last, 'RUN').filter((text) => text.includes('npm'))).toEqual([]);
  });

  it('starts the product itself, as a user other than root, and lets it drain', () => {
    expect(textsOf(last, 'USER')).toEqual(['1000:1000']);
    const command = JSON.parse(textsOf(last, 'CMD').at(-1) ?? '[]') as string[];
    expect(command[0]).toBe('node');
    expect(command.at(-1)).toBe('dist/main.js');
    expect(exists('src/main.ts')).toBe(true);
    expect(textsOf(last, 'STOPSIGNAL')).toEqual(['SIGTERM']);
  });

  it.each([
    [200, 0],
    [503, 1],
    ['nobody', 1],
  ])('asks the product how it is: %s means exit code %i', async (status, code) => {
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/healthz' ? Number(status) : 404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    if (status === 'nobody') await new Promise((resolve) => server.close(resolve));

    const check = textsOf(last, 'HEALTHCHECK')[0] ?? '';
    const [command, ...args] = JSON.parse(check.slice(check.indexOf('CMD ') + 4)) as string[];
    expect(command).toBe('node');
    const asked = spawn(process.execPath, args, { env: { PORT: String(port) } });
    expect(await once(asked, 'exit')).toEqual([code, null]);
    server.close();
  });
});

describe('the composition', async () => {
  const compose = parse(await readText('docker-compose.yml')) as Compose;
  const { bot, mongo } = compose.services;

  it('is the bot and MongoDB 8, the bot after a healthy database', () => {
    expect(Object.keys(compose.services)).toEqual(['bot', 'mongo']);
    expect(bot?.build).toBe('.');
    expect(mongo?.image).toBe('mongo:8');
    expect(mongo?.healthcheck?.test).toContain('mongosh');
    expect(bot?.depends_on).toEqual({ mongo: { condition: 'service_healthy' } });
  });

  it('hands out every secret as a file that the service was given', () => {
    const declared = Object.keys(compose.secrets);
    for (const service of Object.values(compose.services)) {
      const files = Object.values(service.environment ?? {}).flatMap((v) => /^\/run\/secrets\/(.+)/.exec(v)?.[1] ?? []);
      expect(files.toSorted()).toEqual(service.secrets?.toSorted());
      expect(declared).toEqual(expect.arrayContaining(files));
    }
    const used = Object.values(compose.services).flatMap(({ secrets }) => secrets ?? []);
    expect(used.toSorted()).toEqual(declared.toSorted());
  });

  it('keeps no secret in the open', () => {
    const open = Object.entries({ ...bot?.environment, ...mongo?.environment }).filter(
      ([name, value]) => /SECRET|PASSWORD|TOKEN|IDENTITY|KEY|URI/.test(name) && !value.startsWith('/run/secrets/'),
    );
    expect(open).toEqual([]);
  });

  it('keeps secrets out of the repository and of the image', async () => {
    const ignored = (await readText('.gitignore')).split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['secrets/', '.env']));
    expect(Object.values(compose.secrets).filter(({ file }) => !file.startsWith('secrets/'))).toEqual([]);
    expect((await readText('.dockerignore')).split('\n')).toContain('*');
  });

  it('keeps its data in declared volumes, and every door on loopback', () => {
    const mounted = Object.values(compose.services).flatMap(({ volumes }) => volumes ?? []);
    expect(mounted.map((volume) => volume.split(':')[0])).toEqual(Object.keys(compose.volumes));
    const ports = Object.values(compose.services).flatMap(({ ports: published }) => published ?? []);
    expect(ports).toHaveLength(2);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });
});

describe('the environment', async () => {
  const example = await readText('.env.example');
  const inExample = [...example.matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1] ?? '');
  const compose = parse(await readText('docker-compose.yml')) as Compose;
  const inCompose = Object.keys(compose.services['bot']?.environment ?? {}).map((name) => name.replace(/_FILE$/, ''));
  const inDockerfile = textsOf(instructionsOf(await readText('Dockerfile')), 'ENV')
    .flatMap((text) => text.split(' '))
    .map((pair) => pair.split('=')[0] ?? '')
    .filter((name) => name !== 'NODE_ENV');

  it('that is offered is the one that the configuration reads', async () => {
    const config = await readText('src/config.ts');
    const offered = [...new Set([...inExample, ...inCompose, ...inDockerfile])];
    expect(offered.length).toBeGreaterThanOrEqual(20);
    expect(offered.filter((name) => !new RegExp(`\\b${name}\\b`).test(config))).toEqual([]);
  });

  it('of the composition is explained in the example, each name once', () => {
    expect(inExample).toEqual([...new Set(inExample)]);
    expect(inExample).toEqual(expect.arrayContaining(inCompose));
  });

  it('of the composition, filled in as the example tells, is a valid configuration for both chats', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-secrets-'));
    const made = {
      vault_identity: 'AGE-SECRET-KEY-1TEST',
      audit_key: 'a'.repeat(43),
      mongodb_uri: 'mongodb://mongo:27017/latchkey',
    };
    await Promise.all(
      Object.keys(compose.secrets).map((name) =>
        writeFile(join(folder, name), { [name]: 'something secret', ...made }[name] ?? ''),
      ),
    );
    const filledIn = [
      'BOOTSTRAP_ADMINS=slack:U0123456789',
      'ENTRA_CLIENT_ID=00000000-0000-0000-0000-000000000001',
      'MICROSOFT_APP_ID=00000000-0000-0000-0000-000000000002',
      'MICROSOFT_APP_TENANT_ID=00000000-0000-0000-0000-000000000003',
    ];
    const lines = [...example.split('\n').filter((line) => /^[A-Z_]+=/.test(line)), ...filledIn];
    const config = readConfig({
      ...Object.fromEntries(lines.map((line) => line.split('=', 2))),
      ...Object.fromEntries(
        Object.entries(compose.services['bot']?.environment ?? {}).map(([name, value]) => [
          name,
          value.replace('/run/secrets', folder),
        ]),
      ),
    });
    await rm(folder, { recursive: true });

    expect(config.ok ? [] : config.error).toEqual([]);
    expect(config).toMatchObject({ ok: true, value: { port: 3978, dataDir: '/data', mongodbUri: made.mongodb_uri } });
    expect(config).toMatchObject({ value: { slack: expect.anything(), teams: expect.anything() } });
  });
});
