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

export const journey = async (world: World, report: Report): Promise<void> => {
  const { technician, lead } = world;
  const step = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const before = performance.now();
    const result = await work();
    report(what, performance.now() - before);
    return result;
  };
  await step('an admin connects two customers by bot command', () => setUp(world));
  await step('without a rule the technician is refused, and told whom to ask', async () => {
    const answer = await ask(technician, REQUEST);
    expectThat(answer.includes('You may not ask for') && answer.includes(LEAD.name), 'not refused', answer);
  });
  await step('the admin adds two groups and a rule', () => addRules(world));
  await step('the technician asks; the lead gets a card with buttons', async () => {
    await technician.say(REQUEST);
    await cardSaying(lead, `${TECHNICIAN.name} wants ${ROLE} in Contoso`, '[Approve]');
  });
  await step('the technician may not approve it', async () => {
    const card = await cardSaying(technician, ROLE, 'waiting');
    const id = /R-[0-9A-Z]{4,}/u.exec(textOf(card.card))?.[0] ?? '';
    const answer = await ask(technician, `jit approve ${id}`);
    expectThat(answer.includes('someone else has to approve'), 'not refused', answer);
  });
  await step('the lead approves; the card says so and loses its buttons', async () => {
    await press(lead, await cardSaying(lead, '[Approve]'), 'approve');
    const decided = await cardSaying(lead, `Approved by ${LEAD.name}`);
    expectThat(!textOf(decided.card).includes('[Approve]'), 'the button is still there', textOf(decided.card));
  });
  const offer = await step('the account is made and a direct message offers its credential', () =>
    cardSaying(technician, 'Your access to Contoso is live', '[Reveal credential]'),
  );
  const credential = await step('the technician reveals it', async () =>
    credentialIn((await press(technician, offer, 'reveal')).value),
  );
  await step(`it signs in to the local Entra ID with just ${ROLE}`, async () => {
    const answer = await world.signIn(credential.upn, credential.password);
    expectThat(answer.ok && answer.roles?.join() === ROLE, 'the credential does not work', answer);
  });
  await step('it is not revealed a second time', async () => {
    const answer = await technician.click(offer, { verb: 'reveal', data: actionDataOf(offer.card) });
    const text = JSON.stringify(answer);
    expectThat(text.includes('shown only once') && !text.includes(credential.password), 'revealed again', text);
  });
  await step('the end comes, is confirmed by reading the directory, and both sides are told', async () => {
    await cardSaying(technician, 'Ended and confirmed');
    await cardSaying(lead, 'Ended and confirmed');
  });
  await step('the credential no longer signs in', async () => {
    const answer = await world.signIn(credential.upn, credential.password);
    expectThat(!answer.ok, 'it still signs in', answer);
  });
};

/** The id that the offer's buttons carry, from the card as it first stood. */
const actionDataOf = (card: unknown): Readonly<Record<string, string>> => ({
  id: /R-[0-9A-Z]{4,}/u.exec(textOf(card))?.[0] ?? '',
});
