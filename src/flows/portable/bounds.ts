/** The bounds of what is typed hold for what is imported, too; here they are told as clauses. */
import type { Fault } from '../../engine/faults.js';

export type Unfit<T> = (thing: T) => Fault | undefined;

export const whyUnfit = <T>(thing: T, unfit: Unfit<T>): readonly string[] => {
  const fault = unfit(thing);
  return fault === undefined ? [] : [clauseOf(fault)];
};

const clauseOf = (fault: Fault): string => {
  switch (fault.code) {
    case 'admin.invalid':
      return fault.problem;
    case 'admin.built-in':
      return 'this name is built in';
    case 'text.too-long':
      return `its ${fault.field} has ${fault.length} characters; at most ${fault.most} fit`;
    default:
      return fault.code;
  }
};
