/**
 * Who may look at a tenant's break-glass passwords. For whoever has to rely on it:
 *
 * - No rule, no look. One denying rule that matches refuses, whatever others allow.
 * - Only rules that say that they are about break-glass passwords let anybody look; what lends roles never does. A denying
 *   rule matches where it says so, or where it names nothing at all and so rules out everything.
 * - A fresh access pass may be had as well only where one of the rules that let them look gives that, too.
 * - The demands of all rules that let them look hold together, each in its strictest reading, pass or no pass. No rule lets anybody agree to
 *   their own look, and where none names who has to agree, the other members of the vault and the owners are asked.
 * - What cannot be read keeps people out, and whoever's chat account was closed is covered by no rule.
 */
import { VIEW_MS } from './break-glass-view.js';
import type { Book, Condition, Occasion } from './decide.js';
import { firstElsewhere } from './decide.js';
import { groupId } from './ids.js';
import { isDeactivated } from './person.js';
import type { AllowRule, Demands, Quorum, Rule, What } from './rule.js';
import type { Tenant } from './tenant.js';
import { strictest } from './terms.js';

export interface LookAsk extends Omit<Occasion, 'durationMs'> {
  readonly tenant: Pick<Tenant, 'id' | 'organization' | 'leaving'>;
  /** Whether a fresh access pass is wanted as well. */
  readonly accessPass: boolean;
}

export type LookRefusal =
  | { readonly kind: 'leaving' }
  | { readonly kind: 'denied'; readonly rule: Rule }
  | { readonly kind: 'not-covered' }
  /** Rules let them look, and none gives an access pass with it. */
  | { readonly kind: 'no-pass' };

export type LookDecision = {
  readonly findings: readonly { readonly rule: Rule; readonly failed?: Condition }[];
} & (
  | { readonly kind: 'may'; readonly rules: readonly AllowRule[]; readonly terms: Demands }
  | { readonly kind: 'refuse'; readonly why: LookRefusal }
);

/** Who decides where no rule names anybody. It is stored nowhere; whoever loads groups makes it of vault and offices. */
export const KEEPERS = { id: groupId('vault-keepers'), name: 'Vault members and owners' } as const;

const ONE_KEEPER: Quorum = { group: KEEPERS.id, groupName: KEEPERS.name, count: 1 };

/** Whose agreement it takes; never nobody's. */
export const quorumsToMeet = (named: readonly Quorum[]): readonly Quorum[] =>
  named.length === 0 ? [ONE_KEEPER] : named;

/** Decides what the rules say. Never throws, whatever it is asked. */
export const decideLook = (ask: LookAsk, { rules, memberOf }: Book): LookDecision => {
  const gone = isDeactivated(ask.requester);
  const findings = rules.map((rule) => {
    const failed = gone && rule.effect === 'allow' ? 'subject' : firstFailed(rule, ask, memberOf);
    return failed === undefined ? { rule } : { rule, failed };
  });
  const refuse = (why: LookRefusal): LookDecision => ({ findings, kind: 'refuse', why });
  const matching = findings.filter(({ failed }) => failed === undefined).map(({ rule }) => rule);
  const allowing = matching.filter((rule): rule is AllowRule => rule.effect === 'allow');
  const denying = matching.find(({ effect }) => effect === 'deny');
  if (ask.tenant.leaving !== undefined) return refuse({ kind: 'leaving' });
  if (denying !== undefined) return refuse({ kind: 'denied', rule: denying });
  if (ask.accessPass && allowing.length > 0 && !allowing.some(({ what }) => what.tap === true)) {
    return refuse({ kind: 'no-pass' });
  }
  const terms = strictest(allowing);
  // Asked this way round, what is not a number lets nobody look.
  if (allowing.length > 0 && terms.longestMs > 0) return { findings, kind: 'may', rules: allowing, terms };
  return refuse({ kind: 'not-covered' });
};

const firstFailed = (rule: Rule, ask: LookAsk, memberOf: Book['memberOf']): Condition | undefined => {
  const elsewhere = firstElsewhere(rule, { ...ask, durationMs: VIEW_MS }, memberOf);
  if (elsewhere !== undefined) return elsewhere;
  const { what } = rule;
  if (rule.effect === 'allow') return what.breakGlass !== true || namesThings(what) ? 'what' : undefined;
  if (what.breakGlass !== true && !namesNothing(what)) return 'what';
  return what.tap === undefined || what.tap === ask.accessPass ? undefined : 'tap';
};

const namesThings = ({ roles, groups, templates }: What): boolean =>
  roles.length + groups.length + templates.length > 0;

/** It rules out whatever there is. */
const namesNothing = (what: What): boolean =>
  !namesThings(what) &&
  [what.accounts, what.atEnd, what.tap, what.users, what.outsiders].every((part) => part === undefined);
