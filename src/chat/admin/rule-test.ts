/** `rule test`: what would come of a request, by the very decision that it would meet. */
import type { Decision, Finding } from '../../engine/decide.js';
import type { Fault } from '../../engine/faults.js';
import { maySee } from '../../engine/organization.js';
import type { Person } from '../../engine/person.js';
import type { Template } from '../../engine/template.js';
import { sayWindow } from '../../engine/window-text.js';
import { consult, refusalOf } from '../../flows/consult.js';
import type { Question } from '../../flows/consult.js';
import { userMeant } from '../../flows/lendable.js';
import { templatesIn } from '../../flows/offer.js';
import { err, ok } from '../../lib/result.js';
import type { Result } from '../../lib/result.js';
import type { Tenant } from '../../engine/tenant.js';
import { card, show } from '../answers.js';
import { readAsked } from '../asking.js';
import { faultSentence } from '../copy.js';
import { namesIn, sayAccounts, sayEnds, sayRole, sayRule } from '../rule-text.js';
import type { Names } from '../rule-text.js';
import { line, sayList, sayTime, strong } from '../say.js';
import { templateNamed } from '../template-meant.js';
import { sayTerms } from '../terms-text.js';
import type { Line } from '../view.js';
import { readWhose } from '../whose.js';
import { found } from './find.js';
import { flag, many, maybe, needed, verb } from './noun.js';
import type { AdminContext } from './noun.js';
import { personSeen } from './people-meant.js';
import { testLook } from './rule-test-look.js';

export const test = verb({
  name: 'test',
  summary: 'tells what would come of a request, and why',
  needs: 'see',
  arguments: { tenant: needed('TENANT', 'where') },
  options: {
    as: needed('PERSON', 'who would ask'),
    role: many('ROLE', 'for which role, or "ROLE@UNIT"'),
    group: many('GROUP', 'for which group of the directory'),
    template: maybe('TEMPLATE', 'from which template'),
    for: maybe('DURATION', 'for how long; else what is usual in the tenant'),
    from: maybe('TIME', 'when it would begin; else now'),
    until: maybe('TIME', 'when it would end'),
    ticket: maybe('REF', 'with which ticket'),
    account: maybe('KIND', 'on which account: mine, fresh, existing:UPN'),
    user: maybe('USER', 'as which existing user: the same as --account existing:USER'),
    'at-end': maybe('ACTION', 'keep, disable or delete'),
    tap: flag('with an access pass'),
    'break-glass': flag('to look at the break-glass passwords instead; with --as and --tap alone'),
  },
  examples: [
    '/jit admin rule test contoso --as @tess --role "Exchange Administrator" --for 2h',
    '/jit admin rule test contoso --as @tess --break-glass',
    '/jit admin rule test contoso --as tess@msp.example --template "Mailbox repair" --ticket INC-4711 --from "tomorrow 9:00"',
  ],
  run: async (ctx, { tenant: typed }, { as, 'at-end': atEnd, 'break-glass': look, user, ...words }) => {
    const tenant = await found('tenant', ctx.sight.tenants, typed);
    if (!tenant.ok) return tenant;
    const person = await personSeen(ctx, as);
    if (!person.ok) return person;
    if (look) {
      const { tap, role, group, ...others } = words;
      const isMore = [atEnd, user, ...Object.values(others)].some((value) => value !== undefined);
      if (isMore || role.length > 0 || group.length > 0) return err(LOOK_ALONE);
      return ok(show(await testLook(ctx, person.value, tenant.value, tap)));
    }
    const template = await templateFor(ctx, tenant.value, words.template);
    if (!template.ok) return template;
    const account = user === undefined ? words.account : `existing:${user}`;
    const said = Object.fromEntries(
      Object.entries({ ...words, account, atEnd }).filter(([, value]) => value !== undefined),
    );
    const options = { role: words.role, ...said, tap: words.tap ? true : undefined };
    const { tap, ...rest } = options;
    const asked = await readAsked(
      ctx.deps,
      tenant.value,
      tap === undefined ? rest : { ...rest, tap },
      ctx.turn.reading.zone ?? 'utc',
      template.value,
    );
    if (!asked.ok) return asked;
    const whose = await readWhose(
      (name) => userMeant(ctx.deps, tenant.value, name),
      asked.value,
      account === undefined ? {} : { account },
    );
    if (!whose.ok) return whose;
    const borrowed = whose.value.user === undefined ? {} : { user: whose.value.user };
    const question: Question = { ...asked.value, ...borrowed, startsAt: asked.value.startsAt ?? ctx.deps.clock.now() };
    const decision = await consult(ctx.deps, person.value, question);
    return ok(show(await cardFor(ctx, person.value, question, decision)));
  },
});

