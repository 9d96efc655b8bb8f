/** The programs as they ship, for tests that start them. */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { buildInto } from './build.ts'

const root = join(import.meta.dirname, '../..')

/** The folder that `npm test` has just built into; a test file that is run by itself has none, as what is there may be old. */
const fresh = process.env['CANARY_BUILT']

/** The executable that tests start as the plugin, instead of the bundle. */
export const executable: string | undefined = process.env['CANARY_PROGRAM']

/** What starts the guard: what ships, which takes a quarter of a second, or its source, which takes one. */
export const guardProgram: string =
  fresh === undefined ? join(root, 'webhook/main.ts') : join(fresh, 'canary-guard.js')

/** What starts the plugin in the same way, as an argument of Node. */
export const pluginProgram: string =
  fresh === undefined ? join(root, 'plugin/main.ts') : join(fresh, 'kubectl-canary.js')

/** Puts the programs as they ship into a folder. */
export async function putPrograms(folder: string): Promise<void> {
  await (fresh === undefined
    ? buildInto(folder)
    : // What is packed from them is large.
      cp(fresh, folder, { recursive: true, filter: path => !/[/\\](executables|release)$/.test(path) }))
}
