import { defineConfig } from 'vitest/config';

const tests = (...folders: string[]) => folders.map((folder) => `test/${folder}/**/*.test.ts`);

/** Not part of `npm test`, for it is to take five minutes: `npm run test:long`. */
const LONG = tests('long');
/** These change nothing that their process has once: modules are loaded once a worker. */
const TOGETHER = tests('base', 'config', 'docs', 'queries', 'sinks', 'transforms');

export default defineConfig({
  test: {
    globalSetup: ['test/support/build.ts'],
    pool: 'forks',
    // Tests wait for processes and clocks half of the time: three keep two cores busy.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    projects: [
      { extends: true, test: { name: 'together', include: TOGETHER, isolate: false } },
      { extends: true, test: { name: 'apart', include: tests('*'), exclude: [...TOGETHER, ...LONG] } },
      { extends: true, test: { name: 'long', include: LONG } },
    ],
  },
});
