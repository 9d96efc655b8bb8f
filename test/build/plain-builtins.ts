import { builtinModules } from 'node:module'
import type { Plugin } from 'esbuild'

/** Those who import on the way of a command that a person waits for. */
const early = /\/(node_modules\/commander|plugin|shared\/manifests|shared\/live)\//

/**
 * Node's own modules as plain objects. An ES import of `node:fs` or `node:util` reads every property once, which loads streams, a differ and
 * more that nobody asked for: 6 ms of each start. So early importers get the data properties only; what is behind a getter must be asked of the
 * default export. And commander can start other programs as subcommands; we have none, so it gets nothing to start them with.
 */
export const plainBuiltins: Plugin = {
  name: 'plain-builtins',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(node:)?(${builtinModules.join('|')})$`) }, ({ path, importer, kind }) => {
      if (!early.test(importer) || kind === 'require-call') return undefined
      return { path, namespace: path === 'node:child_process' && importer.includes('/node_modules/commander/') ? 'nothing' : 'plain-builtin' }
    })
    build.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'export default {}' }))
    build.onLoad({ filter: /.*/, namespace: 'plain-builtin' }, ({ path }) => ({
      contents: `const builtin = process.getBuiltinModule(${JSON.stringify(path)})\nexport default builtin\nexport const { ${dataNames(path).join(', ')} } = builtin`,
    }))
  },
}

function dataNames(path: string): readonly string[] {
  const properties = Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(path) as object))
  return properties.filter(([name, property]) => 'value' in property && /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default').map(([name]) => name)
}
