import fs from 'node:fs';
import os from 'node:os';
import { version } from '@duckdb/node-api';

/** What the numbers were taken on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly duckdb: string;
}

export function thisMachine(): Machine {
  return {
    cpu: cpuModel(),
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.arch()}`,
    node: process.versions.node,
    duckdb: version().replace(/^v/, ''),
  };
}

/** Some machines do not tell Node their model. */
function cpuModel(): string {
  const told = os.cpus()[0]?.model.trim();
  if (told && told !== 'unknown') return told;
  const info = fs.existsSync('/proc/cpuinfo') ? fs.readFileSync('/proc/cpuinfo', 'utf8') : '';
  const field = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(info)?.[1];
  const vendor = field('vendor_id');
  return vendor ? `${vendor} family ${field('cpu family')} model ${field('model')}` : 'unknown CPU';
}
