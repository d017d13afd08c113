import { DuckDBInstance } from '@duckdb/node-api';
import type { JobResult, Loaded } from '../contestants/job.js';
import { CHECKS, TYPES } from '../inputs/checks.js';
import type { Expected } from '../inputs/records.js';
import { type Kind, plainColumns } from '../inputs/tables.js';

/** Whether what was loaded is what the files say. */
export interface Verdict {
  readonly exact: boolean;
  /** Of each check that fails: what is there, and what should be. */
  readonly differences: readonly string[];
  /** Columns whose type is another than one would want: `cost is DOUBLE`. */
  readonly remarks: readonly string[];
}

/** Opens what a contestant left, as any other program would, and recounts it. */
export async function validate(
  { loaded, rejects }: Pick<JobResult, 'loaded' | 'rejects'>,
  kind: Kind,
  expected: Expected,
  expectedRejects: number,
): Promise<Verdict> {
  const instance = await DuckDBInstance.create(...openedAs(loaded));
  const connection = await instance.connect();
  const rowsOf = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
  try {
    const from = 'file' in loaded ? loaded.table : `read_parquet('${loaded.glob}', hive_partitioning=false)`;
    const described = await rowsOf(`DESCRIBE SELECT * FROM ${from}`);
    const columns = new Map(described.map((row) => [plain(String(row.column_name)), row]));
    const wanted = new Map(plainColumns(kind));
    const of = (source: string) => {
      const { column_name: name = source, column_type: type } = columns.get(plain(source)) ?? {};
      // Some keep nested values as JSON: the same values, to be read as what they are.
      return type === 'JSON' ? `"${name}"::${wanted.get(source)}` : `"${name}"`;
    };
    const differences: string[] = [];
    for (const { name, sql } of CHECKS[kind]) {
      const found = await rowsOf(`SELECT (${sql(of)})::VARCHAR AS found FROM ${from}`).then(
        ([row]) => String(row!.found),
        (error: Error) => `no answer (${error.message.split('\n')[0]})`,
      );
      if (found !== expected[name]) differences.push(`${name}: ${found} instead of ${expected[name]}`);
    }
    if (rejects !== undefined && rejects !== expectedRejects) {
      differences.push(`rejects: ${rejects} instead of ${expectedRejects}`);
    }
    const remarks = Object.entries(TYPES[kind])
      .map(([source, wanted]) => ({ source, wanted, type: String(columns.get(plain(source))?.column_type) }))
      .filter(({ wanted, type }) => !wanted.test(type))
      .map(({ source, type }) => `${source} is ${type.length > 30 ? `${type.slice(0, 30)}…` : type}`);
    return { exact: differences.length === 0, differences, remarks };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function openedAs(loaded: Loaded): [file: string, options: Record<string, string>] {
  return 'file' in loaded ? [loaded.file, { access_mode: 'READ_ONLY' }] : [':memory:', {}];
}

/** `keywordId`, `keyword_id` and `keywordid` are one name: every program spells columns its way. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll('_', '');
}
