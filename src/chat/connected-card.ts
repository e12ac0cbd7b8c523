/** What is said once a tenant's way to us is over: in the chat, and on the page in the browser. */
import type { Fault } from '../engine/faults.js';
import type { TenantId } from '../engine/ids.js';
import type { Connected } from '../flows/connect.js';
import { card } from './answers.js';
import { faultSentence } from './copy.js';
import { code, line, sayTime, strong } from './say.js';
import type { Reading } from './say.js';
import type { Card, Fact, Line } from './view.js';
import { APP_PERMISSIONS } from '../engine/app-permissions.js';

/** Without the mark of its state, which is for chats alone. */
export const connectedWords = ({ tenant, missing }: Connected, reading: Reading): Card => {
  const { id, name, domain, directoryId, authorised } = tenant;
  const by: readonly Fact[] =
    authorised === undefined
      ? []
      : [
          { label: 'Authorised by', value: line(`${authorised.name} (${authorised.upn})`) },
          { label: 'When', value: line(sayTime(authorised.at, reading)) },
        ];
  return {
    ...card(`${name} is connected`, [
      line(`Accounts will be made as …@${domain}; people type `, code(id), '.'),
      ...missingLines(missing),
      line('Next: ', code(nextRule(id))),
    ]),
    facts: [
      { label: 'Tenant id', value: line(directoryId) },
      ...by,
      { label: 'Permissions', value: line(permissionsIn(missing)) },
    ],
  };
};

const nextRule = (id: TenantId): string =>
  `/jit admin rule add "NAME" --subject "GROUP" --tenant ${id} --role "ROLE" --approvers "GROUP"`;

const permissionsIn = (missing: Connected['missing']): string => {
  const all = APP_PERMISSIONS.length;
  if (missing === undefined) return 'could not be read just now';
  return missing.length === 0 ? `all ${all} granted` : `${all - missing.length} of ${all} granted`;
};

const missingLines = (missing: Connected['missing'] = []): readonly Line[] =>
  missing.map(({ name, purpose }) => line('Not granted: ', strong(name), ` ${purpose}.`));

/** The green check. */
export const connectedCard = (connected: Connected, reading: Reading): Card => {
  const words = connectedWords(connected, reading);
  return { ...words, title: `✅ ${words.title}` };
};

/** That nothing became of it, and what to do. */
export const unconnectedCard = (tenant: TenantId, fault: Fault, reading: Reading): Card =>
  card(`${tenant} is not connected`, [line(faultSentence(fault, reading))]);
