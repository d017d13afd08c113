import { formatBytes, formatDuration } from '../../base/units.js';
import { formatSliceKey } from '../../contracts/index.js';
import type { RunEvent } from '../../pipelines/events.js';
import { plural } from './summary.js';

/** Where a run stands, counted from its events. */
export class Progress {
  #pipeline = '';
  #slices = 0;
  #estimateMs = 0;
  /** Jobs that exist at the source: made, found again, taken up again. */
  #asked = 0;
  #landed = 0;
  #bytes = 0;
  #rows = 0;
  #rejects = 0;
  #failed = 0;
  /** Keys of slices that are settled, well or not; several sinks count once. */
  readonly #settled = new Set<string>();

  /** Counts one more event. */
  add(event: RunEvent): void {
    switch (event.type) {
      case 'run_started':
        this.#pipeline = event.pipeline;
        break;
      case 'planned':
        this.#slices += event.slices;
        this.#estimateMs += event.estimate_seconds * 1000;
        break;
      case 'requested':
      case 'adopted':
      case 'resumed':
        this.#asked += 1;
        break;
      case 'landed':
        this.#landed += 1;
        this.#bytes += event.bytes;
        break;
      case 'staged':
        this.#rows += event.rows;
        this.#rejects += event.rejects;
        break;
      case 'committed':
      case 'unchanged':
      case 'superseded':
        this.#settled.add(formatSliceKey(event));
        break;
      case 'failed':
        this.#failed += event.slices.length;
        for (const slice of event.slices) this.#settled.add(formatSliceKey({ ...event, slice }));
        break;
    }
  }

  /** One line: jobs requested, waiting, landed, slices, rows, rejects, time left; empty before the start. */
  line(elapsedMs: number): string {
    if (this.#pipeline === '') return '';
    const waiting = Math.max(0, this.#asked - this.#landed);
    const parts = [
      `${this.#asked} jobs`,
      waiting > 0 ? `${waiting} waiting` : '',
      `${this.#landed} landed (${formatBytes(this.#bytes)})`,
      `${this.#settled.size}/${this.#slices} slices`,
      `${this.#rows.toLocaleString('en-US')} rows`,
      this.#rejects > 0 ? `${this.#rejects.toLocaleString('en-US')} rejects` : '',
      this.#failed > 0 ? `${this.#failed} failed` : '',
      this.#timeLeft(elapsedMs),
    ];
    return `${this.#pipeline}: ${parts.filter(Boolean).join(' · ')}`;
  }

  /** From the pace so far; before anything is settled, from the plan's own estimate. */
  #timeLeft(elapsedMs: number): string {
    const done = this.#settled.size;
    if (done >= this.#slices) return '';
    const left = done === 0 ? this.#estimateMs - elapsedMs : (elapsedMs * (this.#slices - done)) / done;
    return left > 1000 ? `about ${formatDuration(left)} left` : '';
  }
}

/** What is worth a line of its own for people; undefined for the rest. */
export function eventLine(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'run_started':
      return `${event.pipeline}: run ${event.run_id}${event.resumed > 0 ? `, takes up ${plural(event.resumed, 'pending ask')}` : ''}`;
    case 'planned':
      return event.slices === 0
        ? `${event.pipeline}: nothing is missing or due`
        : `${event.pipeline}: ${plural(event.slices, 'slice')} in ${plural(event.jobs, 'job')}, about ${formatDuration(event.estimate_seconds * 1000)}`;
    case 'failed':
      return event.slices.length === 0
        ? `failed: ${event.message}`
        : `failed: ${event.dataset}:${event.scope} (${plural(event.slices.length, 'slice')}): ${event.message}`;
    case 'snapshot_made':
      return `made revision ${event.revision} of ${event.resource} in ${event.engagement} (${event.template})`;
    case 'pruned':
      return `pruned ${plural(event.files, 'file')} (${formatBytes(event.bytes)}) from the landing folder`;
    case 'lock_wait':
      return `waiting for ${event.what}, held by pid ${event.pid}`;
    case 'warning':
      return `warning[${event.code}]: ${event.message}`;
    default:
      return undefined;
  }
}
