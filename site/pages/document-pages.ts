import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SitePage } from './site-page.ts'

/** The pages that are made in another way than by a copy. */
const elsewhere: ReadonlySet<string> = new Set(['docs/commands.md', 'docs/rules.md'])

/** Where a document of the repository is on the site. */
export const placeOf = (source: string): string =>
  source
    .replace(/\.md$/, '')
    .replace(/^docs\/(?!decisions\/|tutorials\/|comparison$)/, 'guide/')
    .replace(/^docs\//, '')
    .replace(/^tutorials\/README$/, 'tutorials/index')
    .replace(/^[A-Z]+$/, name => `project/${name.toLowerCase()}`)

/** The documents of the repository as pages: those of docs and its folders, and those of the project. */
export function documentPages(root: string): readonly SitePage[] {
  const sources = [
    ...['docs', 'docs/decisions', 'docs/tutorials'].flatMap(folder =>
      readdirSync(join(root, folder))
        .filter(name => name.endsWith('.md'))
        .map(name => `${folder}/${name}`),
    ),
    ...readdirSync(root).filter(name => /^[A-Z]+\.md$/.test(name) && name !== 'README.md'),
  ].filter(source => !elsewhere.has(source))
  return sources.map(source => ({
    path: placeOf(source),
    source,
    text: readFileSync(join(root, source), 'utf8'),
  }))
}
