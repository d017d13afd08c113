import { spawnSync } from 'node:child_process';

/** Tests run the built command in processes of its own: what is built must be what is tested. */
export default function build(): void {
  const { status, stdout } = spawnSync(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`The build failed:\n${stdout}`);
}
