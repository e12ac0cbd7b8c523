import type { ApiCall, Json } from './web-api.js';

export interface Window {
  readonly id: string;
  readonly view: Json;
}

export type Typed = Readonly<Record<string, string | readonly string[]>>;

interface Input {
  readonly block: string;
  readonly action: string;
  readonly type: string;
  readonly optional: boolean;
  readonly element: Json;
}

/** Slack's client, as far as it keeps what people type: by block and action, until the window closes. */
export interface Windows {
  opened(id: string): Window | undefined;
  /** Keeps what was typed. Refuses what a person could not do: a choice that is not offered, an input that is not there. */
  type(id: string, typed: Typed): void;
  /** What Slack sends of a window: its view with the state of its inputs. */
  payload(id: string): Json;
  /** Names of required inputs that are still empty: the client does not send those forms. */
  missing(id: string): readonly string[];
  /** What the bot answered to a submission. */
  answered(id: string, answer: Json): void;
}

export const createWindows = (calls: readonly ApiCall[]): Windows => {
  const typedIn = new Map<string, Map<string, Json>>();
  const changed = new Map<string, Json | undefined>();
  let read = 0;

  const catchUp = (): void => {
    for (const { method, body, answer } of calls.slice(read)) {
      const view = answer['view'] as Json | undefined;
      if (/^views\.(open|update)$/.test(method) && view !== undefined)
        changed.set(String(view['id']), body['view'] as Json);
    }
    read = calls.length;
  };

  const opened = (id: string): Window | undefined => {
    catchUp();
    const view = changed.get(id);
    return view === undefined ? undefined : { id, view };
  };

  const viewOf = (id: string): Json => {
    const window = opened(id);
    if (window === undefined) throw new Error(`No window ${id} is open`);
    return window.view;
  };

  const stateOf = (id: string): Readonly<Record<string, Record<string, Json>>> =>
    Object.fromEntries(
      inputsOf(viewOf(id)).map((input) => {
        const typed = typedIn.get(id)?.get(`${input.block}/${input.action}`);
        return [input.block, { [input.action]: typed ?? initialState(input) }];
      }),
    );

  return {
    opened,
    type: (id, typed) => {
      const kept = typedIn.get(id) ?? new Map<string, Json>();
      typedIn.set(id, kept);
      const inputs = inputsOf(viewOf(id));
      for (const [action, value] of Object.entries(typed)) {
        const input = inputs.find((candidate) => candidate.action === action);
        if (input === undefined) throw new Error(`The window has no input ${action}`);
        kept.set(`${input.block}/${action}`, typedState(input, value));
      }
    },
    payload: (id) => {
      const view = viewOf(id);
      return {
        id,
        hash: '1',
        root_view_id: id,
        team_id: 'T000000001',
        private_metadata: '',
        callback_id: '',
        ...view,
        state: { values: stateOf(id) },
      };
    },
    missing: (id) => {
      const state = stateOf(id);
      return inputsOf(viewOf(id))
        .filter(({ optional, block, action }) => !optional && isEmpty(state[block]?.[action] ?? {}))
        .map(({ action }) => action);
    },
    answered: (id, answer) => {
      catchUp();
      if (answer['response_action'] === 'update') changed.set(id, answer['view'] as Json);
      else if (answer['response_action'] !== 'errors') changed.set(id, undefined);
    },
  };
};

const inputsOf = (view: Json): readonly Input[] =>
  (view['blocks'] as readonly Json[]).flatMap((block) => {
    if (block['type'] !== 'input') return [];
    const element = block['element'] as Json;
    return [
      {
        block: String(block['block_id']),
        action: String(element['action_id']),
        type: String(element['type']),
        optional: block['optional'] === true,
        element,
      },
    ];
  });

const ONE = new Set(['static_select', 'external_select', 'radio_buttons']);

const initialState = ({ type, element }: Input): Json => {
  if (ONE.has(type)) return { type, selected_option: element['initial_option'] ?? null };
  if (type.startsWith('multi_')) return { type, selected_options: element['initial_options'] ?? [] };
  return { type, value: element['initial_value'] ?? null };
};

const typedState = ({ type, element, action }: Input, value: string | readonly string[]): Json => {
  if (type === 'plain_text_input') return { type, value };
  const options = element['options'] as readonly Json[] | undefined;
  const chosen = [value].flat().map((wanted) => {
    if (options === undefined) return { text: { type: 'plain_text', text: wanted }, value: wanted };
    const option = options.find((candidate) => candidate['value'] === wanted);
    if (option === undefined) throw new Error(`${action} does not offer ${wanted}`);
    return option;
  });
  return ONE.has(type) ? { type, selected_option: chosen[0] } : { type, selected_options: chosen };
};

const isEmpty = (state: Json): boolean => {
  const value = state['value'] ?? state['selected_option'] ?? state['selected_options'];
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
};
