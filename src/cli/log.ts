import { createRequire } from 'node:module';
import type { Logger } from 'pino';
import { redact, redactDeep } from '../base/secrets.js';
import type { Log } from '../contracts/index.js';

/** Where lines go: stderr, or whatever a test gives. */
export interface LogStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

export interface LogOptions {
  /** One JSON object a line (`level`, `time`, the fields, `message`) rather than words for people. */
  readonly json: boolean;
  /** Also what is said with `debug`. */
  readonly verbose: boolean;
  readonly stream?: LogStream;
}

type Level = keyof Log;

/**
 * The log of a command: one line an entry, every registered secret blotted out. A line is with the
 * stream when the call returns, so that nothing is lost at exit. pino is loaded with the first
 * entry: most commands never say anything, and its loading would cost them their start-up time.
 */
export function createLog({ json, verbose, stream = process.stderr }: LogOptions): Log {
  let logger: Logger | undefined;
  const write = (level: Level, message: string, fields: Record<string, unknown> = {}): void => {
    logger ??= json ? jsonLogger(stream) : plainLogger(stream);
    logger[level](redactDeep(fields), json ? redact(message) : onOneLine(redact(message)));
  };
  return {
    debug: (message, fields) => {
      if (verbose) write('debug', message, fields);
    },
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  };
}

const load = createRequire(import.meta.url);

function jsonLogger(stream: LogStream): Logger {
  const pino = load('pino') as typeof import('pino').pino;
  return pino(
    {
      level: 'debug',
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line) => void stream.write(line) },
  );
}

/** `WARN: message {"field":1}`; in colours on a terminal, elsewhere (a log file) with the time in front. */
function plainLogger(stream: LogStream): Logger {
  const pino = load('pino') as typeof import('pino').pino;
  const { prettyFactory } = load('pino-pretty') as typeof import('pino-pretty');
  const terminal = stream.isTTY === true;
  const print = prettyFactory({
    colorize: terminal && !process.env.NO_COLOR,
    singleLine: true,
    translateTime: 'UTC:yyyy-mm-dd"T"HH:MM:ss"Z"',
    ignore: terminal ? 'time' : '',
  });
  return pino({ level: 'debug', base: null }, { write: (line) => void stream.write(print(line) ?? '') });
}

/** Text of others can hold line breaks, and characters that would steer a terminal. */
function onOneLine(message: string): string {
  return message.replace(/\s*\p{Cc}+\s*/gu, ' ').trim();
}
