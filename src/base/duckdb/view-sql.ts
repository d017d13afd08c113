import { identifier, literal } from './quote.js';

/** A view, or a table macro where it has parameters, with its query written out. */
export interface WrittenView {
  readonly schema: string;
  readonly name: string;
  /** Names of tables and views of the same schema that it reads. */
  readonly reads: readonly string[];
  readonly parameters?: readonly string[] | undefined;
  readonly query: string;
  readonly description: string;
}

/** The statements that make a view anew, whether it is there or not: it, and what it says of itself. */
export function viewStatements(view: WrittenView): [create: string, comment: string] {
  const name = identifier(view.schema, view.name);
  const comment = (kind: string) => `COMMENT ON ${kind} ${name} IS ${literal(view.description)}`;
  if (!view.parameters) return [`CREATE OR REPLACE VIEW ${name} AS ${view.query}`, comment('VIEW')];
  const parameters = view.parameters.map((parameter) => identifier(parameter)).join(', ');
  return [`CREATE OR REPLACE MACRO ${name}(${parameters}) AS TABLE ${view.query}`, comment('MACRO TABLE')];
}
