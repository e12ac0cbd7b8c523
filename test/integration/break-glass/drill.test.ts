import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { breakGlassId, organizationId, tenantId, viewId } from '../../../src/engine/ids.js';
import { addMs, DAY, HOUR, MINUTE } from '../../../src/lib/clock.js';
import { CONTOSO } from '../../../src/sandbox/seed.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { textOf } from '../../fakes/chat-room.js';
import { openBreakGlassDesk } from '../../fakes/break-glass-desk.js';
import type { BreakGlassDesk } from '../../fakes/break-glass-desk.js';
import { answerText, PEOPLE } from '../../fakes/service-desk.js';
import type { Who } from '../../fakes/service-desk.js';

/** Every ninety days somebody shows that the passwords let them in; what nobody looked at counts for nothing. */

let desk: BreakGlassDesk;

const ONE = breakGlassId(tenantId('contoso'), 'emergency1');

beforeAll(async () => {
  desk = await openBreakGlassDesk();
});
afterAll(() => desk.close());

beforeEach(async () => {
  await desk.startOver();
  for (const name of ['watches', 'drills', 'views', 'announcements'])
    await desk.database.collection(name).deleteMany({});
  changeTenant(desk.entra.sandbox.world, CONTOSO.id, 'licences', { plans: ['P1'] });
  await desk.hear('olga', 'admin break-glass enable contoso --name emergency1');
});

const now = () => desk.parts.clock.now();

const chore = async (name: string): Promise<void> => desk.bot.chores.find((one) => one.name === name)?.run();

const cardsOf = (who: Who) => desk.room.cardsIn(PEOPLE[who].address?.conversation ?? '').map(textOf);

const openLook = async (id: string, shownAt = now()): Promise<void> => {
  await desk.stores.views.insert({
    id: viewId(id),
    tenant: tenantId('contoso'),
    tenantName: 'Contoso',
    accounts: [ONE],
    requester: desk.olga.person.id,
    requesterName: desk.olga.person.name,
    askedOn: 'slack',
    reason: 'Drill',
    emergency: false,
    accessPass: false,
    state: 'open',
    rules: [],
    quorums: [],
    asked: [],
    approvals: [],
    denials: [],
    createdAt: shownAt,
    lapsesAt: addMs(shownAt, HOUR),
    lastsMs: HOUR,
    messages: [],
    shownAt,
  });
};

const drill = (said = '') => desk.hear('olga', `admin break-glass drill contoso${said}`);

const drilled = async () => (await desk.account(ONE)).drilled;

it('is recorded with who and when, only where somebody looked since it began, and the password changes', async () => {
  await openLook('V-EARLIER');
  desk.entra.pass(MINUTE);
  expect(await drill(' --done')).toMatch(
    /^No drill is under way there\. \/jit admin break-glass drill contoso begins/u,
  );
  expect(await drill()).toMatch(
    /^Drill of Contoso, begun at [\s\S]*1\. Look: type \/jit break-glass contoso --reason "Drill"[\s\S]*emergency1@contoso\.onmicrosoft\.com[\s\S]*3\. Confirm/u,
  );
  expect(await drill(' --done')).toMatch(/^Nobody has had the passwords since the drill began/u);
  expect(await drilled()).toBeUndefined();

  desk.entra.pass(MINUTE);
  await openLook('V-DRILL');
  expect(await drill()).toContain('1. Done: the passwords were opened (V-DRILL).');
  const [password = ''] = await desk.passwordsFor(ONE);
  const confirmed = await desk.click('olga', 'admin-break-glass-drilled', 'contoso');
  expect(answerText(confirmed)).toMatch(/^Drill of Contoso is on record\n.*opened in V-DRILL[\s\S]*not in the log/u);
  expect(await drilled()).toEqual({ at: now(), by: desk.olga.person.id });
  const [line] = await desk.stores.audit.read({}, 1);
  expect(line?.event).toMatchObject({
    what: 'break-glass.drilled',
    by: desk.olga.person.id,
    facts: { looks: ['V-DRILL'], signIn: 'not-yet' },
  });
  expect(await desk.account(ONE)).toMatchObject({ rotateAt: now(), rotateFor: 'drill' });
  await desk.bot.rotate(ONE);
  expect(desk.canSignIn({ upn: (await desk.account(ONE)).upn, password }).ok).toBe(false);
  expect(await drill(' --done')).toMatch(/^No drill is under way/u);
});

it('says whether the directory saw the sign-in, and that it cannot see any where it cannot', async () => {
  await drill();
  desk.entra.pass(MINUTE);
  await openLook('V-DRILL');
  const { upn } = await desk.account(ONE);
  const [password = ''] = await desk.passwordsFor(ONE);
  desk.canSignIn({ upn, password });
  desk.entra.pass(MINUTE);
  await chore('break-glass-uses');
  expect(await drill(' --done')).toMatch(/The directory shows it: signed in to/u);

  await desk.bot.rotate(ONE);
  changeTenant(desk.entra.sandbox.world, CONTOSO.id, 'licences', { plans: [] });
  desk.entra.pass(5 * MINUTE);
  await chore('break-glass-uses');
  await drill();
  await openLook('V-BLIND');
  expect(await drill(' --done')).toMatch(/cannot be seen there: the tenant lacks the licence/u);
});

it('does not count a day after it began', async () => {
  await drill();
  desk.entra.pass(DAY);
  await openLook('V-LATE');
  expect(await drill(' --done')).toMatch(/^No drill is under way/u);
});

it('is for admins of the tenant alone', async () => {
  expect(await desk.hear('tess', 'admin break-glass drill contoso')).toMatch(/^Only admins/u);
  expect(await desk.hear('tess', 'admin break-glass drill contoso --done')).toMatch(/^Only admins/u);
});

it('is due after ninety days, told once a week to all who can see to it, by one of several processes', async () => {
  await desk.hear('olga', 'admin organization add "Contoso Ltd" --admin slack:U0DANA');
  await desk.hear('olga', 'admin tenant set contoso --organization contoso-ltd');
  expect((await desk.tenant()).organization).toBe(organizationId('contoso-ltd'));
  const news = (who: Who) => cardsOf(who).filter((text) => text.startsWith('Contoso: try its break-glass accounts'));
  desk.entra.pass(89 * DAY);
  await chore('drills');
  expect(news('olga')).toEqual([]);
  desk.entra.pass(DAY + HOUR);
  const other = desk.another();
  await Promise.all([chore('drills'), other.bot.chores.find(({ name }) => name === 'drills')?.run()]);
  await chore('drills');
  expect(news('olga')).toEqual([expect.stringContaining('/jit admin break-glass drill contoso')]);
  expect(news('dana')).toHaveLength(1);
  expect(await desk.hear('olga', 'admin break-glass status')).toContain('nobody has tried it for 90 days');
  desk.entra.pass(8 * DAY);
  await chore('drills');
  expect(news('olga')).toHaveLength(2);

  await drill();
  await openLook('V-AT-LAST');
  await drill(' --done');
  desk.entra.pass(80 * DAY);
  await chore('drills');
  expect(news('olga')).toHaveLength(2);
});
