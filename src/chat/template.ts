import { readFileSync } from 'node:fs';
import { Template } from 'adaptivecards-templating';
import type { Platform } from '../engine/person.js';

/** A compiled template: a model in, the platform's own message format out. */
export type Fill = (model: object) => unknown;

// As many folders above src/chat as above dist/chat, so that one path serves both.
const CARDS = new URL('../../cards/', import.meta.url);

/**
 * Reads and compiles `cards/NAME.PLATFORM.json`. Compiling costs far more than filling: do it once and keep the result.
 * What the model holds is inserted as it is and never expanded again; a field the model lacks stays visible as `${field}`.
 */
export const loadTemplate = (name: string, platform: Platform): Fill => {
  const template = new Template(JSON.parse(readFileSync(new URL(`${name}.${platform}.json`, CARDS), 'utf8')));
  return (model) => template.expand({ $root: model }) as unknown;
};
