import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metafile, Plugin } from 'esbuild'

/** A chunk below this many bytes costs more to find and link (about half a millisecond) than to read. */
const small = 5_000

/**
 * The modules that one chunk should hold, as paths below the root: those that the program always loads, and
 * those of small chunks which load nothing else, as what a module imports comes with it. esbuild makes a chunk for
 * every set of entry points that share code, so a dozen of them would hold a function or two.
 */
export function baseModules({ outputs }: Metafile): readonly string[] {
  const main = Object.keys(outputs).find(path => outputs[path]?.entryPoint === 'plugin/main.ts')
  const always = new Set(main === undefined ? [] : loadedWith(main, outputs))
  const isSmall = (path: string): boolean => always.has(path) || outputs[path]!.bytes < small
  const chunks = Object.entries(outputs).filter(
    ([path, { entryPoint }]) => entryPoint === undefined && loadedWith(path, outputs).every(isSmall),
  )
  const modules = chunks.flatMap(([, { inputs }]) => Object.keys(inputs))
  // A module of our own has no effect when it is loaded; a package's may have.
  return [...new Set(modules)].filter(path => /^(plugin|shared)\/.*\.ts$/.test(path)).toSorted()
}

/** A chunk and all that are loaded with it. */
function loadedWith(path: string, outputs: Metafile['outputs'], seen = new Set<string>()): readonly string[] {
  if (!seen.has(path) && outputs[path] !== undefined) {
    seen.add(path)
    for (const { kind, path: imported } of outputs[path].imports)
      if (kind === 'import-statement') loadedWith(imported, outputs, seen)
  }
  return [...seen]
}

/** The modules that a bundle loads by itself: the one that it starts with, and those that are imported late. */
export const entriesOf = ({ outputs }: Metafile): readonly string[] =>
  Object.values(outputs).flatMap(({ entryPoint }) =>
    entryPoint !== undefined && /^(plugin|shared)\/.*\.ts$/.test(entryPoint) ? [entryPoint] : [],
  )

/** Lets every entry point reach the modules given, so that esbuild puts these into one chunk. */
export const baseChunk = (root: string, modules: readonly string[], entries: readonly string[]): Plugin => ({
  name: 'base-chunk',
  setup(build) {
    const texts = modules.map(path => `import ${JSON.stringify(join(root, path))}`)
    const isEntry = new Set(entries.map(path => join(root, path)))
    build.onResolve({ filter: /^base-chunk$/ }, ({ path }) => ({ path, namespace: 'base-chunk' }))
    build.onLoad({ filter: /.*/, namespace: 'base-chunk' }, () => ({
      contents: texts.join('\n'),
      resolveDir: root,
    }))
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) =>
      isEntry.has(path)
        ? {
            contents: `${await readFile(path, 'utf8')}\nimport 'base-chunk'\n`,
            loader: 'ts',
          }
        : undefined,
    )
  },
})
