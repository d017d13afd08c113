import { identifier, literal } from '../base/duckdb/quote.js';
import type { Shape } from './cell-rules/index.js';

/** `JSON`: the member's compact JSON text, whatever it is. */
type LayerShape = Shape | 'JSON';

/**
 * Which members of a record are taken out of it, and in what form. `json_transform` makes structs,
 * whose fields DuckDB tells apart without regard to case: members that clash, or are wanted in two
 * forms, go into another layer.
 */
export class Layers {
  readonly #layers: Map<string, { readonly source: string; readonly shape: LayerShape }>[] = [];

  /** @param strictly the members that every record has, and no others: a query over any other record fails. */
  constructor(readonly strictly?: readonly string[]) {}

  /** How many times a record has to be parsed. */
  get count(): number {
    return this.#layers.length;
  }

  /** SQL of a member in a form, in queries over {@link select}. */
  member(source: string, shape: LayerShape): string {
    if (this.strictly && !this.strictly.includes(source)) return 'NULL::VARCHAR';
    const fold = source.toLowerCase();
    let index = this.#layers.findIndex((layer) => {
      const there = layer.get(fold);
      return there === undefined || (there.source === source && JSON.stringify(there.shape) === JSON.stringify(shape));
    });
    if (index < 0) index = this.#layers.push(new Map()) - 1;
    this.#layers[index]!.set(fold, { source, shape });
    return `v${index}.${identifier(source)}`;
  }

  /** SQL of the layers of a record's text, each a column `v0`, `v1` …. */
  select(record: string): string[] {
    return this.#layers.map((layer, index) => {
      const structure = Object.fromEntries([...layer.values()].map(({ source, shape }) => [source, shape]));
      const transform = this.strictly ? 'json_transform_strict' : 'json_transform';
      return `${transform}(${record}, ${literal(JSON.stringify(structure))}) AS v${index}`;
    });
  }
}
