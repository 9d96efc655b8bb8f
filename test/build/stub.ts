/** The oldest Node that runs the bundle; the same as `engines` in package.json, which a test holds it to. */
export const oldestNode = [22, 19] as const

export interface Stub {
  readonly program: string
  /** The plugin as a command or for the completion of one, or the guard. */
  readonly start: 'command' | 'complete' | 'guard'
}

/**
 * What the shell starts: parseable by any Node that is still in use (CommonJS, ES5 but for `import()`), because an
 * older one must be able to say that it is too old. Where `npm ci` brought a newer Node along (`npm link` in a
 * clone), that one runs the program. `build` names the build whose compiled code the plugin may use again.
 */
export const stubText = ({ program, start }: Stub, build: string): string => `#!/usr/bin/env node
'use strict'
var have = process.versions.node.split('.').map(Number)
if (have[0] < ${oldestNode[0]} || (have[0] === ${oldestNode[0]} && have[1] < ${oldestNode[1]})) {
  runNewer()
} else {
  ${start === 'guard' ? startGuard : startPlugin(start, build)}
}

function runNewer() {
  var fs = require('fs'), path = require('path'), newer
  try {
    newer = fs.realpathSync(path.join(path.dirname(fs.realpathSync(__filename)), '../node_modules/.bin/node'))
  } catch (error) {
    return tooOld()
  }
  if (newer === fs.realpathSync(process.execPath)) return tooOld()
  var child = require('child_process').spawn(newer, [__filename].concat(process.argv.slice(2)), { stdio: 'inherit' })
  // Ctrl-C reaches the child too, which decides what it means.
  process.on('SIGINT', function () {})
  process.on('SIGTERM', function () { child.kill('SIGTERM') })
  child.on('error', tooOld)
  child.on('exit', function (code, signal) { process.exit(code === null ? (signal === 'SIGINT' ? 130 : 1) : code) })
}

function tooOld() {
  console.error('error: ${program} needs Node ${oldestNode.join('.')} or newer, and ' + process.execPath + ' is ' + process.version + ': put a newer one first on the PATH (https://nodejs.org)')
  process.exit(1)
}
`

const startPlugin = (mode: 'command' | 'complete', build: string): string =>
  `require('./launch.cjs').launch({ mode: '${mode}', folder: __dirname + '/canary', build: '${build}', builtin: require }, process)`

const startGuard = "require('module').enableCompileCache()\n  import('./guard/main.mjs')"
