import { hashOf, mix } from './random.js';
import type { Member } from './snapshot-records.js';

/** What a fault does to the records of a file. */
export interface Damage {
  /** An extra key in every record. */
  readonly unknownColumn: boolean;
  /** One record, in the middle of the first hundred, is no JSON. */
  readonly malformed: boolean;
  /** Share of records in which one cell is not of its type, 0 to 1. */
  readonly badShare: number;
}

/** A number in a member: what can be spoiled so that every exact reader must refuse it. */
const INTEGER = /^\d+$/;
const DECIMAL = /^\d+\.\d+$/;

/** Spoils the records of one file in order; the same file is always spoilt alike. */
export class Spoiler {
  readonly #damage: Damage;
  readonly #seed: number;
  #row = 0;
  /** Rows spoilt so far, from 1: how many, and the first thousand. */
  count = 0;
  readonly rows: number[] = [];

  constructor(damage: Damage, name: string) {
    this.#damage = damage;
    this.#seed = hashOf(7, name);
  }

  /** The next record's members, some of them spoilt. `last` tells the file's last record. */
  next(members: readonly Member[], last: boolean): readonly Member[] {
    this.#row++;
    const { unknownColumn, malformed, badShare } = this.#damage;
    let result = members;
    if (malformed && (this.#row === 50 || (last && this.#row < 50))) {
      result = members.map((member, i) => (i === members.length - 1 ? [member[0], 'nope'] : member));
      this.#note();
    } else if (mix(this.#seed ^ this.#row) < badShare * 0x1_0000_0000) {
      const spoilt = spoil(members, mix(this.#seed + this.#row));
      if (spoilt) {
        result = spoilt;
        this.#note();
      }
    }
    return unknownColumn ? [...result, ...EXTRA] : result;
  }

  #note(): void {
    this.count++;
    if (this.rows.length < 1000) this.rows.push(this.#row);
  }
}

/** Keys that no catalogue knows: a plain one, a nested one. */
const EXTRA: readonly Member[] = [
  ['brandNewMetric14d', '12.5'],
  ['futureFeature', '{"kind":"beta","levels":[1,2]}'],
];

function spoil(members: readonly Member[], chance: number): Member[] | undefined {
  const candidates = members.flatMap(([key, json], i) =>
    json !== undefined &&
    (INTEGER.test(json) || (DECIMAL.test(json) && /cost|[Bb]id|[Bb]udget|Sales/.test(key)) || /Date$/.test(key))
      ? [i]
      : [],
  );
  const at = candidates[chance % candidates.length];
  if (at === undefined) return undefined;
  const [key, json = ''] = members[at] as Member;
  return members.map((member, i) => (i === at ? [key, badCell(key, json, chance >>> 8)] : member));
}

function badCell(key: string, json: string, chance: number): string {
  if (json.startsWith('"')) return ['"20261345"', '"2026-11-01 garbage"', '"soon"'][chance % 3] as string;
  if (DECIMAL.test(json)) return [`${json}0000123`, '"12,50"', '[1.5]'][chance % 3] as string;
  const money = /cost|[Bb]id|[Bb]udget|Sales/.test(key);
  return [money ? `${json}.12345678` : `${json}.5`, 'true', `"${json}x"`][chance % 3] as string;
}
