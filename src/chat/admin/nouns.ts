/** All that can be administered. */
import { account } from './account.js';
import { audit } from './audit.js';
import { breakGlass } from './break-glass.js';
import { exporting, importing } from './configuration.js';
import { group } from './group.js';
import type { Noun } from './noun.js';
import { organization } from './organization.js';
import { person } from './person.js';
import { rule } from './rule.js';
import { settings } from './settings.js';
import { template } from './template.js';
import { tenant } from './tenant.js';
import { vault } from './vault.js';

export const NOUNS: readonly Noun[] = [
  organization,
  tenant,
  account,
  breakGlass,
  person,
  group,
  rule,
  template,
  vault,
  settings,
  audit,
  exporting,
  importing,
];

export const nounNamed = (name: string): Noun | undefined => NOUNS.find((noun) => noun.name === name);
