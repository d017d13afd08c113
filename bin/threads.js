// How many of libuv's threads Millpond takes. libuv reads it at first use, and loading an ES module
// is one: so this is CommonJS, and comes first. With fewer, queries leave no thread for files.
process.env.UV_THREADPOOL_SIZE ??= '12';
