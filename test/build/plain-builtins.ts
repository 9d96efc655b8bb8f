import { builtinModules } from 'node:module'
import { join, relative } from 'node:path'
import type { Plugin } from 'esbuild'

const root = join(import.meta.dirname, '../..')

/** Those who import on the way of a command that a person waits for. */
const early =
  /\/(node_modules\/(commander|@kubernetes\/client-node)|plugin|shared\/files|shared\/manifests|shared\/live)\//

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
        if (!early.test(importer) || kind === 'require-call' || kind === 'dynamic-import') return undefined
        return {
          // One for each importer: a chunk that several share would hold what only one of them names.
          path: `${path} for ${relative(root, importer).replaceAll(/[\\/]/g, ' ')}`,
          pluginData: path,
          namespace:
            path === 'node:child_process' && importer.includes('/node_modules/commander/')
              ? 'nothing'
              : 'plain-builtin',
        }
      },
    )
    build.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'export default {}' }))
    build.onLoad(
      { filter: /.*/, namespace: 'plain-builtin' },
      ({ pluginData: path }: { pluginData: string }) => ({
        contents: `const builtin = () => process.getBuiltinModule(${JSON.stringify(path)})\nexport default ${large.test(path) ? lateObject(path) : '/* @__PURE__ */ builtin()'}\n${namesOf(
          path,
        )
          .map(name => oneExport(name, path))
          .join('\n')}`,
      }),
    )
  },
}

/** Marked as pure, so that only what is imported is ever asked for. */
const oneExport = (name: string, path: string): string =>
  isLate(name, path)
    ? `export const ${name} = (...words) => builtin().${name}(...words)`
    : `export const ${name} = /* @__PURE__ */ (() => builtin().${name})()`

/** Modules that take a millisecond and more to load, while few commands call them. */
const large = /^(node:)?(child_process|crypto|fs\/promises|http|https|http2|net|os|tls|zlib)$/

/** The module as an object that loads it when one of its functions is first called, or it is asked for something else. */
const lateObject = (path: string): string => {
  const late = JSON.stringify(namesOf(path).filter(name => isLate(name, path)))
  return `/* @__PURE__ */ (late => new Proxy({}, {
    get: (_, name) => late.includes(name) ? (...words) => builtin()[name](...words) : builtin()[name],
  }))(${late})`
}

/** A plain function of a large module, which is loaded when that is first called. What is no more than a function has no other use. */
function isLate(name: string, path: string): boolean {
  const value: unknown = (process.getBuiltinModule(path) as Readonly<Record<string, unknown>>)[name]
  return (
    large.test(path)
    && typeof value === 'function'
    && /^[a-z]/.test(name)
    && Reflect.ownKeys(value).every(key => ['length', 'name', 'prototype'].includes(String(key)))
  )
}

const namesOf = (path: string): readonly string[] =>
  Object.keys(process.getBuiltinModule(path) as object).filter(
    name => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default',
  )
