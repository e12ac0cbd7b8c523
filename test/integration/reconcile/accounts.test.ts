// Accounts are listed and shown to those whose tenants they are in, taken over from other tools, and let go for good.
import { beforeEach, describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../../src/lib/clock.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { expectNothingLeft, lentUsers } from '../../fakes/aftermath.js';
import { openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk } from '../../fakes/service-desk.js';

let desk: ServiceDesk;

beforeEach(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  return () => desk.close();
});

const UPN = 'jit-tess.okafor@contoso.com';

const made = (upn: string, displayName: string, roles: readonly string[] = []): void => {
  changeTenant(desk.entra.sandbox.world, CONTOSO.id, 'users', { userPrincipalName: upn, displayName, roles });
};

describe('retiring', () => {
  it('is refused while somebody needs the account, by their requests', async () => {
    const id = await desk.lend();
    expect(await desk.hear('olga', `admin account retire ${UPN} --yes`)).toContain(id);
    expect(lentUsers(desk)).toMatchObject([{ enabled: true }]);
  });

  it.each([
    ['', 'is disabled for good'],
    [' --delete', 'is gone and forgotten'],
  ])('shuts it, forgets it, and leaves nothing that would be found later%s', async (option, sentence) => {
    await desk.lend();
    await desk.pass(2 * HOUR + MINUTE);
    await desk.pass(5 * MINUTE);
    expect(await desk.hear('olga', `admin account retire ${UPN}${option}`)).toContain('To do it, type');
    const listed = await desk.hear('olga', 'admin account list');
    expect(listed).toMatch(/· Tess Okafor · one for all requests · shut · last used/u);
    expect(await desk.hear('olga', `admin account show ${UPN}`)).toMatch(/R-\w+ over · Tess Okafor/u);
    expect(await desk.hear('olga', `admin account retire ${UPN}${option} --yes`)).toContain(sentence);
    expectNothingLeft(desk, []);
    expect(await desk.hear('olga', 'admin account list')).not.toContain(UPN);
    expect(await desk.hear('olga', 'admin tenant check contoso')).toContain('is as it should be');
  });
});

describe('adopting', () => {
  it('shows what would happen, then takes the account of somebody known, stripped and shut', async () => {
    made('jit-dana.whitlock@contoso.com', 'JIT Dana', ['User Administrator']);
    made('jit-nobody.known@contoso.com', 'JIT Nobody');
    const preview = await desk.hear('olga', 'admin account adopt contoso --pattern "jit-*"');
    expect(preview).toContain('becomes the account of Dana Whitlock; loses 1 role and 0 groups;');
    expect(preview).toContain('is nobody that I know');
    const taken = await desk.hear('olga', 'admin account adopt contoso --pattern "jit-*" --yes');
    expect(taken).toContain('jit-dana.whitlock@contoso.com (Dana Whitlock) is shut and waits for its owner');
    expect(lentUsers(desk).find(({ upn }) => upn.startsWith('jit-dana'))).toMatchObject({ enabled: false, roles: [] });
    expect(lentUsers(desk).find(({ upn }) => upn.startsWith('jit-nobody'))).toMatchObject({ enabled: true });
    expect(await desk.hear('olga', 'admin account show jit-dana.whitlock@contoso.com')).toContain('disabled, roles: 0');
    expect(await desk.hear('olga', 'admin account adopt contoso --pattern "jit-*"')).toContain('is mine already');
  });
});
