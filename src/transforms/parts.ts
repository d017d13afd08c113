import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { removeFile } from '../base/files.js';

/** A path in a staging folder that nobody else uses. */
export function newPath(folder: string, ending: string): string {
  return path.join(folder, `${randomBytes(8).toString('hex')}.${ending}`);
}

/** A Parquet file that stages of several artifacts may share: the last claim deletes it. */
export class Part {
  #claims = 1;

  constructor(readonly uri: string) {}

  /** One more owner, who must {@link release} it as well. */
  claim(): this {
    this.#claims += 1;
    return this;
  }

  async release(): Promise<void> {
    this.#claims -= 1;
    if (this.#claims === 0) await removeFile(this.uri);
  }
}
