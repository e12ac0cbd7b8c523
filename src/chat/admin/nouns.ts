/** All that can be administered. */
import { group } from './group.js';
import type { Noun } from './noun.js';
import { rule } from './rule.js';
import { tenant } from './tenant.js';

export const NOUNS: readonly Noun[] = [tenant, group, rule];

export const nounNamed = (name: string): Noun | undefined => NOUNS.find((noun) => noun.name === name);
