import { text } from 'node:stream/consumers';
import type { Output } from './output.js';

/** A query from stdin, whole. */
export function readStdin(): Promise<string> {
  return text(process.stdin);
}

/** Says by whom a file is held, while a command waits for it. */
export function waitNote(file: string, output: Output): (pid: string) => void {
  return (pid) => output.note(`${file} is held by pid ${pid}; waiting for it`);
}
