/** The programs that people use for the same work, how each is set up here, and which are not here. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { Command } from '../measure/run-contestant.js';

export interface Peer {
  readonly id: string;
  /** Environment, and the file of `requirements/` that fills it. */
  readonly environment: string;
  readonly script: string;
  /** How it is set up, beside its numbers. */
  readonly how: string;
}

export const PEERS: readonly Peer[] = [
  {
    id: 'dlt-reader',
    environment: 'dlt',
    script: 'dlt_reader.py',
    how: 'resource of Arrow batches from DuckDB’s typed `read_json`, Parquet load files; a reload merges by the day',
  },
  {
    id: 'dlt',
    environment: 'dlt',
    script: 'dlt_usual.py',
    how: 'resource of dictionaries streamed by ijson, column hints, Parquet load files',
  },
  {
    id: 'singer',
    environment: 'singer',
    script: 'singer.py',
    how: 'a tap on orjson piped into target-duckdb, batches of 100,000, no key',
  },
  {
    id: 'airbyte',
    environment: 'airbyte',
    script: 'airbyte_cache.py',
    how: 'declarative source over loopback HTTP, DuckDB cache, `replace`',
  },
  {
    id: 'pandas',
    environment: 'frames',
    script: 'pandas_frame.py',
    how: '`read_json` with Arrow types, cast and stored by DuckDB',
  },
  {
    id: 'polars',
    environment: 'frames',
    script: 'polars_frame.py',
    how: '`read_json` with a schema, stored by DuckDB',
  },
];

/** Peers that one would look for here, and why they are not. */
export const ABSENT: readonly { readonly name: string; readonly why: string }[] = [
  {
    name: 'sling',
    why: 'its packages of today fetch their program from elsewhere when they first run, so no version can be pinned by a package index alone',
  },
  { name: 'ingestr', why: 'the same: since 1.0 its package fetches a program when it first runs' },
  { name: 'a Singer target for Parquet', why: 'target-parquet 0.0.1 no longer builds' },
];

/** A peer that cannot be installed here; the message says why, without names of hosts. */
export class NotInstalled extends Error {}

/** How to start a peer; its environment is made where it is missing. @throws NotInstalled */
export function peerCommand(id: string): Command {
  const peer = PEERS.find((one) => one.id === id)!;
  const folder = path.join(import.meta.dirname, '..', '.venv', peer.environment);
  install(peer, folder);
  return {
    program: path.join(folder, 'bin', 'python'),
    args: [path.join(import.meta.dirname, peer.script)],
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  };
}

function install({ environment }: Peer, folder: string): void {
  const requirements = path.join(import.meta.dirname, 'requirements', `${environment}.txt`);
  const stamp = path.join(folder, 'installed.txt');
  const wanted = fs.readFileSync(requirements, 'utf8');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return;
  console.error(`Installing the ${environment} environment …`);
  call('python3', ['-m', 'venv', '--clear', folder]);
  call(path.join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
  fs.writeFileSync(stamp, wanted);
}

function call(program: string, args: readonly string[]): void {
  const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error) throw new NotInstalled(`${path.basename(program)} cannot be started`);
  if (status === 0) return;
  const line = stderr.split('\n').find((text) => text.startsWith('ERROR')) ?? `it ended with ${status}`;
  throw new NotInstalled(line.replaceAll(/https?:\/\/\S+|\/[\w./-]+\//g, '…').slice(0, 160));
}
