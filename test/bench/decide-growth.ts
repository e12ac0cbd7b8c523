import { join } from 'node:path';
import { groupId, organizationId, personId, ruleId, tenantId } from '../../src/engine/ids.js';
import type { Rule, Subject, Where } from '../../src/engine/rule.js';
import { consult } from '../../src/flows/consult.js';
import type { Question } from '../../src/flows/consult.js';
import { HOUR } from '../../src/lib/clock.js';
import { silentLog } from '../../src/lib/log.js';
import { createConfigStore, documentOfRule } from '../../src/store/config.js';
import { connect } from '../../src/store/connection.js';
import type { DatabaseConnection } from '../../src/store/connection.js';
import { startEngine } from '../../src/store/engine-process.js';
import { ensureIndexes } from '../../src/store/indexes.js';
import { aGroup, aPerson, aRule, aTenant, demanding, exactly, NOON, USER_ADMINISTRATOR } from '../fakes/fixtures.js';
import type { Row } from './row.js';

const FEW = 100;
const MANY = 100_000;
const RULES_AN_ORGANIZATION = 100;
const GROUPS_AN_ORGANIZATION = 20;
const TENANTS_AN_ORGANIZATION = 5;

const TIMES = 400;
const WARM_UP = 100;
const AT_ONCE = 2_000;

/** The technician is in the first groups of the first organization; every other rule is about others. */
const TECHNICIAN_GROUPS = 3;
const TECHNICIAN = aPerson({ id: personId('technician') });

const groupOf = (organization: number, number: number) => groupId(`group-${organization}-${number}`);

/** The n-th rule of all: mostly a group's in a tenant, now and then a person's, or one for the whole organization. */
const ruleAt = (index: number): Rule => {
  const organization = Math.floor(index / RULES_AN_ORGANIZATION);
  const number = index % RULES_AN_ORGANIZATION;
  const personal = number % 10 === 9;
  const subject: Subject = personal
    ? { kind: 'person', id: personId(`person-${organization}-${number}`) }
    : { kind: 'group', id: groupOf(organization, number % GROUPS_AN_ORGANIZATION) };
  const place: Where =
    number % 7 === 0
      ? { kind: 'all' }
      : { kind: 'tenant', id: tenantId(`tenant-${organization}-${number % TENANTS_AN_ORGANIZATION}`) };
  const rule = aRule({
    id: ruleId(`rule-${index}`),
    name: `Rule ${number}`,
    organization: organizationId(`organization-${organization}`),
    subjects: [subject],
    where: [place],
    what: { roles: [exactly(USER_ADMINISTRATOR)], groups: [], templates: [] },
    demands: demanding({ longestMs: 8 * HOUR }),
  });
  const { demands: _demands, ...head } = rule;
  // Of a role that is not asked for, so that there is something to allow.
  const what = { ...rule.what, roles: [{ kind: 'pattern' as const, pattern: 'Global*' }] };
  return number % 11 === 0 ? { ...head, what, effect: 'deny' } : rule;
};

const QUESTION: Question = {
  tenant: aTenant({ id: tenantId('tenant-0-1'), organization: organizationId('organization-0') }),
  roles: [{ ...USER_ADMINISTRATOR, privileged: true }],
  groups: [],
  account: 'dedicated',
  atEnd: 'disable',
  tap: false,
  durationMs: HOUR,
  startsAt: NOON,
};

/** Everything but the number of rules is the same. */
const fill = async ({ db }: DatabaseConnection, rules: number): Promise<void> => {
  await ensureIndexes(db);
  const config = createConfigStore(db);
  for (let number = 0; number < GROUPS_AN_ORGANIZATION; number += 1) {
    const members = number < TECHNICIAN_GROUPS ? [TECHNICIAN.id] : [personId('somebody')];
    await config.groups.add(aGroup({ id: groupOf(0, number), name: `Group ${number}`, members }));
  }
  for (let from = 0; from < rules; from += AT_ONCE) {
    const length = Math.min(AT_ONCE, rules - from);
    const documents = Array.from({ length }, (_, index) => documentOfRule(ruleAt(from + index)));
    await db.collection<(typeof documents)[number]>('rules').insertMany(documents, { ordered: false });
  }
};

const settings = { owners: [], approvalChannels: [], publicUrl: 'http://localhost' };

/** As every submission, click and start does it: groups, standing and rules are read, then it is decided. */
const asking = ({ db }: DatabaseConnection) => {
  const config = createConfigStore(db);
  return async (): Promise<number> => {
    const before = performance.now();
    const { kind, findings } = await consult({ config, settings }, TECHNICIAN, QUESTION);
    const ms = performance.now() - before;
    if (kind !== 'needs-approval' || findings.length < 2) throw new Error(`${kind} by ${findings.length} rules`);
    return ms;
  };
};

export const decideGrowth: Row = {
  name: 'decide-growth',
  measure: async ({ folder }) => {
    const engine = await startEngine({ dataDir: join(folder, 'database'), log: silentLog });
    const open = (name: string) =>
      connect({ uri: engine.uri.replace(/(\/\/[^/?]+)\/?[^?]*/u, `$1/${name}`) }, { log: silentLog });
    const connections: DatabaseConnection[] = [];
    try {
      const few = await open('few');
      connections.push(few);
      const many = await open('many');
      connections.push(many);
      await fill(few, FEW);
      await fill(many, MANY);
      const [askFew, askMany] = [asking(few), asking(many)];
      const [ours, beside]: [number[], number[]] = [[], []];
      for (let time = -WARM_UP; time < TIMES; time += 1) {
        const [small, large] = [await askFew(), await askMany()];
        if (time < 0) continue;
        beside.push(small);
        ours.push(large);
      }
      const yardstick = `the same decision among ${FEW} rules instead of ${MANY}, reading them from the database included`;
      return [{ name: 'decide-growth', unit: 'ms', ours, beside, yardstick, goal: { kind: 'ratio', limit: 1.2 } }];
    } finally {
      for (const connection of connections) await connection.close();
      await engine.stop();
    }
  },
};
