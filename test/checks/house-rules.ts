/** The house rules that no linter knows: how many files a folder holds, and what they are called. `npm run check` runs it. */
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'

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

if (import.meta.main) {
  const breaches = houseRuleBreaches(join(import.meta.dirname, '../..'), [
    'plugin',
    'webhook',
    'shared',
    'test',
  ])
  for (const breach of breaches) console.error(`error: ${breach}`)
  process.exitCode = breaches.length === 0 ? 0 : 1
}
