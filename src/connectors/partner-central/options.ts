import { MillpondError } from '../../base/errors.js';
import type { AskDraft, DatasetOptions, DatasetRequest, SliceKey, Slicing, Table } from '../../contracts/index.js';

/** All datasets are lists: what there is only the source can say. */
export const CURSOR: Slicing = { kind: 'cursor' };

/** The request for a dataset, which always comes whole. @throws MillpondError `E_CONFIG` where options ask for less. */
export function wholeRequest(tables: readonly Table[], options: DatasetOptions): DatasetRequest {
  const { name, columns } = tables[0]!;
  if (options.columns) {
    throw new MillpondError('E_CONFIG', `${name} always comes with all of its columns; take away \`columns\``, {
      hint: 'Choose columns in SQL.',
    });
  }
  const filter = Object.keys(options.filter ?? {})[0];
  if (filter !== undefined) {
    throw new MillpondError('E_CONFIG', `${name} has no filter '${filter}'`, { hint: `${name} takes no filters.` });
  }
  return { columns: [...new Set(columns.map(({ source }) => source))], params: {}, tables, slicing: CURSOR };
}

/** One ask for all that is wanted: a list is read once. */
export function oneAsk(request: DatasetRequest, slices: readonly SliceKey[]): AskDraft[] {
  return slices.length === 0 ? [] : [{ slices, columns: request.columns, params: request.params, constants: {} }];
}
