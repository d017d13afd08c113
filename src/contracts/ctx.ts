/** Where a room writes what it does. Each entry is one event; values are JSON-safe. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** What one process may use. */
export interface Budget {
  readonly memoryBytes: number;
  readonly threads: number;
}

/** Goes into every call that waits or works. */
export interface Ctx {
  /** Aborted on SIGINT, SIGTERM, or when the caller gives up. */
  readonly signal: AbortSignal;
  /** The only clock. */
  now(): Date;
  readonly log: Log;
  readonly budget: Budget;
}
