import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build.ts'],
    pool: 'forks',
    // Modules are loaded once a worker, for loading DuckDB and the rest costs more than many a test:
    // what a file changes for its whole process (clock, environment, registries), it puts back.
    isolate: false,
    // Tests wait for processes and clocks half of the time: three keep two cores busy.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
  },
});
