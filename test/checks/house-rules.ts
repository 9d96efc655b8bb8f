/** The house rules that no linter knows: how many files a folder holds, what they are called, and one meaning for each type name. `npm run check` runs it. */
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { repeatedTypeNames } from './type-names.ts'

/** More than this and a reader no longer sees what is where; split by what he looks for. */
const maximum = 14

/** Names that say nothing about what is inside. */
const meaningless = /^(utils?|helpers?|common|types?|misc|shared)(\.test)?\.ts$/

const skipped: ReadonlySet<string> = new Set(['node_modules', 'dist', 'generated', 'fixtures'])

/** What is wrong in the folders below a root, a line each. */
export function houseRuleBreaches(root: string, folders: readonly string[]): readonly string[] {
  return folders.flatMap(folder => breachesIn(root, join(root, folder)))
}

function breachesIn(root: string, folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !skipped.has(name))
  const sources = entries
    .filter(entry => entry.isFile() && /\.(ts|cjs|js)$/.test(entry.name))
    .map(({ name }) => name)
  const place = relative(root, folder)
  return [
    ...(sources.length > maximum
      ? [
          `${place}: ${sources.length} source files, more than ${maximum}: split it by what a reader looks for`,
        ]
      : []),
    ...sources
      .filter(name => meaningless.test(name))
      .map(name => `${join(place, name)}: name it for what it holds`),
    ...entries
      .filter(entry => entry.isDirectory())
      .flatMap(({ name }) => breachesIn(root, join(folder, name))),
  ]
}

/** Every TypeScript file of some folders below a root. */
export const sourcesIn = (root: string, folders: readonly string[]): readonly string[] =>
  folders.flatMap(folder =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter(({ name }) => !skipped.has(name))
      .flatMap(entry =>
        entry.isDirectory()
          ? sourcesIn(root, [join(folder, entry.name)])
          : entry.name.endsWith('.ts')
            ? [join(root, folder, entry.name)]
            : [],
      ),
  )

if (import.meta.main) {
  const root = join(import.meta.dirname, '../..')
  const breaches = [
    ...houseRuleBreaches(root, ['plugin', 'webhook', 'shared', 'test', 'site']),
    ...repeatedTypeNames(root, sourcesIn(root, ['plugin', 'webhook', 'shared'])),
  ]
  for (const breach of breaches) console.error(`error: ${breach}`)
  process.exitCode = breaches.length === 0 ? 0 : 1
}
