/**
 * Whether two connections of one connector fill the same scopes, as far as the file tells: the
 * same account (the same credentials as written, or profiles that both name) seen through filters
 * that overlap. Which profiles two different accounts share only the source can tell: a run looks.
 */
export function overlaps(a: Connection, b: Connection, secrets: readonly string[]): boolean {
  const [one, other] = [filterOf(a).ids, filterOf(b).ids];
  const bothName = one !== undefined && other !== undefined && !shareNothing(one, other);
  const account = (connection: Connection) =>
    JSON.stringify([...secrets, ...ACCOUNT_KEYS].map((key) => String(connection[key])));
  return mayOverlap(a, b) && (bothName || account(a) === account(b));
}

/** The catalog that both connections load, where their connector has catalogs: it is their scope, whoever asks. */
export function sharedCatalog(a: Connection, b: Connection): string | undefined {
  return typeof a.catalog === 'string' && a.catalog === b.catalog ? a.catalog : undefined;
}

/** Keys that, with the secrets, say whose account it is. */
const ACCOUNT_KEYS = ['client_id', 'profile', 'role_arn', 'external_id', 'endpoint'];

/** Not apart: different regions, catalogs or filters that share nothing keep two connections apart. */
function mayOverlap(a: Connection, b: Connection): boolean {
  if (['region', 'catalog'].some((key) => a[key] !== undefined && b[key] !== undefined && a[key] !== b[key])) {
    return false;
  }
  const [one, other] = [filterOf(a), filterOf(b)];
  return !(
    shareNothing(one.ids, other.ids) ||
    shareNothing(one.countries, other.countries) ||
    shareNothing(one.types, other.types) ||
    excludesAll(one, other) ||
    excludesAll(other, one)
  );
}

type Connection = Readonly<Record<string, unknown>>;

/** The lists of a `profiles` filter as text; absent ones select everything. */
interface Filter {
  readonly ids: readonly string[] | undefined;
  readonly exclude: readonly string[] | undefined;
  readonly countries: readonly string[] | undefined;
  readonly types: readonly string[] | undefined;
}

function filterOf(connection: Connection): Filter {
  const profiles = (connection.profiles ?? {}) as Record<string, unknown>;
  const list = (key: string) => {
    const value = profiles[key];
    return Array.isArray(value) ? value.map(String) : undefined;
  };
  return { ids: list('ids'), exclude: list('exclude'), countries: list('countries'), types: list('types') };
}

function shareNothing(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a !== undefined && b !== undefined && !a.some((item) => b.includes(item));
}

function excludesAll(excluding: Filter, other: Filter): boolean {
  return other.ids?.every((id) => excluding.exclude?.includes(id)) ?? false;
}
