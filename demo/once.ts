import { ask, cardSaying, credentialIn, press, textOf } from './conversation.js';
import { CUSTOMERS, LEAD, TECHNICIAN } from './world.js';
import type { World } from './world.js';

/** The whole journey through the doors that people use, one line a step; throws at the first promise that is not kept. */

export type Report = (step: string, ms: number) => void;

const ROLE = 'Exchange Administrator';
const REQUEST = `jit request contoso --role "${ROLE}" --for 20s --reason "Mailbox migration, INC-4711" --ticket INC-4711`;

const expectThat = (holds: boolean, what: string, seen: unknown): void => {
  if (!holds) throw new Error(`${what}; seen: ${typeof seen === 'string' ? seen : JSON.stringify(seen)}`);
};

/** What an admin types once. */
export const setUp = async (world: Pick<World, 'lead'>): Promise<void> => {
  for (const { displayName, id } of CUSTOMERS) {
    const answer = await ask(world.lead, `jit admin tenant add ${displayName.toLowerCase()} --id ${id}`);
    expectThat(answer.includes('is connected'), `${displayName} is not connected`, answer);
  }
};

export const addRules = async (world: Pick<World, 'lead'>): Promise<void> => {
  for (const [command, expected] of [
    [`jit admin group add "Service desk" --member "${TECHNICIAN.name}"`, 'Service desk has'],
    [`jit admin group add "Service desk leads" --member me`, 'Service desk leads has'],
    [
      `jit admin rule add "Leads approve Exchange" --subject "Service desk" --tenant contoso --tenant fabrikam ` +
        `--role "${ROLE}" --role "User Administrator" --max 4h --approvals 1 --approvers "Service desk leads"`,
      'Service desk may ask for',
    ],
  ] as const) {
    const answer = await ask(world.lead, command);
    expectThat(answer.includes(expected), 'a command was refused', answer);
  }
};

/** Beyond what the journey proves: access passes may be asked for, too. */
export const allowPasses = async ({ lead }: Pick<World, 'lead'>): Promise<void> => {
  for (const [command, expected] of [
    ['jit admin tenant set contoso --tap on', 'Access passes'],
    ['jit admin rule set "Leads approve Exchange" --tap yes', 'with an access pass if wanted'],
  ] as const) {
    const answer = await ask(lead, command);
    expectThat(answer.includes(expected), 'a command was refused', answer);
  }
};

type Step = <T>(what: string, work: () => Promise<T>) => Promise<T>;

export const journey = async (world: World, report: Report): Promise<void> => {
  const step: Step = async (what, work) => {
    const before = performance.now();
    const result = await work();
    report(what, performance.now() - before);
    return result;
  };
  await prepare(world, step);
  const id = await askAndApprove(world, step);
  const credential = await getIn(world, step);
  await stayLonger(world, step, id);
  await end(world, step, credential);
  await lookBack(world, step, id);
};

/** Configured by command, explained before anything is asked for. */
const prepare = async (world: World, step: Step): Promise<void> => {
  const { technician, lead } = world;
  await step('an owner connects two customers by bot command', () => setUp(world));
  await step('without a rule the technician is refused, and told whom to ask', async () => {
    const answer = await ask(technician, REQUEST);
    expectThat(answer.includes('No rule lets you') && answer.includes(LEAD.name), 'not refused', answer);
  });
  await step('the owner adds two groups and a rule', () => addRules(world));
  await step('jit can: what the technician may ask for, for how long, and who has to agree', async () => {
    const answer = await ask(technician, 'jit can contoso');
    for (const part of [ROLE, '4 h', 'Service desk leads']) expectThat(answer.includes(part), `no ${part}`, answer);
  });
  await step('another role is refused, with what is allowed and what to type next', async () => {
    const answer = await ask(
      technician,
      'jit request contoso --role "Global Administrator" --for 1h --reason "Why not"',
    );
    for (const part of ['You may not ask for Global Administrator', ROLE, '/jit can contoso']) {
      expectThat(answer.includes(part), `no ${part}`, answer);
    }
  });
  await step('rule test: the owner reads the very sentence that the technician would', async () => {
    const asked = `contoso --role "${ROLE}" --for 5h`;
    const refusal = await ask(technician, `jit request ${asked} --reason "A long night"`);
    expectThat(refusal.includes('at most 4 h'), 'not refused', refusal);
    const tested = await ask(lead, `jit admin rule test ${asked} --as "${TECHNICIAN.name}"`);
    expectThat(tested.includes('Refused') && tested.includes(refusal), 'tested otherwise than enforced', tested);
  });
};

