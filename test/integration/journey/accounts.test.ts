import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../../src/chat/answer.js';
import { valuesOf } from '../../../src/chat/form-values.js';
import type { FormValues } from '../../../src/chat/speaker.js';
import type { Form } from '../../../src/chat/view.js';
import { MINUTE } from '../../../src/lib/clock.js';
import type { ServiceDesk, Who } from '../../fakes/service-desk.js';
import { answerText, openServiceDesk, PEOPLE, setUpContoso } from '../../fakes/service-desk.js';

// Asking for a new account, for a user who is there, and for a role in a unit, up to the recorded request: whatever cannot
// be had is refused before anything is written.

let desk: ServiceDesk;

const rule = async (words: string): Promise<string> => {
  const answer = await desk.say('olga', `admin rule add ${words}`);
  const text = answerText(answer);
  if (answer.kind !== 'show' || answer.tone === 'refusal') throw new Error(text);
  return text;
};

const ASK = 'request contoso --for 1h --reason "INC-1"';

beforeAll(async () => {
  desk = await openServiceDesk();
  await setUpContoso(desk);
  await rule(
    '"New ones" --subject "Service desk" --tenant contoso --role "Reports Reader" --account fresh --at-end disable --at-end delete --max 2h --approvers "Service desk leads"',
  );
  await rule(
    '"Borrowed" --subject "Service desk" --tenant contoso --role "Directory Readers" --account existing --user megan@contoso.com --user "al*@contoso.com" --tap --max 2h --approvers "Service desk leads"',
  );
  await rule(
    '"Branches" --subject "Service desk" --tenant contoso --role "User Administrator@Branch offices" --max 2h --approvers "Service desk leads"',
  );
});

// So that the newest request is the last one asked for.
beforeEach(() => desk.pass(1_000));

afterAll(() => desk.close());

const newest = async () => desk.request(await desk.newest());

const count = async (): Promise<number> => (await desk.stores.requests.list({}, 50)).length;

/** What is refused leaves no trace. */
const refused = async (words: string): Promise<string> => {
  const before = [await count(), await desk.database.collection('accounts').countDocuments()];
  const answer = await desk.say('tess', words);
  expect(answer).toMatchObject({ kind: 'show', tone: 'refusal' });
  expect([await count(), await desk.database.collection('accounts').countDocuments()]).toEqual(before);
  return answerText(answer);
};

describe('a new account', () => {
  it('is recorded with the names it was asked for, and named on the cards', async () => {
    await desk.say('tess', `${ASK} --role "Reports Reader" --account fresh --first Ada --last Byron --at-end delete`);
    await desk.settle();
    const request = await newest();
    expect(request).toMatchObject({
      accountKind: 'fresh',
      fresh: { firstName: 'Ada', lastName: 'Byron', upn: 'ada.byron@contoso.com' },
      upn: 'ada.byron@contoso.com',
      atEnd: 'delete',
      state: 'pending',
    });
    expect(await desk.hear('dana', `status ${request.id}`)).toContain(
      'new account ada.byron@contoso.com for Ada Byron, deleted at the end',
    );
    const account = await desk.stores.accounts.load(request.account);
    expect(account).toMatchObject({ kind: 'fresh', upn: 'ada.byron@contoso.com', displayName: 'Ada Byron' });
  });

  it('may have the name of one that was made before and is proven deleted, or that nobody ever made', async () => {
    const ask = `${ASK} --role "Reports Reader" --account fresh --first Eva --last Turing --at-end delete`;
    const made = async (): Promise<string> => {
      await desk.say('tess', ask);
      await desk.settle();
      return desk.newest();
    };
    const first = await made();
    expect(await refused(ask)).toContain('eva.turing@contoso.com');
    await desk.click('tess', 'cancel', first);
    await desk.pass(1_000);
    const second = await made();
    expect(second).not.toBe(first);
    await desk.click('dana', 'approve', second);
    await desk.settle();
    expect(await refused(ask)).toContain('eva.turing@contoso.com');
    await desk.hear('tess', `end ${second}`);
    await desk.pass(3 * MINUTE);
    expect(await desk.request(second)).toMatchObject({ state: 'closed', accountLeft: 'deleted' });
    const third = await made();
    await desk.click('dana', 'approve', third);
    await desk.settle();
    expect((await desk.request(third)).state).toBe('active');
  });

  const FRESH = `${ASK} --role "Reports Reader" --account fresh --first Ada --last Byron`;

  it.each([
    ['a name that another new account has', FRESH, 'ada.byron@contoso.com is taken in Contoso already'],
    ['a name that a user has', `${FRESH} --user-name megan`, 'megan@contoso.com is taken in Contoso already'],
    ['a dot before the @', `${FRESH} --user-name ada.`, 'a dot stands neither first nor last'],
    ['letters that no user name has', `${FRESH} --user-name "ada byron"`, 'use letters, digits'],
    ['a user name that is too long', `${FRESH} --user-name ${'a'.repeat(65)}`, 'at most 64 fit'],
    ['an unverified domain', `${FRESH} --user-name ada --user-domain pending.contoso.com`, 'not a verified domain'],
    ['being left behind', `${FRESH} --user-name ada --at-end keep`, 'A new account is not left behind'],
  ])('is refused with %s', async (_, words, sentence) => {
    expect(await refused(words)).toContain(sentence);
  });

  it('takes another verified domain of the tenant', async () => {
    await desk.say('tess', `${FRESH} --user-name "o'hara@contoso.onmicrosoft.com"`);
    expect((await newest()).upn).toBe("o'hara@contoso.onmicrosoft.com");
  });
});

