import { identifier, sqlType } from '../../base/duckdb/quote.js';
import type { ColumnType, Field, ListType, StructType } from '../../contracts/index.js';
import { JsonObject } from '../cells.js';
import { isNoValue, valueText } from '../empty.js';
import { Misfit } from '../reasons.js';
import type { CellRule, PresentCell, Shape, SourceSql, ValueText } from './rule.js';

type RuleOf = (type: ColumnType) => CellRule;

/**
 * An object whose members are all exact, or none of it is. Members that no field knows are told,
 * not lost in silence. A member may stand there twice only if no more than one has a value.
 */
export function structRule(type: StructType, ruleOf: RuleOf): CellRule<Record<string, unknown>> {
  const fields = type.struct.map((field) => ({ ...field, rule: ruleOf(field.type) }));
  const known = new Set(fields.map((field) => field.source));
  return {
    judge(cell, unknown) {
      if (!(cell instanceof JsonObject)) return new Misfit(cell, 'is no object');
      const given = new Map<string, PresentCell>();
      for (const [key, value] of cell.entries) {
        if (value === null) continue;
        if (given.has(key)) return new Misfit(cell, `has duplicate key ${key}`);
        given.set(key, value);
        if (!known.has(key)) unknown?.(`.${key}`, value);
      }
      const result: Record<string, unknown> = {};
      for (const { rule, ...field } of fields) {
        const { name, source } = field;
        const member = given.get(source);
        const isNothing = member === undefined || isNoValue(field, member);
        const value = isNothing ? null : rule.judge(member, (path, value) => unknown?.(`.${source}${path}`, value));
        if (value instanceof Misfit) return value.under(`.${source}`);
        result[name] = value;
      }
      return result;
    },
    text: (value) =>
      Object.fromEntries(
        fields.map(({ name, source, rule }): [string, ValueText] => [
          source,
          value[name] === null ? null : rule.text(value[name]),
        ]),
      ),
    shape: Object.fromEntries(fields.map(({ source, rule }): [string, Shape] => [source, rule.shape])),
    sqlType: sqlType(type),
    value: (text) =>
      `CASE WHEN ${text} IS NOT NULL THEN struct_pack(${fields
        .map(({ rule, ...field }) => `${identifier(field.name)} := ${rule.value(memberText(text, field))}`)
        .join(', ')}) END`,
    plain: (cell) => nestedPlain(type, cell, ruleOf),
    needsJson: true,
  };
}

/** An array whose elements are all exact, or none of it is. */
export function listRule(type: ListType, ruleOf: RuleOf): CellRule<readonly unknown[]> {
  const rule = ruleOf(type.list);
  return {
    judge(cell, unknown) {
      if (!Array.isArray(cell)) return new Misfit(cell, 'is no list');
      const result: unknown[] = [];
      for (const [index, element] of cell.entries()) {
        const value = element === null ? null : rule.judge(element, (path, value) => unknown?.(`[]${path}`, value));
        if (value instanceof Misfit) return value.under(`[${index}]`);
        result.push(value);
      }
      return result;
    },
    text: (value) => value.map((element) => (element === null ? null : rule.text(element))),
    shape: [rule.shape],
    sqlType: sqlType(type),
    value: (text) => {
      const element = elementName(text);
      return `list_transform(${text}, lambda ${element}: ${rule.value(element)})`;
    },
    plain: (cell) => nestedPlain(type, cell, ruleOf),
    needsJson: true,
  };
}

const member = (text: string, source: string) => `${text}.${identifier(source)}`;
const memberText = (text: string, field: Field) => valueText(field, member(text, field.source));
/** Lambda variables are named by their depth: `e1`, inside it `e2`. */
const elementName = (text: string) => `e${Number(/^(?:nullif\()?e(\d+)\b/.exec(text)?.[1] ?? 0) + 1}`;

/**
 * Plain where nothing but known members of the right kind is there: as many keys with a value in
 * the JSON text as in the transformed value (a text that looks like a key only adds to them, which
 * leads to a closer look), no struct that is empty, as it is where something else stood in its
 * place, and every leaf plain.
 */
function nestedPlain(type: ColumnType, { text, json, ...place }: SourceSql, ruleOf: RuleOf): string {
  const count = (what: string) => `len(string_split(${json}, '${what}'))`;
  const keys = `${count('":')} - ${count('":null')} = ${members(type, text)}`;
  return `${text} IS NOT NULL AND ${keys} AND ${leaves(type, text, place, ruleOf)}`;
}

const isPresent = (text: string, { source }: Field) => `${member(text, source)} IS NOT NULL`;

/** SQL that counts the members with a value, at all depths. */
function members(type: ColumnType, text: string): string {
  if (typeof type === 'string') return '0';
  if ('struct' in type) {
    const own = type.struct.map((field) => `(${isPresent(text, field)})::INT`);
    const inner = type.struct.map((field) => members(field.type, member(text, field.source)));
    const terms = [...own, ...inner].filter((term) => term !== '0');
    return `CASE WHEN ${text} IS NULL THEN 0 ELSE ${terms.join(' + ') || '0'} END`;
  }
  const element = elementName(text);
  const inner = members(type.list, element);
  return inner === '0' ? '0' : `coalesce(list_sum(list_transform(${text}, lambda ${element}: ${inner})), 0)`;
}

/** What is the same for all leaves of a cell. */
type Place = Pick<SourceSql, 'record' | 'object' | 'source'>;

function leaves(type: ColumnType, text: string, place: Place, ruleOf: RuleOf): string {
  if (typeof type === 'string') {
    const rule = ruleOf(type);
    if (rule.needsJson) return `${text} IS NULL`;
    return `(${text} IS NULL OR ${rule.plain({ ...place, text, value: rule.value(text), json: 'NULL' })})`;
  }
  if ('struct' in type) {
    const isFilled = type.struct.map((field) => isPresent(text, field)).join(' OR ') || 'false';
    const inner = type.struct.map((f) => leaves(f.type, memberText(text, f), place, ruleOf));
    return `(${text} IS NULL OR (${[`(${isFilled})`, ...inner].join(' AND ')}))`;
  }
  const element = elementName(text);
  const inner = leaves(type.list, element, place, ruleOf);
  // A scalar where a list should be becomes NULL: such an element must be looked at.
  const present = typeof type.list !== 'string' && 'list' in type.list ? `${element} IS NOT NULL AND ` : '';
  return `coalesce(list_bool_and(list_transform(${text}, lambda ${element}: coalesce(${present}${inner}, false))), true)`;
}
