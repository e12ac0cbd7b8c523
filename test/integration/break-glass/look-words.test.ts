// Where looks at break-glass passwords show among requests, and to whom they do not.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLookRig } from './look-rig.js';
import type { LookRig } from './look-rig.js';

let rig: LookRig;

beforeEach(async () => {
  rig = await openLookRig();
});

afterEach(() => rig.close());

it('a look is listed for whoever asked, whoever may agree and whoever oversees, and for nobody else', async () => {
  const { id } = await rig.ask('tess');
  const { hear } = rig.desk;
  expect(await hear('tess', 'list')).toMatch(
    new RegExp(`Your requests.*${id} Contoso: break-glass passwords · waiting`, 'su'),
  );
  const waiting = `${id} Tess Okafor, Contoso: break-glass passwords · waiting`;
  expect(await hear('dana', 'list')).toContain(waiting);
  expect(await hear('dana', 'list')).toContain(`/jit approve ${id}`);
  expect(await hear('olga', 'list --all')).toContain(waiting);
  expect(await hear('luis', 'list')).not.toContain(id);
  await rig.desk.click('dana', 'approve', id);
  await rig.desk.bot.idle();
  expect(await hear('dana', 'list')).not.toContain(id);
  expect(await hear('tess', 'list')).toContain(`${id} Contoso: break-glass passwords · approved`);
  await rig.desk.say('tess', `cancel ${id}`);
  for (const who of ['tess', 'dana'] as const) expect(await hear(who, 'list')).not.toContain(id);
  expect(await hear('olga', 'list --all')).not.toContain(id);
});

it('the status of a look is its card without buttons, and to a stranger there is no such look', async () => {
  const { id } = await rig.ask('tess');
  const { hear } = rig.desk;
  expect(await hear('tess', `status ${id}`)).toContain(`${id} · waiting`);
  expect(await hear('dana', `status ${id}`)).toContain('Tess Okafor wants to see the break-glass passwords of Contoso');
  expect(await hear('olga', `status ${id}`)).toContain('Tess Okafor wants to see');
  expect(await hear('luis', `status ${id}`)).toContain('There is no');
  expect(await hear('luis', 'status V-0000')).toContain('There is no');
});

it('what somebody may ask for names the break-glass passwords that a rule lets them see, and the terms', async () => {
  const { hear } = rig.desk;
  expect(await hear('tess', 'can contoso')).toMatch(
    /break-glass passwords of emergency1: up to 1 h · 1 of Vault members and owners has to agree · nobody in a declared emergency · .*\/jit break-glass contoso/u,
  );
  expect(await hear('luis', 'can contoso')).not.toContain('break-glass');
});

it('a rule can be tried for a look, with the reason of each rule that does not let it', async () => {
  const { hear } = rig.desk;
  const may = await hear('olga', 'admin rule test contoso --as tess@msp.example --break-glass');
  expect(may).toContain('Needs approval: Tess Okafor, break-glass passwords of Contoso');
  expect(may).toContain('Emergencies: matches');
  expect(may).toContain('is not about break-glass passwords');
  const withPass = await hear('olga', 'admin rule test contoso --as tess@msp.example --break-glass --tap');
  expect(withPass).toContain('Refused');
  expect(withPass).toContain('Tess Okafor would read:');
  const mixed = 'admin rule test contoso --as tess@msp.example --break-glass --role "Reports Reader"';
  expect(await hear('olga', mixed)).toContain('A look takes no roles');
});