describe('a user who is there', () => {
  const BORROW = `${ASK} --role "Directory Readers"`;

  it('is recorded as the directory knows them, kept at the end, and marked where one signs in as them', async () => {
    await desk.say('tess', `${BORROW} --account existing:megan@contoso.com --tap`);
    await desk.settle();
    const request = await newest();
    expect(request).toMatchObject({
      accountKind: 'existing',
      existing: { upn: 'megan@contoso.com', name: 'Megan Bowen', origin: 'cloud' },
      atEnd: 'keep',
      tap: true,
    });
    const seen = await desk.hear('dana', `status ${request.id}`);
    expect(seen).toContain('existing user Megan Bowen (megan@contoso.com)');
    expect(seen).toContain('Signs in as them');
  });

  it('tells whoever asks for a pass where the tenant gives none', async () => {
    const answer = await desk.hear('tess', `${BORROW} --account existing:alex@contoso.com --tap`);
    expect(answer).toContain('Contoso gives no access passes, so whoever uses it signs in as before');
  });

  it('is found by name, among those whom a rule names', async () => {
    await desk.say('tess', `${BORROW} --account "existing:Alex"`);
    expect((await newest()).upn).toBe('alex@contoso.com');
  });

  it.each([
    ['nobody by that name', 'existing:nobody@contoso.com', 'no user nobody@contoso.com in Contoso whom you may borrow'],
    ['whom no rule names, as if they were not there', 'existing:grace@contoso.com', 'no user grace@contoso.com'],
  ])('is refused: %s', async (_, account, sentence) => {
    expect(await refused(`${BORROW} --account ${account}`)).toContain(sentence);
  });

  it('is never disabled or deleted', async () => {
    const text = await refused(`${BORROW} --account existing:megan@contoso.com --at-end disable`);
    expect(text).toContain('never disabled or deleted');
  });

  it("is never one of Latchkey's own accounts, whatever a rule names", async () => {
    const id = await desk.lend();
    const { upn } = await desk.request(id);
    await rule(
      '"All of us" --subject "Service desk" --tenant contoso --role "Directory Readers" --account existing --user "jit-*"',
    );
    expect(await refused(`${BORROW} --account existing:${upn}`)).toContain(`no user ${upn}`);
    expect(
      await desk.hear(
        'olga',
        `admin rule add "One of us" --subject everyone --tenant contoso --role "Directory Readers" --account existing --user ${upn}`,
      ),
    ).toContain('one of my own accounts');
  });
});

describe('a role in a unit', () => {
  it('is recorded with its unit, and is said wherever the role is', async () => {
    await desk.say('tess', `${ASK} --role "User Administrator@branch offices"`);
    const request = await newest();
    expect(request.roles).toMatchObject([{ name: 'User Administrator', unit: { name: 'Branch offices' } }]);
    expect(await desk.hear('dana', `status ${request.id}`)).toContain('User Administrator in Branch offices');
  });

  it('gives nothing in the whole directory, and the refusal says what would be had', async () => {
    expect(await refused(`${ASK} --role "User Administrator"`)).toContain('User Administrator in Branch offices (2 h)');
    expect(await refused(`${ASK} --role "User Administrator@Nowhere"`)).toContain('no administrative unit');
  });
});

