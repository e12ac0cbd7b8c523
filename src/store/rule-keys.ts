import type { Rule, Subject, Where } from '../engine/rule.js';
import type { Tenant } from '../engine/tenant.js';
import type { Reference } from '../flows/ports/config.js';

const subjectKey = (subject: Subject): string =>
  subject.kind === 'everyone' ? 'everyone' : `${subject.kind}:${subject.id}`;

const whereKey = (where: Where): string => (where.kind === 'all' ? 'all' : `${where.kind}:${where.id}`);

/**
 * Each subject by itself and together with each place: what a request needs is then found by equality in one index,
 * however many rules concern other people or other places.
 */
export const keysOfRule = (rule: Rule): readonly string[] => {
  const places = rule.where.map((where) => whereKey(within(rule, where)));
  return rule.subjects
    .map((subject) => subjectKey(subject))
    .flatMap((subject) => [subject, ...places.map((place) => `${subject}|${place}`)]);
};

/** Everywhere means everywhere in the rule's organization. */
const within = ({ organization }: Rule, where: Where): Where =>
  where.kind === 'all' && organization !== undefined ? { kind: 'organization', id: organization } : where;

export const keysConcerning = (
  subjects: readonly Subject[],
  tenant: Pick<Tenant, 'id' | 'organization'> | undefined,
): readonly string[] => {
  const keys = subjects.map((subject) => subjectKey(subject));
  if (tenant === undefined) return keys;
  const places = ['all', `tenant:${tenant.id}`];
  if (tenant.organization !== undefined) places.push(`organization:${tenant.organization}`);
  return keys.flatMap((subject) => places.map((place) => `${subject}|${place}`));
};

export const referencesOfRule = (rule: Rule): readonly Reference[] => [
  ...rule.subjects.flatMap((subject): readonly Reference[] => (subject.kind === 'everyone' ? [] : [subject])),
  ...rule.where.flatMap((where): readonly Reference[] => (where.kind === 'all' ? [] : [where])),
  ...rule.what.templates.map((id): Reference => ({ kind: 'template', id })),
  ...(rule.effect === 'deny' ? [] : rule.demands.quorums).flatMap(({ group, escalation }): readonly Reference[] => [
    { kind: 'group', id: group },
    ...(escalation === undefined ? [] : [{ kind: 'group', id: escalation.group } as const]),
  ]),
];
