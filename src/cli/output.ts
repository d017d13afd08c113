import { redact } from '../base/secrets.js';

/**
 * stdout is for data, stderr for people. A reader that goes away (`| head`) is no error: what is
 * written after that goes nowhere.
 */
export class Output {
  readonly json: boolean;
  readonly #quiet: boolean;
  #gone = false;

  constructor(flags: { readonly json: boolean; readonly quiet: boolean }) {
    this.json = flags.json;
    this.#quiet = flags.quiet;
    for (const stream of [process.stdout, process.stderr]) {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE') throw error;
        if (stream === process.stdout) this.#gone = true;
      });
    }
  }

  /** Whether nobody reads stdout any more. */
  get readerGone(): boolean {
    return this.#gone;
  }

  /** Rows of the user's own, exactly as they are. Waits while the reader is slow. */
  async data(text: string): Promise<void> {
    if (this.#gone || text === '') return;
    if (process.stdout.write(text)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        process.stdout.off('drain', done).off('close', done).off('error', done);
        resolve();
      };
      process.stdout.on('drain', done).on('close', done).on('error', done);
    });
  }

  /** A line that answers the command: on stdout, secrets blotted out. */
  print(line: string): void {
    if (!this.#gone) process.stdout.write(`${redact(line)}\n`);
  }

  /** A JSON value on a line of its own, on stdout. */
  printJson(value: unknown): void {
    this.print(JSON.stringify(value));
  }

  /** A line for people beside the answer: on stderr, unless they asked for quiet. */
  note(line: string): void {
    if (!this.#quiet) this.warn(line);
  }

  /** A line on stderr that `--quiet` does not silence. */
  warn(line: string): void {
    process.stderr.write(`${redact(line)}\n`);
  }

  /** Resolves once everything has left the process. */
  async flush(): Promise<void> {
    for (const stream of [process.stdout, process.stderr]) {
      if (stream.destroyed || stream.writableEnded) continue;
      await new Promise<void>((resolve) => stream.write('', () => resolve()));
    }
  }
}
