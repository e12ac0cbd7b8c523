/** All that can be administered. */
import { account } from './account.js';
import { audit } from './audit.js';
import { exporting, importing } from './configuration.js';
import { group } from './group.js';
import type { Noun } from './noun.js';
import { organization } from './organization.js';
import { person } from './person.js';
import { rule } from './rule.js';
import { settings } from './settings.js';
import { template } from './template.js';
import { tenant } from './tenant.js';

export const NOUNS: readonly Noun[] = [
  organization,
  tenant,
  account,
  person,
  group,
  rule,
  template,
  settings,
  audit,
  exporting,
  importing,
];

export const nounNamed = (name: string): Noun | undefined => NOUNS.find((noun) => noun.name === name);