/** The id of what was asked and approved. */
const askAndApprove = async ({ technician, lead }: World, step: Step): Promise<string> => {
  await step('the technician asks; the lead gets a card with buttons', async () => {
    await technician.say(REQUEST);
    await cardSaying(lead, `${TECHNICIAN.name} wants ${ROLE} in Contoso`, '[Approve]');
  });
  const id = idIn((await cardSaying(technician, ROLE, 'waiting')).card);
  await step('the technician may not approve it', async () => {
    const answer = await ask(technician, `jit approve ${id}`);
    expectThat(answer.includes('someone else has to approve'), 'not refused', answer);
  });
  await step('the lead approves; the card says so and loses its buttons', async () => {
    await press(lead, await cardSaying(lead, '[Approve]'), 'approve');
    const decided = await cardSaying(lead, `Approved by ${LEAD.name}`);
    expectThat(!textOf(decided.card).includes('[Approve]'), 'the button is still there', textOf(decided.card));
  });
  return id;
};

type Credential = ReturnType<typeof credentialIn>;

const getIn = async ({ technician, signIn }: World, step: Step): Promise<Credential> => {
  const offer = await step('the account is made and a direct message offers its credential', () =>
    cardSaying(technician, 'Your access to Contoso is live', '[Reveal credential]'),
  );
  const credential = await step('the technician reveals it', async () =>
    credentialIn((await press(technician, offer, 'reveal')).value),
  );
  await step(`it signs in to the local Entra ID with just ${ROLE}`, async () => {
    const answer = await signIn(credential.upn, credential.password);
    expectThat(answer.ok && answer.roles?.join() === ROLE, 'the credential does not work', answer);
  });
  await step('it is not revealed a second time', async () => {
    // The button as the card first had it: by now it is gone.
    const answer = await technician.click(offer, { verb: 'reveal', data: { id: idIn(offer.card) } });
    const text = JSON.stringify(answer);
    expectThat(text.includes('shown only once') && !text.includes(credential.password), 'revealed again', text);
  });
  return credential;
};

const stayLonger = async ({ technician, lead }: World, step: Step, id: string): Promise<void> => {
  await step('more time than the rule allows is refused', async () => {
    const answer = await ask(technician, `jit extend ${id} 5h`);
    expectThat(answer.includes('may last 4 h altogether'), 'not refused', answer);
  });
  await step('a little more time asks the lead again, and moves the end once approved', async () => {
    await technician.say(`jit extend ${id} 10s`);
    await press(lead, await cardSaying(lead, 'more of', '[Approve]'), 'approve');
    await cardSaying(technician, 'Extended until', 'goes on with the same credential');
  });
};

const end = async ({ technician, lead, signIn }: World, step: Step, credential: Credential): Promise<void> => {
  await step('the end comes, is confirmed by reading the directory, and both sides are told', async () => {
    await cardSaying(technician, 'Ended and confirmed');
    await cardSaying(lead, 'Ended and confirmed');
  });
  await step('the credential no longer signs in', async () => {
    const answer = await signIn(credential.upn, credential.password);
    expectThat(!answer.ok, 'it still signs in', answer);
  });
};

const lookBack = async ({ lead, audit }: World, step: Step, id: string): Promise<void> => {
  await step('the audit log tells it all, read by command', async () => {
    const answer = await ask(lead, `jit admin audit --request ${id}`);
    for (const part of [TECHNICIAN.name, LEAD.name, id]) expectThat(answer.includes(part), `no ${part}`, answer);
  });
  await step('its chain is intact from the first line to the last (npm run audit -- verify)', async () => {
    const { code, output } = await audit('verify');
    expectThat(code === 0 && output.startsWith('intact:'), 'the chain does not hold', output);
  });
};

/** The request that a card is about. */
const idIn = (card: unknown): string => /R-[0-9A-Z]{4,}/u.exec(textOf(card))?.[0] ?? '';
