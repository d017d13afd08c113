/**
 * Whether two connections of one connector may see the same scope, as far as the file tells. Apart
 * are different regions or catalogs, and filters (`profiles`) that share nothing; what credentials
 * can see is not known here, so the doubt counts as "may".
 */
export function mayOverlap(a: Connection, b: Connection): boolean {
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
