import { LIMITS } from '../../../src/slack/limits.js';

type Json = { readonly [key: string]: unknown };

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const objects = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** What Slack would hold against the blocks of a message; emulate does not look. */
export const faultsOfMessage = (message: Json): readonly string[] => [
  ...atMost('blocks of a message', objects(message['blocks']), LIMITS.messageBlocks),
  ...faultsOfBlocks(objects(message['blocks'])),
  ...(typeof message['text'] === 'string' && message['text'] !== '' ? [] : ['a message without fallback text']),
  ...leftOpen(message),
];

export const faultsOfView = (view: Json): readonly string[] => {
  const blocks = objects(view['blocks']);
  const labels = ['title', 'submit', 'close'].flatMap((name) => textFaults(name, view[name], LIMITS.modalTitle));
  const inputs = blocks.some(({ type }) => type === 'input');
  return [
    ...labels,
    ...lengthFaults('private_metadata', view['private_metadata'], LIMITS.privateMetadata),
    ...lengthFaults('callback_id', view['callback_id'], LIMITS.callbackId),
    ...atMost('blocks of a view', blocks, LIMITS.modalBlocks),
    ...(blocks.length === 0 ? ['a view without blocks'] : []),
    ...(JSON.stringify(view).length > LIMITS.viewBytes ? ['a view of more than 250 KB'] : []),
    ...(isObject(view['title']) ? [] : ['a view without title']),
    ...(inputs && !isObject(view['submit']) ? ['inputs that nothing submits'] : []),
    ...faultsOfBlocks(blocks),
    ...leftOpen(view),
  ];
};

/** A template's field that nothing filled, in places where users' words cannot be the reason. */
const leftOpen = (payload: Json): readonly string[] =>
  /"(type|style|action_id|block_id|callback_id)":"\$\{/.test(JSON.stringify(payload)) ? ['an unfilled template'] : [];

const faultsOfBlocks = (blocks: readonly Json[]): readonly string[] => [
  ...repeated('block_id', blocks),
  ...blocks.flatMap((block) => [
    ...lengthFaults('block_id', block['block_id'], LIMITS.blockId),
    ...(BLOCKS[String(block['type'])]?.(block) ?? [`a block of type ${String(block['type'])}`]),
  ]),
];

const BLOCKS: Readonly<Record<string, (block: Json) => readonly string[]>> = {
  header: ({ text }) => textFaults('header', text, LIMITS.headerText),
  section: ({ text }) => textFaults('section', text, LIMITS.text),
  divider: () => [],
  context: ({ elements }) => [
    ...(objects(elements).length === 0 ? ['an empty context'] : []),
    ...atMost('elements of a context', objects(elements), LIMITS.contextElements),
    ...objects(elements).flatMap((element) => textFaults('context', element, LIMITS.text)),
  ],
  actions: ({ elements }) => [
    ...(objects(elements).length === 0 ? ['actions without elements'] : []),
    ...atMost('elements of actions', objects(elements), LIMITS.buttonsInRow),
    ...repeated('action_id', objects(elements)),
    ...objects(elements).flatMap(elementFaults),
  ],
  input: ({ label, element, hint }) => [
    ...textFaults('label', label, LIMITS.inputLabel),
    ...(hint === undefined ? [] : textFaults('hint', hint, LIMITS.inputLabel)),
    ...(isObject(element) ? elementFaults(element) : ['an input without element']),
  ],
  rich_text: ({ elements }) => [
    ...(objects(elements).length === 0 ? ['an empty rich text'] : []),
    ...objects(elements).flatMap(richTextFaults),
  ],
};

const richTextFaults = ({ elements }: Json): readonly string[] => {
  const runs = objects(elements);
  const length = runs.reduce((sum, { text }) => sum + (typeof text === 'string' ? text.length : 0), 0);
  return [
    ...(runs.length === 0 ? ['an empty rich text section'] : []),
    ...(runs.some(({ type, text }) => type !== 'emoji' && (typeof text !== 'string' || text === ''))
      ? ['an empty run']
      : []),
    ...(length > LIMITS.text ? [`a rich text section of ${length} characters`] : []),
    ...runs.flatMap(({ url }) => lengthFaults('url', url, LIMITS.url)),
    ...(runs.some(({ type }) => !['text', 'link', 'emoji'].includes(String(type)))
      ? ['a run that is not literal']
      : []),
  ];
};

const ELEMENTS = new Set([
  'button',
  'static_select',
  'multi_static_select',
  'external_select',
  'multi_external_select',
  'radio_buttons',
  'plain_text_input',
]);

const elementFaults = (element: Json): readonly string[] => {
  const options = objects(element['options']);
  const chosen = [...objects(element['initial_options']), ...objects([element['initial_option']])];
  const listed = new Set(options.map((option) => JSON.stringify(option)));
  const searched = String(element['type']).endsWith('external_select');
  return [
    ...(ELEMENTS.has(String(element['type'])) ? [] : [`an element of type ${String(element['type'])}`]),
    ...textFaults('placeholder', element['placeholder'], LIMITS.placeholder),
    ...lengthFaults('url', element['url'], LIMITS.url),
    ...(isObject(element['confirm']) ? confirmFaults(element['confirm']) : []),
    ...lengthFaults('action_id', element['action_id'], LIMITS.actionId),
    ...(element['type'] === 'button' ? textFaults('button', element['text'], LIMITS.buttonText) : []),
    ...lengthFaults('value', element['value'], LIMITS.buttonValue),
    ...('style' in element && !['primary', 'danger'].includes(String(element['style'])) ? ['an unknown style'] : []),
    ...('options' in element && options.length === 0 ? ['a select without options'] : []),
    ...atMost('options', options, LIMITS.options),
    ...options.flatMap(({ text, value }) => [
      ...textFaults('option', text, LIMITS.optionText),
      ...lengthFaults('option value', value, LIMITS.optionValue),
    ]),
    ...(searched || chosen.every((option) => listed.has(JSON.stringify(option)))
      ? []
      : ['an initial option that is no option']),
    ...lengthFaults('initial_value', element['initial_value'], LIMITS.inputText),
  ];
};

const confirmFaults = ({ title, text, confirm, deny }: Json): readonly string[] => [
  ...textFaults('title to confirm', title, LIMITS.confirmTitle),
  ...textFaults('text to confirm', text, LIMITS.confirmText),
  ...[confirm, deny].flatMap((label) => textFaults('button to confirm', label, LIMITS.confirmButton)),
];

const textFaults = (what: string, text: unknown, max: number): readonly string[] => {
  if (text === undefined) return [];
  if (!isObject(text) || text['type'] !== 'plain_text') return [`${what}: not plain text`];
  return [...(text['text'] === '' ? [`${what}: empty`] : []), ...lengthFaults(what, text['text'], max)];
};

const lengthFaults = (what: string, text: unknown, max: number): readonly string[] =>
  typeof text === 'string' && text.length > max ? [`${what}: ${text.length} characters of ${max}`] : [];

const atMost = (what: string, list: readonly Json[], max: number): readonly string[] =>
  list.length > max ? [`${list.length} ${what}, of ${max}`] : [];

const repeated = (name: string, list: readonly Json[]): readonly string[] => {
  const ids = list.flatMap((item) => (typeof item[name] === 'string' ? [item[name]] : []));
  return new Set(ids).size === ids.length ? [] : [`a repeated ${name}`];
};
