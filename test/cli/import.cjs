/** The `import` of Node itself, past the test runner's. */
module.exports = (address) => import(address);
