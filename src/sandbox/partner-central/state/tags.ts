/** A tag as the service writes it. */
export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** Tags of jobs and opportunities, by ARN. */
export class Tags {
  readonly #byArn = new Map<string, Map<string, string>>();

  /** In the order they were set. */
  of(arn: string): Tag[] {
    return [...(this.#byArn.get(arn) ?? [])].map(([Key, Value]) => ({ Key, Value }));
  }

  set(arn: string, tags: readonly Tag[]): void {
    const known = this.#byArn.get(arn) ?? new Map<string, string>();
    for (const { Key, Value } of tags) known.set(Key, Value);
    this.#byArn.set(arn, known);
  }

  remove(arn: string, keys: readonly string[]): void {
    for (const key of keys) this.#byArn.get(arn)?.delete(key);
  }
}
