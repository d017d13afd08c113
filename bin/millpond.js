#!/usr/bin/env node
require('./threads.js');

import('../dist/cli/main.js').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('main.js')) throw error;
  console.error('error[E_BUG]: this Millpond is not built: dist/ is missing\nhint: Run `npm ci`, or `npm run build`.');
  process.exitCode = 1;
});
