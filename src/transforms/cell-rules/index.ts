import type { ColumnType } from '../../contracts/index.js';
import { bigintRule } from './bigint.js';
import { booleanRule } from './boolean.js';
import { dateRule } from './date.js';
import { decimalRule } from './decimal.js';
import { doubleRule } from './double.js';
import { jsonRule } from './json.js';
import { listRule, structRule } from './nested.js';
import type { CellRule } from './rule.js';
import { timestamptzRule } from './timestamptz.js';
import { varcharRule } from './varchar.js';

export type { CellRule, PresentCell, Shape, SourceSql, UnknownMembers, ValueText } from './rule.js';

const SCALARS: Readonly<Record<string, CellRule>> = {
  bigint: bigintRule as CellRule,
  double: doubleRule as CellRule,
  boolean: booleanRule as CellRule,
  varchar: varcharRule as CellRule,
  date: dateRule as CellRule,
  timestamptz: timestamptzRule as CellRule,
  json: jsonRule as CellRule,
};

/** How cells of a type are judged. @throws RangeError for a type that there is not. */
export function ruleOf(type: ColumnType): CellRule {
  if (typeof type !== 'string') {
    return ('struct' in type ? structRule(type, ruleOf) : listRule(type, ruleOf)) as CellRule;
  }
  if (Object.hasOwn(SCALARS, type)) return SCALARS[type]!;
  const [precision, scale] = decimalParts(type) ?? [];
  if (precision === undefined || scale === undefined) throw new RangeError(`There is no type ${type}`);
  return decimalRule(precision, scale) as CellRule;
}

/** Precision and scale of `decimal(18,6)`; undefined where it is no decimal that DuckDB can hold. */
export function decimalParts(type: string): [precision: number, scale: number] | undefined {
  const match = /^decimal\((\d+),\s*(\d+)\)$/.exec(type);
  if (!match) return undefined;
  const [precision, scale] = [Number(match[1]), Number(match[2])];
  return precision >= 1 && precision <= 38 && scale <= precision ? [precision, scale] : undefined;
}

/** Whether a user may name it as a type. */
export function isScalarType(type: string): boolean {
  return Object.hasOwn(SCALARS, type) || decimalParts(type) !== undefined;
}
