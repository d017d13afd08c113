import {
  DuckDBArrayValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionValue,
  type DuckDBValue,
  DuckDBVariantValue,
} from '@duckdb/node-api';

/*
 * How a cell of a result is written. Nothing passes through a JavaScript number that does not
 * fit one. Instants are ISO 8601 in UTC whatever the machine's zone.
 */

/** A cell as text, for tables and CSV; null where it is NULL. Nested values are JSON. */
export function cellText(value: DuckDBValue, type: DuckDBType): string | null {
  if (value === null) return null;
  if (typeof value === 'number') return numberText(value);
  if (typeof value !== 'object') return String(value);
  if (isNested(value)) return cellJson(value, type);
  return instantText(value) ?? String(value);
}

/**
 * A cell as JSON text: integers beyond 2^53 and all decimals as strings, the others as numbers;
 * columns of type JSON as they stand, on one line.
 */
export function cellJson(value: DuckDBValue, type: DuckDBType): string {
  switch (typeof value) {
    case 'boolean':
      return String(value);
    case 'bigint':
      return integerJson(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : JSON.stringify(numberText(value));
    case 'string':
      return type.alias === 'JSON' ? value.replace(/[\r\n]+/g, ' ') : JSON.stringify(value);
  }
  if (value === null) return 'null';
  if (isNested(value)) return nestedJson(value, type);
  return JSON.stringify(instantText(value) ?? String(value));
}

/** DuckDB's own words for what is no number. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  return Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf';
}

function integerJson(value: bigint): string {
  const safe = value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
  return safe ? String(value) : `"${value}"`;
}

type Nested =
  | DuckDBStructValue
  | DuckDBListValue
  | DuckDBArrayValue
  | DuckDBMapValue
  | DuckDBUnionValue
  | DuckDBVariantValue;

function isNested(value: object): value is Nested {
  return (
    value instanceof DuckDBStructValue ||
    value instanceof DuckDBListValue ||
    value instanceof DuckDBArrayValue ||
    value instanceof DuckDBMapValue ||
    value instanceof DuckDBUnionValue ||
    value instanceof DuckDBVariantValue
  );
}

function nestedJson(value: Nested, type: DuckDBType): string {
  if (value instanceof DuckDBStructValue && type.typeId === DuckDBTypeId.STRUCT) {
    const members = type.entryNames.map(
      (name, i) => `${JSON.stringify(name)}:${cellJson(value.entries[name] ?? null, type.entryTypes[i]!)}`,
    );
    return `{${members.join(',')}}`;
  }
  if (value instanceof DuckDBListValue && type.typeId === DuckDBTypeId.LIST) {
    return `[${value.items.map((item) => cellJson(item, type.valueType)).join(',')}]`;
  }
  if (value instanceof DuckDBArrayValue && type.typeId === DuckDBTypeId.ARRAY) {
    return `[${value.items.map((item) => cellJson(item, type.valueType)).join(',')}]`;
  }
  if (value instanceof DuckDBMapValue && type.typeId === DuckDBTypeId.MAP) {
    const entries = value.entries.map(
      (entry) =>
        `${JSON.stringify(cellText(entry.key, type.keyType) ?? 'null')}:${cellJson(entry.value, type.valueType)}`,
    );
    return `{${entries.join(',')}}`;
  }
  if (value instanceof DuckDBUnionValue && type.typeId === DuckDBTypeId.UNION) {
    return cellJson(value.value, type.memberTypeForTag(value.tag));
  }
  if (value instanceof DuckDBVariantValue && value.type) return cellJson(value.value, value.type);
  return JSON.stringify(String(value));
}

/** `2026-11-01T07:00:00.5Z`, without `Z` where the type has no zone; undefined where it is no instant. */
function instantText(value: object): string | undefined {
  if (value instanceof DuckDBTimestampTZValue) return isoText(value, value.micros * 1000n, 'Z');
  if (value instanceof DuckDBTimestampValue) return isoText(value, value.micros * 1000n, '');
  if (value instanceof DuckDBTimestampMillisecondsValue) return isoText(value, value.millis * 1_000_000n, '');
  if (value instanceof DuckDBTimestampSecondsValue) return isoText(value, value.seconds * 1_000_000_000n, '');
  if (value instanceof DuckDBTimestampNanosecondsValue) return isoText(value, value.nanos, '');
  return undefined;
}

/** Beyond the years that JavaScript counts, and for infinity, DuckDB's own words. */
function isoText(value: { readonly isFinite: boolean; toString(): string }, nanos: bigint, zone: string): string {
  const SECOND = 1_000_000_000n;
  const fraction = ((nanos % SECOND) + SECOND) % SECOND;
  const seconds = (nanos - fraction) / SECOND;
  const date = new Date(Number(seconds) * 1000);
  if (!value.isFinite || Number.isNaN(date.getTime())) return value.toString();
  const digits = String(fraction).padStart(9, '0').replace(/0+$/, '');
  return `${date.toISOString().slice(0, -5)}${digits ? `.${digits}` : ''}${zone}`;
}

/** Whether a column reads better aligned to the right. */
export function isNumeric(type: DuckDBType): boolean {
  return NUMERIC.has(type.typeId);
}

const NUMERIC: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
]);
