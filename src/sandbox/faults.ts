import { z } from 'zod';

/** Faults to switch on: what goes wrong, for which requests, how often. */

const Match = z.strictObject({
  service: z.enum(['graph', 'login']).default('graph'),
  method: z.string().toUpperCase().optional(),
  /** A regular expression on path and query, `/v1.0` included; batch items have it too. */
  path: z.string().optional(),
  /** A tenant id. */
  tenant: z.string().toLowerCase().optional(),
  /** `request`: whole requests only; `item`: only what is inside a `$batch`. Without it: both. */
  scope: z.enum(['request', 'item']).optional(),
});

const common = {
  match: Match.prefault({}),
  /** How many that it would strike are let pass first: the fault of one certain call. */
  skip: z.int().nonnegative().default(0),
  times: z.int().positive().optional(),
};

export const FaultSpec = z.discriminatedUnion('kind', [
  /** Reads are answered as of `ms` ago. `writesToo`: so is the search for what a write is aimed at. */
  z.strictObject({
    ...common,
    kind: z.literal('replication-delay'),
    ms: z.int().positive(),
    writesToo: z.boolean().default(false),
  }),
  /** Privileged Identity Management has not heard yet of who was created less than `ms` ago. */
  z.strictObject({ ...common, kind: z.literal('pim-lag'), ms: z.int().positive() }),
  z.strictObject({
    ...common,
    kind: z.literal('throttle'),
    retryAfterSeconds: z.int().nonnegative().nullable().default(1),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('server-error'),
    status: z.union([z.literal(500), z.literal(502), z.literal(503), z.literal(504)]).default(503),
    /** A gateway that gives up waiting: the write took effect all the same. */
    afterWrite: z.boolean().default(false),
  }),
  z.strictObject({ ...common, kind: z.literal('drop-before-write') }),
  z.strictObject({ ...common, kind: z.literal('drop-after-write') }),
  z.strictObject({ ...common, kind: z.literal('slow'), ms: z.int().positive() }),
  /** What a proxy on the way answers: a page, not JSON. */
  z.strictObject({ ...common, kind: z.literal('html'), status: z.int().min(200).max(599).default(502) }),
  /** Any JSON in place of the real answer. */
  z.strictObject({
    ...common,
    kind: z.literal('wrong-shape'),
    status: z.int().min(200).max(599).default(200),
    body: z.unknown(),
    afterWrite: z.boolean().default(true),
  }),
  /** Another status, as 204 where 201 was due; with the real body, where that status can have one. */
  z.strictObject({
    ...common,
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    afterWrite: z.boolean().default(true),
  }),
  /** Every page of a list links to another one, for ever. */
  z.strictObject({ ...common, kind: z.literal('endless-paging') }),
  /** A list whose next page is said to be with somebody else. */
  z.strictObject({
    ...common,
    kind: z.literal('foreign-next-link'),
    host: z.url().default('https://graph.example.com'),
  }),
  /** The real JSON, cut off in the middle. Whole requests only. */
  z.strictObject({ ...common, kind: z.literal('truncated') }),
  /** The real answer under another name. Whole requests only. */
  z.strictObject({ ...common, kind: z.literal('content-type'), contentType: z.string().default('text/plain') }),
]);

export type FaultInput = z.input<typeof FaultSpec>;
export type FaultKind = z.output<typeof FaultSpec>['kind'];
export type Fault = z.output<typeof FaultSpec> & { readonly id: number };
export type FaultOf<Kind extends FaultKind> = Extract<Fault, { kind: Kind }>;

/** What a fault is matched with. */
export interface FaultTarget {
  readonly service: 'graph' | 'login';
  readonly method: string;
  readonly path: string;
  readonly tenant: string | null;
  readonly scope: 'request' | 'item';
}

export interface FaultBook {
  add(input: FaultInput): Fault;
  list(): readonly Fault[];
  remove(id: number): boolean;
  clear(): void;
  /** The first fault of these kinds that applies and is due, used up by one; undefined: nothing goes wrong. */
  take<Kind extends FaultKind>(
    target: FaultTarget,
    kinds: readonly Kind[],
    when?: (fault: FaultOf<Kind>) => boolean,
  ): FaultOf<Kind> | undefined;
}

interface Entry {
  readonly fault: Fault;
  readonly path: RegExp | undefined;
  skip: number;
  left: number;
}

/** Whether it is this one's turn, of those that the fault would strike. */
const isDue = (entry: Entry): boolean => {
  if (entry.skip === 0) return true;
  entry.skip -= 1;
  return false;
};

const cutsConnections = (fault: Fault): boolean =>
  fault.kind === 'drop-after-write' || fault.kind === 'drop-before-write';

const applies = ({ fault, path }: Entry, target: FaultTarget): boolean => {
  const { match } = fault;
  // "Before" and "after the write" say nothing about a read, unless somebody asks for reads by name.
  if (cutsConnections(fault) && match.method === undefined && target.method === 'GET') return false;
  return (
    match.service === target.service &&
    (match.method === undefined || match.method === target.method) &&
    (match.tenant === undefined || match.tenant === target.tenant) &&
    (match.scope === undefined || match.scope === target.scope) &&
    (path === undefined || path.test(target.path))
  );
};

export const createFaultBook = (): FaultBook => {
  let entries: Entry[] = [];
  let lastId = 0;

  return {
    add: (input) => {
      const spec = FaultSpec.parse(input);
      const path = spec.match.path === undefined ? undefined : new RegExp(spec.match.path, 'i');
      lastId += 1;
      const fault: Fault = { ...spec, id: lastId };
      entries.push({ fault, path, skip: fault.skip, left: spec.times ?? Number.POSITIVE_INFINITY });
      return fault;
    },
    list: () =>
      entries.map(({ fault, skip, left }) => ({ ...fault, skip, ...(Number.isFinite(left) ? { times: left } : {}) })),
    remove: (id) => {
      const before = entries.length;
      entries = entries.filter(({ fault }) => fault.id !== id);
      return entries.length < before;
    },
    clear: () => {
      entries = [];
    },
    take: <Kind extends FaultKind>(
      target: FaultTarget,
      kinds: readonly Kind[],
      when: (fault: FaultOf<Kind>) => boolean = () => true,
    ) => {
      if (entries.length === 0) return undefined;
      const isWanted = (fault: Fault): fault is FaultOf<Kind> => (kinds as readonly string[]).includes(fault.kind);
      const entry = entries.find(
        (each) => isWanted(each.fault) && when(each.fault) && applies(each, target) && isDue(each),
      );
      if (entry === undefined || !isWanted(entry.fault)) return undefined;
      entry.left -= 1;
      if (entry.left <= 0) entries = entries.filter((each) => each !== entry);
      return entry.fault;
    },
  };
};
