import type { Product } from './types.js';

/** Which call a request is, from method and path alone. */
export type Route =
  | { readonly name: 'token' }
  | { readonly name: 'profiles'; readonly profileId?: string }
  | CreateRoute
  | JobRoute;

/** A job is asked for. */
export interface CreateRoute {
  readonly name: 'create';
  readonly what: 'report' | 'snapshot';
  readonly product: Product;
  readonly recordType: string;
}

/** A job is asked about; its product shows in the paths of snapshots only. */
export interface JobRoute {
  readonly name: 'status' | 'download';
  readonly what: 'report' | 'snapshot';
  readonly product: Product | null;
  readonly id: string;
}

type Build = (groups: Record<string, string>) => Route;

const PRODUCTS: Readonly<Record<string, Product>> = { sp: 'sp', hsa: 'sb', sd: 'sd' };
const productOf = (text: string | undefined): Product | null => (text ? (PRODUCTS[text] ?? null) : null);

/** `/sd/…` is documented, `/v2/sd/…` was served too, as were the older `/v1/…` downloads. */
const ROUTES: readonly (readonly [method: string, path: RegExp, build: Build])[] = [
  ['POST', /^\/auth\/o2\/token$/, () => ({ name: 'token' })],
  ['GET', /^\/v2\/profiles$/, () => ({ name: 'profiles' })],
  ['GET', /^\/v2\/profiles\/(?<id>[^/]+)$/, (g) => ({ name: 'profiles', profileId: g.id as string })],
  ['POST', /^\/v2\/(?<product>sp|hsa)\/(?<type>[^/]+)\/(?<what>report|snapshot)$/, create],
  ['POST', /^(?:\/v2)?\/(?<product>sd)\/(?<type>[^/]+)\/(?<what>report|snapshot)$/, create],
  ['POST', /^\/v2\/(?<type>asins)\/(?<what>report)$/, (g) => create({ ...g, product: 'sp' })],
  ['GET', /^\/v2\/(?<product>sp|hsa)\/(?<what>snapshot)s\/(?<id>[^/]+)(?<download>\/download)?$/, job],
  ['GET', /^(?:\/v2)?\/(?<product>sd)\/(?<what>snapshot)s\/(?<id>[^/]+)(?<download>\/download)?$/, job],
  ['GET', /^\/v2\/(?<what>report)s\/(?<id>[^/]+)(?<download>\/download)?$/, job],
  ['GET', /^\/v[12]\/(?<what>report|snapshot)s\/(?<id>[^/]+)(?<download>\/download)$/, job],
];

function create(groups: Record<string, string>): Route {
  const { product, type = '', what } = groups;
  return {
    name: 'create',
    what: what as 'report' | 'snapshot',
    product: productOf(product) as Product,
    recordType: type,
  };
}

function job(groups: Record<string, string>): Route {
  return {
    name: groups.download ? 'download' : 'status',
    what: groups.what as 'report' | 'snapshot',
    product: productOf(groups.product),
    id: decodeURIComponent(groups.id as string),
  };
}

/** The route of a request, or undefined where there is none. */
export function routeOf(method: string, path: string): Route | undefined {
  for (const [verb, pattern, build] of ROUTES) {
    const match = verb === method ? pattern.exec(path) : null;
    if (match) return build({ ...match.groups });
  }
  return undefined;
}
