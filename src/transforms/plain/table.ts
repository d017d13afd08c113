import { Misfit } from '../reasons.js';
import { constantOf, type TableWork } from '../table-work.js';
import type { TypedColumn } from '../typed-columns.js';
import type { PlainMember } from './protocol.js';
import { type PlainType, plainType } from './types.js';

/** A column of a part that is filled from a member, by its place among them. */
export interface MemberColumn {
  readonly name: string;
  readonly type: PlainType;
  readonly member: number;
}

/** A column of a part that is the same in all records of a text, or empty in them. */
export interface SameColumn {
  readonly name: string;
  readonly type: PlainType;
  /** As a page of the one value; null where there is none. */
  readonly page: Uint8Array | null;
}

export type PlainColumn = MemberColumn | SameColumn;

export function isMember(column: PlainColumn): column is MemberColumn {
  return 'member' in column;
}

/** What plain records look like, and what is made of them. */
export interface PlainTable {
  /** In the order of the first record. */
  readonly members: readonly PlainMember[];
  /** The table's columns, then those that the catalogue does not know. */
  readonly columns: readonly PlainColumn[];
  readonly unknown: readonly TypedColumn[];
}

/**
 * What plain records of a work look like; undefined where they cannot be told by their spelling:
 * nested or placed by their content, or with a type whose spellings are many.
 */
export function plainTable(work: TableWork): PlainTable | undefined {
  const { usualKeys, isUniform, placement, table } = work;
  if (!usualKeys || !isUniform || placement.isNamed || table.within) return undefined;
  const unknown = work.drift.columns;
  const typed = [...work.columns, ...unknown];
  const fed = typed.filter(({ column }) => column.role !== 'constant');
  const members: PlainMember[] = [];
  const memberOf = new Map<TypedColumn, number>();
  for (const source of usualKeys) {
    const own = fed.filter(({ sources }) => sources.includes(source));
    const member = own.length === 1 && !memberOf.has(own[0]!) ? memberFor(source, own[0]!) : undefined;
    if (!member) return undefined;
    memberOf.set(own[0]!, members.push(member) - 1);
  }
  const columns = typed.map((column) => plainColumn(column, memberOf.get(column), work));
  return columns.every((column) => column !== undefined) ? { members, columns, unknown } : undefined;
}

function memberFor(source: string, { column }: TypedColumn): PlainMember | undefined {
  const reads = plainType(column.type)?.reads;
  const isSimple = /^[\w ./-]+$/.test(source);
  return reads && isSimple ? { source, isNeeded: !column.nullable, reads } : undefined;
}

function plainColumn(typed: TypedColumn, member: number | undefined, work: TableWork): PlainColumn | undefined {
  const { name, role, nullable } = typed.column;
  const type = plainType(typed.column.type);
  if (!type) return undefined;
  if (role === 'constant') {
    const value = type.pageOf && typed.rule.judge(constantOf(work, name));
    return type.pageOf && !(value instanceof Misfit) ? { name, type, page: type.pageOf(value) } : undefined;
  }
  if (member !== undefined) return { name, member, type };
  return nullable ? { name, type, page: null } : undefined;
}
