import { requestId } from '../engine/ids.js';
import type { RequestId } from '../engine/ids.js';
import { shortened } from './asking.js';

/** `r-7k2m`, `R7K2M` and `7K2M` all name R-7K2M; letters that are easily misread are read as what they can only be. */
export const idMeant = (typed: string): RequestId => {
  const bare = shortened(typed)
    .toUpperCase()
    .replace(/^R-?(?=[0-9A-Z]{4})/u, '');
  return requestId(`R-${bare.replaceAll('O', '0').replaceAll(/[IL]/gu, '1')}`);
};