describe('the form', () => {
  const formIn = (answer: Answer): Form => {
    if (answer.kind === 'nothing' || answer.view.kind !== 'form') throw new Error(answerText(answer));
    return answer.view;
  };
  const send = (who: Who, values: FormValues, submit: boolean): Promise<Answer> =>
    desk.bot.dispatch(
      { identity: PEOPLE[who], direct: true, conversation: { platform: 'slack', conversation: 'D1' } },
      { kind: 'form', form: 'request', id: '', values, submit },
    );
  const field = (form: Form, name: string) => form.fields.find((one) => one.name === name);
  const valueOf = (form: Form, name: string, label: string): string => {
    const found = field(form, name);
    const choices = found !== undefined && 'choices' in found ? found.choices : [];
    return choices.find((one) => one.label.startsWith(label))?.value ?? 'nothing';
  };

  it('asks for names only of a new account, and for a user only of one who is there', async () => {
    const first = formIn(await desk.say('tess', 'request contoso --role "Directory Readers"'));
    expect(['user', 'first', 'new-end'].filter((name) => field(first, name) !== undefined)).toEqual([]);
    const fresh = formIn(await send('tess', { ...valuesOf(first), account: 'fresh' }, false));
    expect(fresh.fields.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['first', 'last', 'user-name', 'user-domain', 'new-end']),
    );
    const existing = formIn(await send('tess', { ...valuesOf(fresh), account: 'existing' }, false));
    expect(['first', 'at-end', 'new-end'].filter((name) => field(existing, name) !== undefined)).toEqual([]);
    expect(field(existing, 'user')).toMatchObject({
      choices: [{ label: 'Alex Wilber (alex@contoso.com)' }, { label: 'Megan Bowen (megan@contoso.com)' }],
    });
    await send(
      'tess',
      { ...valuesOf(existing), user: valueOf(existing, 'user', 'Megan'), reason: 'By form', duration: '1h' },
      true,
    );
    expect(await newest()).toMatchObject({ reason: 'By form', upn: 'megan@contoso.com', atEnd: 'keep' });
  });

  it('asks where a chosen role holds', async () => {
    const form = formIn(await desk.say('tess', 'request contoso --role "Helpdesk Administrator"'));
    const where = form.fields.find(({ label }) => label === 'Helpdesk Administrator holds in');
    const unit = valueOf(form, where?.name ?? '', 'Branch offices');
    await send('tess', { ...valuesOf(form), [where?.name ?? '']: unit, reason: 'In a branch' }, true);
    expect(await newest()).toMatchObject({
      reason: 'In a branch',
      roles: [{ name: 'Helpdesk Administrator', unit: { name: 'Branch offices' } }],
    });
  });

  it('opens where a command does not say whose account it shall be', async () => {
    const form = formIn(await desk.say('tess', `${ASK} --role "Reports Reader" --account fresh`));
    expect(field(form, 'first')).toBeDefined();
  });
});

it('a rule is told, tested and exported with its users and units', async () => {
  expect(await desk.hear('olga', 'admin rule show Borrowed')).toContain(
    'megan@contoso.com or any named al*@contoso.com',
  );
  expect(await desk.hear('tess', 'can contoso')).toContain(
    'on an existing user · megan@contoso.com or any named al*@contoso.com',
  );
  expect(await desk.hear('tess', 'can contoso')).toContain('User Administrator in Branch offices: up to 2 h');
  expect(await desk.hear('olga', 'admin rule show Branches')).toContain('User Administrator in Branch offices');
  const test = 'admin rule test contoso --as tess@msp.example --role "Directory Readers" --for 1h';
  expect(await desk.hear('olga', `${test} --user megan@contoso.com`)).toContain('Needs approval');
  expect(await desk.hear('olga', `${test} --user grace@contoso.com`)).toContain(
    'does not lend that user (grace@contoso.com)',
  );
});
