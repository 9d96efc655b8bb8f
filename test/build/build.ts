/** Bundles what ships: the plugin as a stub with lazy chunks in one folder, and the guard the same way. */
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, type BuildOptions } from 'esbuild'
import { baseChunk, entriesOf, baseModules } from './chunks/base-chunk.ts'
import { chunksAsCommonJs, latePartsAsFunctions, nameOfBuild } from './chunks/commonjs-chunks.ts'
import { buildLateParts, lateParts } from './late-parts.ts'
import { licencesOf } from './licences.ts'
import { plainBuiltins } from './plain-builtins.ts'
import { stubText, type Stub } from './stub.ts'

export const root = join(import.meta.dirname, '../..')

/** Bundled CommonJS packages may call `require`, which an ES module lacks. */
const banner = {
  js: "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);",
}

/** yaml's CommonJS form, which esbuild takes for Node, has no named exports when it is imported late; its ES form is the same code. */
const alias = { yaml: join(root, 'node_modules/yaml/browser/index.js') }

/** What all bundles share, for each JavaScript runtime. */
export const everyBundle = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  metafile: true,
  logLevel: 'warning',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  alias,
} satisfies BuildOptions

const shared = {
  ...everyBundle,
  target: 'node22.19',
  plugins: [plainBuiltins, lateParts],
  outExtension: { '.js': '.mjs' },
  define: { 'import.meta.main': 'false' },
  chunkNames: '[name]-[hash]',
} satisfies BuildOptions

const stubs: readonly Stub[] = [
  { program: 'kubectl-canary', start: 'command' },
  { program: 'kubectl_complete-canary', start: 'complete' },
  { program: 'canary-guard', start: 'guard' },
]

/** What the stub of the plugin loads its chunks with. */
const buildLaunch = (dist: string) =>
  build({
    ...shared,
    entryPoints: { launch: 'plugin/launch/launch.ts' },
    outdir: dist,
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
  })

type Variant = Pick<BuildOptions, 'plugins' | 'write' | 'banner'>

/** Builds into a folder, `dist` unless a test says otherwise. */
export async function buildInto(dist: string): Promise<void> {
  await rm(dist, { recursive: true, force: true })
  await mkdir(dist, { recursive: true })
  const bundle = (main: string, folder: string, { plugins, ...variant }: Variant = {}) =>
    build({
      ...shared,
      entryPoints: { main },
      outdir: join(dist, folder),
      splitting: true,
      plugins: [...shared.plugins, ...(plugins ?? [])],
      ...variant,
    })
  // The guard starts once; the plugin starts for every command.
  const { metafile } = await bundle('plugin/main.ts', 'canary', { write: false })
  const base = baseChunk(root, baseModules(metafile), entriesOf(metafile))
  const built = await Promise.all([
    bundle('plugin/main.ts', 'canary', { plugins: [base] }),
    bundle('webhook/main.ts', 'guard', { banner }),
    buildLaunch(dist),
  ])
  await chunksAsCommonJs(join(dist, 'canary'))
  const late = await Promise.all(
    ['canary', 'guard'].map(folder => buildLateParts(shared, join(dist, folder))),
  )
  await latePartsAsFunctions(join(dist, 'canary'))
  await writeFile(join(dist, 'package.json'), '{ "type": "commonjs" }\n')
  for (const stub of stubs) {
    const file = join(dist, `${stub.program}.js`)
    await writeFile(file, stubText(stub, await nameOfBuild(join(dist, 'canary'))))
    await chmod(file, 0o755)
  }
  await writeFile(
    join(dist, 'THIRD-PARTY-LICENCES.txt'),
    licencesOf(
      [...built.map(({ metafile }) => metafile), ...late.flat()].flatMap(({ inputs }) => Object.keys(inputs)),
      root,
    ),
  )
}

if (import.meta.main) await buildInto(join(root, 'dist'))
