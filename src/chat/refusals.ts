/** Every refusal is put on record: what was attempted and on what, by whom and where, and the code of the refusal. */
import { tenantId } from '../engine/ids.js';
import { owned } from '../flows/change.js';
import type { AuditEvent } from '../flows/ports/audit.js';
import { recordRefusal } from '../flows/refused.js';
import { describeError } from '../lib/log.js';
import type { Answer } from './answer.js';
import { parseCommand } from './commands.js';
import type { Command } from './command.js';
import type { ChatDeps, Turn } from './deps.js';
import { idMeant } from './id-meant.js';
import type { Intent } from './speaker.js';

/**
 * One line each, however often: counting them together would need memory that all processes share, and whoever hammers
 * at a door is what the log is for. Nothing of what was typed goes in, for it may be anything, a password too. A log that
 * cannot be written to is an alarm for the operator, and changes nothing about the answer.
 */
export const noteRefusal = async (deps: ChatDeps, turn: Turn, intent: Intent, answer: Answer): Promise<void> => {
  if (answer.kind !== 'show' || answer.tone !== 'refusal' || answer.fault === undefined) return;
  const { code } = answer.fault;
  try {
    const { what, id, tenant } = attemptIn(intent);
    await recordRefusal(deps, turn, { what, ...(await concerned(deps, id, tenant)) }, answer.fault);
  } catch (thrown) {
    deps.log.error({ by: turn.person.id, code, ...describeError(thrown) }, 'a refusal could not be put on record');
  }
};

interface Attempted {
  /** `admin rule add`, `button approve`. */
  readonly what: string;
  /** What may be the id of a request. */
  readonly id?: string;
  /** What may be a tenant's short name. */
  readonly tenant?: string;
}

const attemptIn = (intent: Intent): Attempted => {
  switch (intent.kind) {
    case 'command': {
      const command = parseCommand(intent.text);
      return command.ok ? attemptOf(command.value) : { what: 'unreadable command' };
    }
    case 'button':
      return { what: `button ${wordOr(intent.verb)}`, id: intent.id };
    case 'form':
      return { what: `form ${wordOr(intent.form)}`, id: intent.id };
    default:
      return intent satisfies never;
  }
};

const attemptOf = (command: Command): Attempted => ({
  what: command.name === 'admin' ? `admin ${command.noun} ${command.verb}` : command.name,
  ...('id' in command && { id: command.id }),
  ...('tenant' in command && command.tenant !== undefined && { tenant: command.tenant }),
});

/** Buttons of old cards name verbs that are no more; what is no verb at all is not repeated. */
const wordOr = (verb: string): string => (/^[a-z-]{1,40}$/u.test(verb) ? verb : 'unknown');

/** With the number of an extension, where it is one. */
const REQUEST = /^(?:R-?)?[0-9A-Z]{4,12}(?:-\d{1,3})?$/iu;

/** The request or the tenant, where there is one: its own id, never the words that led there. */
const concerned = async (
  deps: ChatDeps,
  id: string | undefined,
  tenant: string | undefined,
): Promise<Pick<AuditEvent, 'request' | 'tenant' | 'organization'>> => {
  const isRequest = id !== undefined && REQUEST.test(id.trim());
  const request = isRequest ? (await deps.requests.load(idMeant(id.trim())))?.request : undefined;
  if (request !== undefined) {
    return { request: request.id, tenant: request.tenant, ...owned(request.organization) };
  }
  const place = tenant === undefined ? undefined : await deps.config.tenants.byId(tenantId(tenant.toLowerCase()));
  return place === undefined ? {} : { tenant: place.id, ...owned(place.organization) };
};
