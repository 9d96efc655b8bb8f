/**
 * Loaded before the tests of a process. Node's test runner follows every promise and timer (async_hooks with a destroy hook), only to say which
 * test an error belongs to that nobody catches: a tenth of the CPU time of all tests. Without that, such an error fails its file and not its test.
 */
const hooks = require('node:async_hooks')

const { createHook } = hooks
const unused = { enable: () => unused, disable: () => unused }
hooks.createHook = callbacks =>
  new Error().stack.includes('internal/test_runner') ? unused : createHook(callbacks)
