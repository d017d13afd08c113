import { Worker } from 'node:worker_threads';
import { MillpondError } from '../../base/errors.js';
import type { Answer, Call, Failure } from './protocol.js';

/** What somebody waits for. */
interface Waiting {
  resolve(answer: never): void;
  reject(error: unknown): void;
}

/** The thread that reads. It keeps no process alive but while it is waited for. */
export class ReadingThread {
  readonly #worker = new Worker(new URL('./thread.js', import.meta.url), { name: 'millpond reader', execArgv: [] });
  readonly #waiting: Waiting[] = [];
  #ended: unknown;

  constructor() {
    this.#worker.unref();
    this.#worker.on('message', (answer) => this.#take(answer));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(new MillpondError('E_BUG', 'The thread that reads has ended')));
  }

  /** Whether it is of no use any more. */
  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  tell(call: Call): void {
    this.#worker.postMessage(call);
  }

  /** @throws MillpondError `E_BUG` where the call fails; whatever the thread died of. */
  ask<Expected extends Answer>(call: Call): Promise<Expected> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise<Expected>((resolve, reject) => {
      this.#worker.ref();
      this.#waiting.push({ resolve, reject });
      this.tell(call);
    });
  }

  #take(answer: Answer | Failure): void {
    const waiting = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#worker.unref();
    if ('failure' in answer) waiting?.reject(new MillpondError('E_BUG', answer.failure));
    else waiting?.resolve(answer as never);
  }

  #end(error: unknown): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

let thread: ReadingThread | undefined;

/** The process's only one, started when it is first needed. */
export function readingThread(): ReadingThread {
  if (!thread || thread.hasEnded) thread = new ReadingThread();
  return thread;
}
