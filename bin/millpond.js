#!/usr/bin/env node
// CommonJS, because libuv reads the size of its thread pool at first use, and loading an ES
// module is one: queries would otherwise leave no thread for files.
process.env.UV_THREADPOOL_SIZE ??= '12';

import('../dist/cli/main.js').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('main.js')) throw error;
  console.error('error[E_BUG]: this Millpond is not built: dist/ is missing\nhint: Run `npm ci`, or `npm run build`.');
  process.exitCode = 1;
});
