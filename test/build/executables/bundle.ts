/** The plugin as one file, of which an executable is compiled for each platform. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { everyBundle, root } from '../build.ts'
import { withoutUnused } from '../late-parts.ts'
import { licencesOf } from '../licences.ts'
import { lockedVersion } from '../locked-package.ts'
import { platforms } from './platforms.ts'

/** The bundle, and the licences of what is in it. */
export interface OneFile {
  readonly text: string
  readonly licences: string
}

const names = { text: 'kubectl-canary.mjs', licences: 'THIRD-PARTY-LICENCES.txt' } as const

/** The folder that `npm test` has just put the bundle of these sources into; a test file that is run by itself has none. */
const fresh = process.env['CANARY_BUNDLE']

let made: Promise<OneFile> | undefined

/** The bundle of the sources as they were when this process, or the `npm test` that started it, first asked for it. */
export const bundledOnce = (): Promise<OneFile> =>
  (made ??= fresh === undefined ? bundled() : Promise.resolve(bundleIn(fresh)))

/** Puts the bundle into a folder, from which processes with CANARY_BUNDLE take it. */
export async function putBundle(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const { text, licences } = await bundledOnce()
  writeFileSync(join(folder, names.text), text)
  writeFileSync(join(folder, names.licences), licences)
}

const bundleIn = (folder: string): OneFile => ({
  text: readFileSync(join(folder, names.text), 'utf8'),
  licences: readFileSync(join(folder, names.licences), 'utf8'),
})

/** Bundles the sources as they are now. */
export async function bundled(): Promise<OneFile> {
  const folder = mkdtempSync(join(tmpdir(), 'canary-bundle-'))
  try {
    const outfile = join(folder, names.text)
    const { metafile } = await build({
      ...everyBundle,
      entryPoints: [join(import.meta.dirname, 'entry.ts')],
      outfile,
      target: 'esnext',
      // The entry starts the program, not the module that a stub of npm's starts.
      define: { 'import.meta.main': 'false' },
      plugins: [withoutUnused],
    })
    return { text: readFileSync(outfile, 'utf8'), licences: licencesWith(Object.keys(metafile.inputs)) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function licencesWith(inputs: readonly string[]): string {
  const notice = readFileSync(join(import.meta.dirname, 'bun-notice.txt'), 'utf8')
  // Any: all packages have one version.
  const { version } = lockedVersion(platforms[0]!.bun)
  return `bun ${version} (MIT, and the licences of what it links)\n\n${notice}\n${'-'.repeat(80)}\n\n${licencesOf(inputs, root)}`
}
