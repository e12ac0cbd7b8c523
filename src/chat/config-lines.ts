import type { Change } from '../flows/portable/compare.js';
import type { ImportPlan } from '../flows/portable/plan.js';
import { line, strong } from './say.js';
import type { Line } from './view.js';

/** What an import would change, one line a thing. */
export const changeLines = ({ changes }: ImportPlan): readonly Line[] => changes.map(changeLine);

const changeLine = ({ noun, name, kind, fields }: Change): Line =>
  kind === 'add'
    ? line(strong('Add '), `${noun} ${name}`)
    : line(
        strong('Change '),
        noun === name ? noun : `${noun} ${name}`,
        fields.length === 0 ? '' : `: ${fields.join(', ')}`,
      );

/** `2 changes; 14 as they are; 1 here that the file does not name stays.` */
export const planSummary = ({ changes, same, untouched }: ImportPlan): string => {
  const parts = [
    changes.length === 0 ? 'Nothing changes' : `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`,
    ...(same === 0 ? [] : [`${same} already as the file says`]),
    ...(untouched === 0
      ? []
      : [`${untouched} here that the file does not name; ${untouched === 1 ? 'it stays' : 'they stay'}`]),
  ];
  return `${parts.join('; ')}.`;
};
