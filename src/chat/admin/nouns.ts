/** All that can be administered. */
import { exporting, importing } from './configuration.js';
import { group } from './group.js';
import type { Noun } from './noun.js';
import { rule } from './rule.js';
import { tenant } from './tenant.js';

export const NOUNS: readonly Noun[] = [tenant, group, rule, exporting, importing];

export const nounNamed = (name: string): Noun | undefined => NOUNS.find((noun) => noun.name === name);
