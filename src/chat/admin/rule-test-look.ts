/** `rule test --break-glass`: whether somebody may look at a tenant's break-glass passwords, and why. */
import type { LookDecision } from '../../engine/decide-look.js';
import type { Finding } from '../../engine/decide.js';
import { maySee } from '../../engine/organization.js';
import type { Person } from '../../engine/person.js';
import type { Tenant } from '../../engine/tenant.js';
import { consultOnLook, lookRefusalOf } from '../../flows/break-glass/look-ground.js';
import { card } from '../answers.js';
import { faultSentence } from '../copy.js';
import { namesIn, sayRule } from '../rule-text.js';
import type { Names } from '../rule-text.js';
import { sayLookTerms } from '../look-offer.js';
import { line, strong } from '../say.js';
import type { Card, Line } from '../view.js';
import type { AdminContext } from './noun.js';

export const testLook = async (
  ctx: AdminContext,
  person: Person,
  tenant: Tenant,
  accessPass: boolean,
): Promise<Card> => {
  const { deps, standing } = ctx;
  const decision = await consultOnLook(deps, person, tenant, accessPass);
  const names = await namesIn(
    deps,
    decision.findings.map(({ rule }) => rule),
  );
  const lines = decision.findings.map(({ rule, failed }) => {
    const isSeen = maySee(standing, rule.organization);
    const why = failed === undefined ? (rule.effect === 'deny' ? 'denies it' : 'matches') : WHY_NOT[failed];
    const said = failed === undefined && isSeen ? `: ${why}. ${sayRule(rule, names)}` : `: ${why}.`;
    return line(strong(isSeen ? rule.name : 'A rule of the owners'), said);
  });
  const verdict = decision.kind === 'may' ? 'Needs approval' : 'Refused';
  const pass = accessPass ? ' with an access pass' : '';
  return card(`${verdict}: ${person.name}, break-glass passwords of ${tenant.name}${pass}`, [
    await verdictLine(ctx, person, tenant, decision, names),
    line(strong(lines.length === 0 ? 'No rule is about them there.' : 'The rules about them there:')),
    ...lines,
  ]);
};

const verdictLine = async (
  { deps, turn }: AdminContext,
  person: Person,
  tenant: Tenant,
  decision: LookDecision,
  names: Names,
): Promise<Line> => {
  if (decision.kind === 'refuse') {
    const fault = await lookRefusalOf(deps, tenant, decision.why);
    return line(`${person.name} would read: ${faultSentence(fault, turn.reading)}`);
  }
  return line(`Terms: ${sayLookTerms(decision, names)}`);
};

/** A rule that lets nobody look is about something else, whatever else it says. */
const WHY_NOT: Readonly<Record<NonNullable<Finding['failed']>, string>> = {
  subject: 'is about other people',
  where: 'is about other places',
  when: 'is about other times',
  what: 'is not about break-glass passwords',
  account: 'is not about break-glass passwords',
  user: 'is not about break-glass passwords',
  'at-end': 'is not about break-glass passwords',
  tap: 'is not about a look like this',
};
