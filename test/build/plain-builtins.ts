import { builtinModules } from 'node:module'
import type { Plugin } from 'esbuild'

/** Those who import on the way of a command that a person waits for. */
const early = /\/(node_modules\/(commander|@kubernetes\/client-node)|plugin|shared\/manifests|shared\/live)\//

/**
 * Node's own modules as plain objects. An ES import of `node:fs` or `node:util` reads every property once, which loads streams, a differ and
 * more that nobody asked for: 6 ms of each start. So early importers get only what they name. And commander can start other programs as
 * subcommands; we have none, so it gets nothing to start them with.
 */
export const plainBuiltins: Plugin = {
  name: 'plain-builtins',
  setup(build) {
    build.onResolve(
      { filter: new RegExp(`^(node:)?(${builtinModules.join('|')})$`) },
      ({ path, importer, kind }) => {
        if (!early.test(importer) || kind === 'require-call') return undefined
        return {
          path,
          namespace:
            path === 'node:child_process' && importer.includes('/node_modules/commander/')
              ? 'nothing'
              : 'plain-builtin',
        }
      },
    )
    build.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'export default {}' }))
    build.onLoad({ filter: /.*/, namespace: 'plain-builtin' }, ({ path }) => ({
      contents: `const builtin = process.getBuiltinModule(${JSON.stringify(path)})\nexport default builtin\n${namesOf(path).map(oneExport).join('\n')}`,
    }))
  },
}

/** Marked as pure, so that only what is imported is ever asked for. */
const oneExport = (name: string): string =>
  `export const ${name} = /* @__PURE__ */ (from => from.${name})(builtin)`

const namesOf = (path: string): readonly string[] =>
  Object.keys(process.getBuiltinModule(path) as object).filter(
    name => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default',
  )
