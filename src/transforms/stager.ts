import { mkdirSync } from 'node:fs';
import type { Budget, Ctx, StageRequest, Stager, StageWriter } from '../contracts/index.js';
import { Pool } from './pool.js';
import { ChunkedWriter } from './stage-writer.js';

export interface StagerOptions {
  /** Where chunks and parts stand until they are discarded; made if it is not there. */
  readonly folder: string;
  readonly budget: Budget;
  /** Size of a piece of text that one worker takes, in bytes; by default from the budget. */
  readonly chunkBytes?: number;
}

/** Text that a worker types in about half a second, if there is memory for it. */
const CHUNK_BYTES = 32 << 20;

/** Makes the stager of a process. */
export function createStager(options: StagerOptions): Stager {
  const chunkBytes = options.chunkBytes ?? Math.min(CHUNK_BYTES, Math.floor(options.budget.memoryBytes / 16));
  const pool = new Pool(options.folder, options.budget, 2 * chunkBytes);
  const env = { pool, folder: options.folder, chunkBytes, usual: new Map() };
  mkdirSync(options.folder, { recursive: true });
  return {
    open(request: StageRequest, ctx: Ctx): StageWriter {
      return new ChunkedWriter(request, env, ctx);
    },
    close: () => pool.close(),
  };
}
