import type { Method, Route } from './graph-call.js';

/** Finds the route of a path. Literal segments are compared without regard to case, as Graph does. */

interface Node {
  readonly literals: Map<string, Node>;
  readonly routes: Map<string, Route>;
  wildcard: Node | undefined;
}

export type Match =
  | { readonly kind: 'found'; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: 'wrong-method'; readonly allowed: readonly string[] }
  | { readonly kind: 'unknown' };

export interface Router {
  /** `path` has no query; a segment that cannot be decoded makes it unknown. */
  match(method: string, path: string): Match;
}

const newNode = (): Node => ({ literals: new Map(), routes: new Map(), wildcard: undefined });

const KEYED = /^(\w+)\((\w+)='([^']*)'\)$/;

/** `servicePrincipals(appId='x')` becomes `servicePrincipals(appId)` and `x`, so that a key is a parameter like others. */
const segmentsOf = (path: string): string[] =>
  path
    .split('/')
    .slice(1)
    .flatMap((segment) => {
      const decoded = decodeURIComponent(segment);
      const keyed = KEYED.exec(decoded);
      return keyed === null ? [decoded] : [`${keyed[1]}(${keyed[2]})`, keyed[3] ?? ''];
    });

const decodable = (path: string): string[] | undefined => {
  try {
    return segmentsOf(path);
  } catch {
    return undefined;
  }
};

const NAME = /^\{(\w+)\}$/;

const add = (root: Node, route: Route): void => {
  let node = root;
  for (const segment of route.path.split('/').slice(1)) {
    if (NAME.test(segment)) {
      node.wildcard ??= newNode();
      node = node.wildcard;
    } else {
      const key = segment.toLowerCase();
      const child = node.literals.get(key) ?? newNode();
      node.literals.set(key, child);
      node = child;
    }
  }
  node.routes.set(route.method satisfies Method, route);
};

const namesOf = (route: Route): string[] => route.path.split('/').flatMap((segment) => NAME.exec(segment)?.[1] ?? []);

export const createRouter = (routes: readonly Route[]): Router => {
  const root = newNode();
  for (const route of routes) add(root, route);
  const names = new Map(routes.map((route) => [route, namesOf(route)]));

  return {
    match: (method, path) => {
      let node: Node | undefined = root;
      const values: string[] = [];
      for (const segment of decodable(path) ?? ['']) {
        const literal: Node | undefined = node.literals.get(segment.toLowerCase());
        if (literal === undefined) values.push(segment);
        node = segment === '' ? undefined : (literal ?? node.wildcard);
        if (node === undefined) return { kind: 'unknown' };
      }
      if (node.routes.size === 0) return { kind: 'unknown' };
      const route = node.routes.get(method);
      if (route === undefined) return { kind: 'wrong-method', allowed: [...node.routes.keys()] };
      const params = Object.fromEntries((names.get(route) ?? []).map((name, index) => [name, values[index] ?? '']));
      return { kind: 'found', route, params };
    },
  };
};
