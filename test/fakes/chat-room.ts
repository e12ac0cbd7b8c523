import type { Card, Line } from '../../src/chat/view.js';
import type { Address } from '../../src/engine/person.js';
import type { Delivery, MessageRef, Notifier } from '../../src/flows/ports.js';

/** Every conversation of both platforms, in memory: what was posted where, what it shows now, and how often it changed. */
export interface ChatRoom {
  readonly notifier: Notifier<Card>;
  /** The cards that stand in a conversation, oldest first. */
  cardsIn(conversation: string): readonly Card[];
  /** How many messages were ever posted there. */
  postsIn(conversation: string): number;
  /** From now on, what happens to messages for this conversation; `undefined` puts it right again. */
  trouble(conversation: string, delivery: Exclude<Delivery, { kind: 'sent' }> | undefined): void;
  /** Everything that was ever shown, for searches. */
  readonly history: readonly Card[];
}

export const createChatRoom = (): ChatRoom => {
  const messages = new Map<string, { conversation: string; card: Card }>();
  const troubles = new Map<string, Exclude<Delivery, { kind: 'sent' }>>();
  const history: Card[] = [];
  let count = 0;

  const show = (ref: MessageRef, card: Card): Delivery => {
    const { conversation } = ref.address;
    const trouble = troubles.get(conversation);
    if (trouble !== undefined) return trouble;
    messages.set(ref.message, { conversation, card });
    history.push(card);
    return { kind: 'sent', ref };
  };

  return {
    history,
    notifier: {
      platforms: ['slack', 'teams'],
      post: async (address: Address, card) => {
        count += 1;
        return show({ address, message: `m${count}` }, card);
      },
      update: async (ref, card) =>
        messages.has(ref.message) ? show(ref, card) : { kind: 'unreachable', detail: 'message_not_found' },
    },
    cardsIn: (conversation) =>
      [...messages.values()].flatMap((message) => (message.conversation === conversation ? [message.card] : [])),
    postsIn: (conversation) => [...messages.values()].filter((message) => message.conversation === conversation).length,
    trouble: (conversation, delivery) => {
      if (delivery === undefined) troubles.delete(conversation);
      else troubles.set(conversation, delivery);
    },
  };
};

/** A card as a person reads it. */
export const textOf = ({ title, lines, facts = [], more = [], block }: Card): string =>
  [
    title,
    ...lines.map(plainOf),
    ...facts.map(({ label, value }) => `${label}: ${plainOf(value)}`),
    ...more.map(plainOf),
    ...(block === undefined ? [] : [block.text]),
  ].join('\n');

const plainOf = (line: Line): string => line.map(({ text }) => text).join('');
