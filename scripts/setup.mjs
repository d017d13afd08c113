// Everything a fresh clone needs: packages as the lockfile names them, then the build.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Millpond needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(2);
}

const stamp = 'node_modules/.millpond-lock';
const lock = readFileSync('package-lock.json', 'utf8');
const installed = existsSync(stamp) && readFileSync(stamp, 'utf8') === lock;
if (!installed) {
  npm(['ci', '--no-audit', '--no-fund']);
  writeFileSync(stamp, lock);
} else {
  npm(['run', '--silent', 'build']);
}

function npm(args) {
  const cli = process.env.npm_execpath;
  const [command, all] = cli ? [process.execPath, [cli, ...args]] : ['npm', args];
  const { status, error } = spawnSync(command, all, { stdio: ['ignore', 2, 2] });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
