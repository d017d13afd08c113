/**
 * The limit: plain DuckDB on the same files, in one process, with the columns and types spelled
 * out. No validation, no rejects, no ledger, no artifact: what anything built on DuckDB pays anyway.
 */
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance, version } from '@duckdb/node-api';
import { contest, type Told } from './clocked.js';
import type { Job } from './job.js';

await contest(
  (job) => inDatabase(job, (connection) => prepare(connection, job)),
  (job) => inDatabase(job, (connection) => load(connection, job)),
);

async function load(connection: DuckDBConnection, job: Job): Promise<Told> {
  const rows = `SELECT * FROM ${reader(job)}`;
  const versions = { duckdb: version() };
  if (job.sink === 'parquet') {
    const glob = path.join(job.folder, 'out.parquet');
    await connection.run(`COPY (${rows}) TO '${glob}' (FORMAT parquet, COMPRESSION zstd)`);
    return { loaded: { glob }, versions };
  }
  if (job.load === 'first') {
    await connection.run(`CREATE TABLE t AS ${rows}`);
  } else {
    await connection.run('BEGIN');
    await connection.run(`DELETE FROM t WHERE date = '${job.slices[0]}'`);
    await connection.run(`INSERT INTO t ${rows}`);
    await connection.run('COMMIT');
  }
  return { loaded: { file: warehouse(job), table: 't' }, versions };
}

/** The slice, and as many older ones with the same rows. */
async function prepare(connection: DuckDBConnection, job: Job): Promise<void> {
  await connection.run(`CREATE TABLE t AS SELECT * FROM ${reader(job)}`);
  for (let age = 1; age < job.held; age++) {
    await connection.run(
      `INSERT INTO t SELECT * REPLACE (date - ${age} AS date) FROM t WHERE date = '${job.slices[0]}'`,
    );
  }
}

function reader({ files, columns, variant }: Job): string {
  const list = files.map((file) => `'${file}'`).join(', ');
  const typed = columns.map(([name, type]) => `"${name}": '${type}'`).join(', ');
  const errors = variant === 'ignore_errors' ? ', ignore_errors=true' : '';
  return `read_json([${list}], format='array', columns={${typed}}${errors})`;
}

function warehouse({ folder }: Job): string {
  return path.join(folder, 'limit.duckdb');
}

/** Closing writes the last of it, and counts. */
async function inDatabase<T>(job: Job, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const file = job.sink === 'parquet' ? ':memory:' : warehouse(job);
  const instance = await DuckDBInstance.create(file, { threads: String(job.threads) });
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
