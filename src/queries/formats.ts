import { stringify } from 'csv-stringify/sync';
import { cellJson, cellText } from './cells.js';
import type { QueryResult, ResultColumn } from './session.js';

/** Forms in which a result leaves as a stream of text. */
export const TEXT_FORMATS = ['csv', 'json', 'ndjson'] as const;

export type TextFormat = (typeof TEXT_FORMATS)[number];

/** A piece of text, and how many rows stand in it. */
export interface TextPiece {
  readonly text: string;
  readonly rows: number;
}

/**
 * A result as text, piece by piece. CSV has a header, NULL is an empty cell and an empty text is
 * `""`; JSON is one array of objects, NDJSON an object a line.
 */
export async function* renderText(result: QueryResult, format: TextFormat): AsyncGenerator<TextPiece> {
  const names = uniqueNames(result.columns);
  if (format === 'csv') yield { text: stringify([names]), rows: 0 };
  if (format === 'json') yield { text: '[', rows: 0 };
  let first = true;
  for await (const batch of result.batches) {
    if (batch.length === 0) continue;
    if (format === 'csv') {
      const lines = batch.map((row) => row.map((value, i) => cellText(value, result.columns[i]!.type)));
      yield { text: stringify(lines, { cast: { string: quoteEmpty } }), rows: batch.length };
      continue;
    }
    const keys = names.map((name) => JSON.stringify(name));
    const objects = batch.map(
      (row) => `{${row.map((value, i) => `${keys[i]}:${cellJson(value, result.columns[i]!.type)}`).join(',')}}`,
    );
    if (format === 'ndjson') yield { text: `${objects.join('\n')}\n`, rows: batch.length };
    else yield { text: `${first ? '\n' : ',\n'}${objects.join(',\n')}`, rows: batch.length };
    first = false;
  }
  if (format === 'json') yield { text: first ? ']\n' : '\n]\n', rows: 0 };
}

/** Tells an empty text from NULL. */
function quoteEmpty(text: string): string | { value: string; quoted: true; quoted_empty: true } {
  return text === '' ? { value: text, quoted: true, quoted_empty: true } : text;
}

/** A query may name two columns alike; an object may not: `a`, `a_1`. */
function uniqueNames(columns: readonly ResultColumn[]): string[] {
  const taken = new Set<string>();
  return columns.map(({ name }) => {
    let unique = name;
    for (let n = 1; taken.has(unique); n++) unique = `${name}_${n}`;
    taken.add(unique);
    return unique;
  });
}
