import { disable } from './break-glass-disable.js';
import { drill } from './break-glass-drill.js';
import { adopt, check, enable, rotate } from './break-glass-enable.js';
import { detail, status } from './break-glass-status.js';
import type { Noun } from './noun.js';

export const breakGlass: Noun = {
  name: 'break-glass',
  summary: 'emergency administrators of a tenant, whose passwords I change and nobody keeps',
  verbs: [status, detail, enable, adopt, rotate, check, drill, disable],
  bare: 'status',
  pages: 'status',
};
