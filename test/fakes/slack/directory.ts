import type { Json } from './web-api.js';

/** User groups and closed accounts, with Slack's rules for reading them. */
export interface SlackDirectory {
  /** Makes a user group, or changes who is in it. */
  usergroup(group: Usergroup): void;
  /** Closes an account, or opens it again. A closed one stays in lists, and leaves its user groups. */
  close(user: string, closed?: boolean): void;
  /** How many people a page of users.list holds at most, whatever is asked for. */
  pageSize(size: number): void;
  /** `undefined`: not a call about user groups. */
  answer(method: string, body: Json, scopes: readonly string[]): Json | undefined;
  /** What emulate answers, as Slack would. */
  amend(method: string, body: Json, answer: Json): Json;
}

export interface Usergroup {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly users: readonly string[];
  readonly disabled?: boolean;
}

const refused = (error: string, more: Json = {}): Json => ({ ok: false, error, ...more });

export const createSlackDirectory = (): SlackDirectory => {
  const groups = new Map<string, Usergroup>();
  const closed = new Set<string>();
  let size = Infinity;

  const shown = ({ id, handle, name, users, disabled = false }: Usergroup): Json => ({
    id,
    handle,
    name,
    is_usergroup: true,
    date_delete: disabled ? 1_700_000_000 : 0,
    user_count: users.length,
  });

  const asClosed = (user: Json): Json => ({ ...user, deleted: closed.has(String(user['id'])) });

  // emulate's cursor is the next user's id; pages are cut smaller here the same way.
  const cut = (answer: Json): Json => {
    const members = (answer['members'] as readonly Json[]).map(asClosed);
    const next = members[size]?.['id'];
    return next === undefined
      ? { ...answer, members }
      : { ...answer, members: members.slice(0, size), response_metadata: { next_cursor: next } };
  };

  return {
    usergroup: (group) => void groups.set(group.id, group),
    close: (user, isClosed = true) => void (isClosed ? closed.add(user) : closed.delete(user)),
    pageSize: (most) => void (size = most),
    answer: (method, body, scopes) => {
      if (!method.startsWith('usergroups.')) return undefined;
      if (!scopes.includes('usergroups:read')) {
        return refused('missing_scope', { needed: 'usergroups:read', provided: scopes.join(',') });
      }
      if (method === 'usergroups.list') {
        const all = [...groups.values()].filter(({ disabled }) => body['include_disabled'] === 'true' || !disabled);
        return { ok: true, usergroups: all.map(shown) };
      }
      if (method !== 'usergroups.users.list') return refused('unknown_method');
      const group = groups.get(String(body['usergroup']));
      if (group === undefined) return refused('no_such_subteam');
      return { ok: true, users: group.users.filter((user) => !closed.has(user)) };
    },
    amend: (method, _body, answer) => {
      if (answer['ok'] !== true) return answer;
      if (method === 'users.info') return { ...answer, user: asClosed(answer['user'] as Json) };
      return method === 'users.list' ? cut(answer) : answer;
    },
  };
};
