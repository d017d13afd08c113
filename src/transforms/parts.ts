import { removeFile } from '../base/files.js';

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
