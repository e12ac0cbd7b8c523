/** `/jit admin …`: finds what was said in the table of nouns, sees to it that this person may say it, and does it. */
import type { Fault } from '../../engine/faults.js';
import { isAdmin } from '../../engine/organization.js';
import type { Standing } from '../../engine/organization.js';
import { mayOwn } from '../../flows/change.js';
import { sightOf } from '../../flows/sight.js';
import { adminNames, standingOf } from '../../flows/standing.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Answer } from '../answer.js';
import { refuse } from '../answers.js';
import type { AdminCommand } from '../command.js';
import type { ChatDeps, Turn } from '../deps.js';
import { turnedPage } from './listing.js';
import { verbOf } from './noun.js';
import type { AdminContext, Need, SaidWords, Words } from './noun.js';
import { nounNamed } from './nouns.js';

export const administer = async (deps: ChatDeps, turn: Turn, command: AdminCommand): Promise<Answer> => {
  const answer = await answerTo(deps, turn, command);
  return answer.ok ? answer.value : refuse(answer.error, turn.reading);
};

const answerTo = async (deps: ChatDeps, turn: Turn, command: AdminCommand): Promise<Result<Answer, Fault>> => {
  const noun = nounNamed(command.noun);
  const verb = noun && verbOf(noun, command.verb);
  if (verb === undefined) return err({ code: 'command.usage', problem: 'That is not known here.', topic: 'admin' });
  const { person, on } = turn;
  const standing = await standingOf(deps, person);
  const allowed = await mayNeed(deps, standing, verb.needs);
  if (!allowed.ok) return allowed;
  const sight = sightOf(deps, standing, person);
  const ctx: AdminContext = { deps, turn, standing, sight, admin: { person, on, standing } };
  return verb.run(ctx, complete(verb.arguments, command.args), complete(verb.options, command.options));
};

/** What a verb needs at the least; what it is about is for the verb to look at. */
const mayNeed = async (deps: ChatDeps, standing: Standing, needs: Need): Promise<Result<undefined, Fault>> => {
  if (needs === 'own') return mayOwn(deps, { standing });
  if (isAdmin(standing)) return ok(undefined);
  const admins = await adminNames(deps);
  if (!standing.auditor) return err({ code: 'admin.only', admins });
  return needs === 'see' ? ok(undefined) : err({ code: 'admin.read-only', admins });
};

/** Every word that the verb knows, said or not. */
const complete = (words: Words, said: SaidWords): SaidWords =>
  Object.fromEntries(
    Object.entries(words).map(([name, { kind }]) => {
      const silence = kind === 'flag' ? false : kind === 'many' ? [] : undefined;
      return [name, said[name] ?? silence];
    }),
  );

/** The button of a confirmation: `NOUN/ID`. */
export const removeByButton = (deps: ChatDeps, turn: Turn, id: string): Promise<Answer> => {
  const [noun = '', ...rest] = id.split('/');
  const verb = nounNamed(noun)?.verbs.find(({ name }) => name === 'remove');
  const [argument = ''] = Object.keys(verb?.arguments ?? {});
  const command = {
    name: 'admin',
    noun,
    verb: 'remove',
    args: { [argument]: rest.join('/') },
    options: { yes: true },
  } as const;
  return inPlace(administer(deps, turn, command));
};

/** What shall become of break-glass users: `FATE/TENANT`. */
export const disableByButton = (deps: ChatDeps, turn: Turn, id: string): Promise<Answer> => {
  const [users = '', ...rest] = id.split('/');
  const said = { args: { tenant: rest.join('/') }, options: { users, yes: true } };
  return inPlace(administer(deps, turn, { name: 'admin', noun: 'break-glass', verb: 'disable', ...said }));
};

/** A drill of this tenant has worked. */
export const drilledByButton = (deps: ChatDeps, turn: Turn, tenant: string): Promise<Answer> => {
  const said = { args: { tenant }, options: { done: true } };
  return inPlace(administer(deps, turn, { name: 'admin', noun: 'break-glass', verb: 'drill', ...said }));
};

/** The buttons below a list: `NOUN/PAGE/OPTIONS`. */
export const turnPage = (deps: ChatDeps, turn: Turn, id: string): Promise<Answer> => {
  const { noun, options } = turnedPage(id);
  const verb = nounNamed(noun)?.pages ?? '';
  return inPlace(administer(deps, turn, { name: 'admin', noun, verb, args: {}, options }));
};

/** What a click leads to takes the place of what was clicked. */
const inPlace = async (answering: Promise<Answer>): Promise<Answer> => {
  const answer = await answering;
  return answer.kind === 'show' && answer.tone === 'answer' ? { kind: 'replace', view: answer.view } : answer;
};
