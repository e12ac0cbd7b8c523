import { okay, withContext, type GraphAnswer, type GraphCall } from './graph-call.js';
import type { Row } from './odata.js';
import { GraphRefusal } from './refusal.js';

const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 999;

const readTop = (text: string | null): number => {
  if (text === null) return DEFAULT_PAGE;
  const top = Number(text);
  if (!Number.isInteger(top) || top < 1 || top > LARGEST_PAGE)
    throw new GraphRefusal(400, 'Request_UnsupportedQuery', 'Invalid page size specified. Must be between 1 and 999.');
  return top;
};

const readOffset = (token: string | null): number => {
  if (token === null) return 0;
  const [text] = Buffer.from(token, 'base64url').toString().split('~');
  const offset = Number(text);
  if (!Number.isInteger(offset) || offset < 0)
    throw new GraphRefusal(400, 'Directory_ExpiredPageToken', 'The specified page token is not valid.');
  return offset;
};

const nextLink = (call: GraphCall, offset: number): string => {
  const query = new URLSearchParams(call.query);
  query.set('$skiptoken', Buffer.from(String(offset)).toString('base64url'));
  return `${call.world.graphBaseUrl}/v1.0${call.path.split('?')[0] ?? ''}?${query.toString()}`;
};

/** One page of `rows` as Graph lists them, with a link to the next page when there is one. */
export const page = <T>(
  call: GraphCall,
  fragment: string,
  rows: readonly T[],
  render: (row: T) => Row,
): GraphAnswer => {
  const offset = readOffset(call.query.get('$skiptoken'));
  const end = offset + readTop(call.query.get('$top'));
  return okay(
    withContext(fragment, {
      ...(call.isEventual && call.query.get('$count') === 'true' ? { '@odata.count': rows.length } : {}),
      ...(end < rows.length ? { '@odata.nextLink': nextLink(call, end) } : {}),
      value: rows.slice(offset, end).map(render),
    }),
  );
};