const LOOK_ALONE: Fault = {
  code: 'command.usage',
  problem: 'A look takes no roles, groups, times or accounts: say --as and, if at all, --tap.',
  topic: 'admin rule test',
};

const templateFor = async (
  { deps }: AdminContext,
  tenant: Tenant,
  typed: string | undefined,
): Promise<Result<Template | undefined, Fault>> => {
  if (typed === undefined) return ok(undefined);
  const template = templateNamed(await templatesIn(deps, tenant), tenant, typed);
  return template.ok ? template : err(template.error);
};

const cardFor = async (ctx: AdminContext, person: Person, question: Question, decision: Decision) => {
  const { deps, turn, standing } = ctx;
  const { findings } = decision;
  const names = await namesIn(
    deps,
    findings.map(({ rule }) => rule),
  );
  const what = sayList([...question.roles.map(sayRole), ...question.groups.map(({ name }) => name)]);
  const lines = findings.map((finding) =>
    findingLine(finding, question, names, {
      at: sayTime(question.startsAt, turn.reading),
      seen: maySee(standing, finding.rule.organization),
    }),
  );
  const read = lines.length === 0 ? 'No rule is about them there.' : 'The rules about them there:';
  return card(`${VERDICT[decision.kind]}: ${person.name}, ${what} in ${question.tenant.name}`, [
    await verdictLine(ctx, person, question, decision, names),
    line(strong(read)),
    ...lines,
  ]);
};

const VERDICT = { allow: 'Allowed', 'needs-approval': 'Needs approval', refuse: 'Refused' } as const;

const verdictLine = async (
  { deps, turn }: AdminContext,
  person: Person,
  question: Question,
  decision: Decision,
  names: Names,
): Promise<Line> => {
  if (decision.kind !== 'refuse') return line(`Terms: ${sayTerms(decision.terms, decision.rules, names)}`);
  const fault = await refusalOf(deps, person, question, decision.why);
  return line(`${person.name} would read: ${faultSentence(fault, turn.reading)}`);
};

interface Telling {
  /** When the access would begin, said. */
  readonly at: string;
  /** Whether the reader may see the rule itself. */
  readonly seen: boolean;
}

/** What a rule had to do with it, in words. A rule out of sight has its say, but neither name nor content. */
const findingLine = (finding: Finding, question: Question, names: Names, { at, seen }: Telling): Line => {
  const { rule, failed } = finding;
  const name = strong(seen ? rule.name : 'A rule of the owners');
  const verb = rule.effect === 'deny' ? 'denies it' : 'matches';
  if (failed === undefined) return line(name, seen ? `: ${verb}. ${sayRule(rule, names)}` : `: ${verb}.`);
  return line(
    name,
    `: ${seen ? whyNot(finding, question, at) : `does not ${rule.effect === 'deny' ? 'deny it' : 'match'}`}.`,
  );
};

const whyNot = ({ rule, failed }: Finding, question: Question, at: string): string => {
  const denies = rule.effect === 'deny';
  switch (failed) {
    case 'subject':
      return 'is about other people';
    case 'where':
      return 'is about other places';
    case 'when':
      return `${at} is outside ${rule.when === undefined ? 'its window' : sayWindow(rule.when)}`;
    case 'account':
      return `${denies ? 'does not deny it' : 'is not for it'} on ${sayAccounts([question.account])}`;
    case 'user': {
      const { user } = question;
      const whom =
        user === undefined
          ? 'nobody was named'
          : `${user.upn}${user.origin === 'cloud' ? '' : `, a ${user.origin} user`}`;
      return denies ? `does not deny it as that user (${whom})` : `does not lend that user (${whom})`;
    }
    case 'at-end':
      return `${denies ? 'does not deny' : 'is not for'} an account that is ${sayEnds([question.atEnd])} at the end`;
    case 'tap':
      return denies ? `does not deny it ${question.tap ? 'with' : 'without'} an access pass` : 'gives no access pass';
    default:
      return denies ? 'denies other things' : 'covers nothing of what is asked';
  }
};
