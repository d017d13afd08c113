import { Worker } from 'node:worker_threads';
import { MillpondError } from '../../base/errors.js';
import type { Answer, Call, Failure } from './protocol.js';

/** What somebody waits for. */
interface Waiting {
  resolve(answer: never): void;
  reject(error: unknown): void;
}

/** What a thread is for. */
type Work = 'inflating' | 'reading';

/** A thread that inflates or reads. It keeps no process alive but while it is waited for. */
export class WorkerThread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #ended: unknown;

  constructor(work: Work) {
    this.#worker = new Worker(new URL('./thread.js', import.meta.url), { name: `millpond ${work}`, execArgv: [] });
    this.#worker.unref();
    this.#worker.on('message', (answer) => this.#take(answer));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(new MillpondError('E_BUG', 'A thread that inflates or reads has ended')));
  }

  /** Whether it is of no use any more. */
  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** @param given memory that is the thread's from then on. */
  tell(call: Call, given: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(call, given);
  }

  /**
   * @param given memory that is the thread's from then on.
   * @throws MillpondError `E_BUG` where the call fails; whatever the thread died of.
   */
  ask<Expected extends Answer>(call: Call, given: readonly ArrayBuffer[] = []): Promise<Expected> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise<Expected>((resolve, reject) => {
      this.#worker.ref();
      this.#waiting.push({ resolve, reject });
      this.tell(call, given);
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

const threads = new Map<Work, WorkerThread>();

/** The process's only one for this, started when it is first needed. */
export function threadFor(work: Work): WorkerThread {
  let thread = threads.get(work);
  if (!thread || thread.hasEnded) {
    thread = new WorkerThread(work);
    threads.set(work, thread);
  }
  return thread;
}
