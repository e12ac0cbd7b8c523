// Nobody is adopted who is not ours to take, and each admin is told of the tenants of their own organization alone.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CONTOSO, FABRIKAM, SANDBOX_APP } from '../../../src/sandbox/seed.js';
import { changeTenant } from '../../../src/sandbox/tenant-control.js';
import { startOver } from '../../fakes/aftermath.js';
import { textOf } from '../../fakes/chat-room.js';
import { answerText, openServiceDesk, setUpContoso } from '../../fakes/service-desk.js';
import type { ServiceDesk } from '../../fakes/service-desk.js';
import { contosoOf, usersNow } from '../../fakes/wishes.js';

const TAG = `extension_${SANDBOX_APP.clientId.replaceAll('-', '')}_latchkey`;

let desk: ServiceDesk;

const say = async (text: string): Promise<string> => {
  const answer = await desk.say('olga', text);
  if (answer.kind === 'show' && answer.tone === 'refusal') throw new Error(answerText(answer));
  return answerText(answer);
};

const made = (upn: string, body: object = {}, tenant: string = CONTOSO.id): void => {
  changeTenant(desk.entra.sandbox.world, tenant, 'users', { userPrincipalName: upn, displayName: upn, ...body });
};

beforeAll(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
});
afterAll(() => desk.close());

describe('adopting', () => {
  beforeEach(() => startOver(desk));

  const DANA = 'jit-dana.whitlock@contoso.com';
  const ADOPT = 'admin account adopt contoso --pattern';

  it.each([
    ['is a guest', { properties: { userType: 'Guest' } }],
    ['is kept in step with a directory on the premises', { properties: { onPremisesSyncEnabled: true } }],
    ['carries the tag of another installation', { properties: { [TAG]: 'somebody-elses:contoso/P-dana#3' } }],
  ])('leaves alone whoever %s, though the name fits and it is said twice', async (why, body) => {
    made(DANA, { roles: ['User Administrator'], ...body });
    const before = [usersNow(desk), contosoOf(desk).users.all()];
    expect(await desk.hear('olga', `${ADOPT} ${DANA}`)).toContain(why);
    expect(await desk.hear('olga', `${ADOPT} ${DANA} --person "Dana Whitlock" --yes`)).toContain(why);
    expect([usersNow(desk), contosoOf(desk).users.all()]).toEqual(before);
    expect(await desk.stores.accounts.byUpn(DANA)).toEqual([]);
  });

  it('leaves alone the user of whoever says it, as nobody may lock themselves out', async () => {
    made('olga@msp.example', { roles: ['User Administrator'] });
    const said = await desk.hear('olga', `${ADOPT} olga@msp.example --person "Dana Whitlock" --yes`);
    expect(said).toContain('is your own');
    expect(usersNow(desk).get('olga@msp.example')).toMatchObject({ enabled: true, roles: ['User Administrator'] });
  });

  it('leaves alone what would be a second account of somebody, and of two that fit one person takes one', async () => {
    for (const upn of [DANA, 'jit-2-dana.whitlock@contoso.com']) made(upn);
    await desk.hear('olga', `${ADOPT} "jit-*" --yes`);
    const states = [...usersNow(desk).values()].filter(({ upn }) => upn.includes('dana.whitlock'));
    expect(states.filter(({ enabled }) => !enabled)).toHaveLength(1);
    const left = states.find(({ enabled }) => enabled)!.upn;
    expect(await desk.hear('olga', `${ADOPT} ${left} --yes`)).toContain('would be a second account of Dana Whitlock');
    expect(usersNow(desk).get(left)).toMatchObject({ enabled: true });
  });

  it('is refused to whoever administers nothing, without a word about who is there', async () => {
    made(DANA);
    const answer = await desk.say('tess', `${ADOPT} ${DANA} --yes`);
    expect(answer).toMatchObject({ tone: 'refusal' });
    expect(answerText(answer)).not.toContain(DANA);
    expect(usersNow(desk).get(DANA)).toMatchObject({ enabled: true });
  });
});

describe('the digest', () => {
  const STRAYS = { contoso: 'stray-one@contoso.com', fabrikam: 'stray-two@fabrikam.com' };

  const digestsIn = (conversation: string): readonly string[] =>
    desk.room
      .cardsIn(conversation)
      .map(textOf)
      .filter((text) => /found (what needs a look|and put right)/u.test(text));

  it('tells owners of everything, each admin of an organization of its own tenants, and nobody else', async () => {
    await startOver(desk);
    await say(`admin tenant add fabrikam --id ${FABRIKAM.id} --domain fabrikam.com`);
    await say('admin organization add Contoso --id org-c --admin "Dana Whitlock"');
    await say('admin organization add Fabrikam --id org-f --admin "Luis Marin" --admin slack:U0OLGA');
    await say('admin tenant set contoso --organization org-c');
    await say('admin tenant set fabrikam --organization org-f');
    made(STRAYS.contoso, { properties: { [TAG]: 'contoso/P-nobody#1' } });
    made(STRAYS.fabrikam, { properties: { [TAG]: 'fabrikam/P-nobody#1' } }, FABRIKAM.id);
    await desk.bot.chores.find(({ name }) => name === 'patrol')?.run();
    await desk.settle();
    const [olga, dana, luis, tess] = ['DU0OLGA', 'DU0DANA', 'DU0LUIS', 'DU0TESS'].map(digestsIn);
    expect(olga).toHaveLength(1);
    expect(olga![0]).toContain(STRAYS.contoso);
    expect(olga![0]).toContain(STRAYS.fabrikam);
    expect(dana).toEqual([expect.stringContaining(STRAYS.contoso)]);
    expect(dana![0]).not.toMatch(/fabrikam/iu);
    expect(luis).toEqual([expect.stringContaining(STRAYS.fabrikam)]);
    expect(luis![0]).not.toMatch(/contoso/iu);
    expect(tess).toEqual([]);
  });
});
