import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild'

/** What `@kubernetes/client-node` needs for some credentials and proxies beside its kubeconfigs: JSONPath, SOCKS, CONNECT. */
const parts = ['jsonpath-plus', 'socks-proxy-agent', 'hpagent'] as const

/**
 * What it imports beside that and nothing here reaches: its HTTP stack, the generated API, another YAML reader,
 * and what it renews OIDC tokens with.
 */
const leftOut = ['undici', 'openid-client', 'js-yaml', 'socks', './gen/index.js'] as const

const fileOf = (part: string): string => `late-${part}.cjs`

/**
 * Loads these parts when one of their exports is first used. The client uses most of them in places that cannot
 * wait, so each is a CommonJS file of its own: `require` gives it at once, where `import()` would give a promise.
 */
export const lateParts: Plugin = replacing([...parts, ...leftOut])

/** The same where all is one file: nothing is late, and what nothing reaches is left out. */
export const withoutUnused: Plugin = replacing(leftOut)

function replacing(replaced: readonly string[]): Plugin {
  return {
    name: 'late-parts',
    setup(build) {
      build.onResolve({ filter: /^[\w.@]/ }, ({ path, importer }) =>
        replaced.includes(path) && importer.includes('/@kubernetes/client-node/dist/')
          ? { path, namespace: 'late-part' }
          : undefined,
      )
      build.onResolve({ filter: /./, namespace: 'late-part' }, ({ path }) => ({ path, external: true }))
      build.onLoad({ filter: /.*/, namespace: 'late-part' }, async ({ path }) => ({
        contents: parts.some(part => part === path) ? await lateText(path) : leftOutText(path),
      }))
    },
  }
}

const lateText = async (part: string): Promise<string> => `const load = () => require('./${fileOf(part)}')
for (const name of ${JSON.stringify(await namesOf(part))})
  Object.defineProperty(exports, name, { enumerable: true, get: () => load()[name] })`

/** A prototype that refuses, as esbuild passes it on: the generated API alone has a thousand names, which take milliseconds to define. */
const leftOutText = (part: string): string => `exports.__esModule = true
Object.setPrototypeOf(exports, new Proxy({}, {
  get(_, name) {
    if (typeof name === 'string') throw new Error('${part} is not part of this program')
  },
}))`

const client = '@kubernetes/client-node/dist'

async function namesOf(part: string): Promise<readonly string[]> {
  const module = (await import(part.startsWith('.') ? `${client}/${part}` : part)) as object
  return Object.keys(module).filter(name => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default')
}

/** Writes the parts beside the bundle that loads them. */
export async function buildLateParts(options: BuildOptions, folder: string): Promise<readonly Metafile[]> {
  const { plugins: _, banner: __, ...rest } = options
  const built = await Promise.all(
    parts.map(part =>
      build({
        ...rest,
        metafile: true,
        stdin: {
          contents: `export * from ${JSON.stringify(part)}`,
          resolveDir: join(options.absWorkingDir!, 'node_modules', client),
        },
        external: builtinModules.flatMap(name => [name, `node:${name}`]),
        format: 'cjs',
        outfile: join(folder, fileOf(part)),
      }),
    ),
  )
  return built.map(({ metafile }) => metafile)
}
