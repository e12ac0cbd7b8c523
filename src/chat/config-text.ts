import { Document, isScalar, parseDocument, visit } from 'yaml';
import type { Fault } from '../engine/faults.js';
import type { IdentityKey } from '../engine/ids.js';
import type { FlowDeps } from '../flows/deps.js';
import type { Portable } from '../flows/portable/schema.js';
import { err, ok } from '../lib/result.js';
import type { Result } from '../lib/result.js';
import { cleaned } from './asking.js';

const HEADER = ` Latchkey's configuration. Secrets, requests, accounts and the audit log are no part of it.
 Import it with /jit admin import; you see what would change before anything does.`;

const CHAT_IDENTITY = /^(?:slack|teams):[\w-]+$/u;

/** The configuration as YAML; people stand there by chat identity, with their names beside it. */
export const writeConfig = (config: Portable, nameOf: (identity: string) => string | undefined): string => {
  const document = new Document(config);
  document.commentBefore = HEADER;
  visit(document, {
    Scalar: (place, node) => {
      if (place === 'key' || typeof node.value !== 'string' || !CHAT_IDENTITY.test(node.value)) return;
      const name = nameOf(node.value);
      if (name !== undefined && name !== node.value) node.comment = ` ${cleaned(name)}`;
    },
  });
  return document.toString({ lineWidth: 0 });
};

/** Far beyond what a thousand tenants need, and no more than a process can read at a glance. */
export const LONGEST_CONFIG = 5_000_000;

/** What a YAML text says, for the flows to judge. Aliases are not followed: a small text could become a huge one. */
export const readConfigText = (text: string): Result<unknown, Fault> => {
  const invalid = (problem: string): Result<unknown, Fault> =>
    err({ code: 'import.invalid', problems: [problem], more: 0 });
  if (text.length > LONGEST_CONFIG) return invalid('the text is too long');
  const document = parseDocument(text, { uniqueKeys: true, merge: false });
  const [fault] = document.errors;
  if (fault !== undefined) {
    const [at] = fault.linePos ?? [];
    return invalid(at === undefined ? 'this is not YAML' : `line ${at.line}, column ${at.col}: this is not YAML`);
  }
  let hasAlias = false;
  visit(document, {
    Alias: () => {
      hasAlias = true;
      return visit.BREAK;
    },
  });
  if (hasAlias) return invalid('aliases (*name) are not understood; write things out');
  return ok(isScalar(document.contents) ? undefined : document.toJS());
};

/** Who the people of a configuration are, for those who read it. */
export const namesIn = async (
  { people }: Pick<FlowDeps, 'people'>,
  config: object,
): Promise<ReadonlyMap<string, string>> => {
  const keys = [...new Set(JSON.stringify(config).match(/(?:slack|teams):[\w-]+/gu))];
  const found = await Promise.all(
    keys.map(async (key) => [key, (await people.byIdentity(key as IdentityKey))?.name ?? key] as const),
  );
  return new Map(found);
};
