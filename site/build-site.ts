/**
 * Builds the documentation site into dist/site, from the texts of the repository: `npm run site`. Fails on a link within the site that
 * leads nowhere; those to other hosts are listed and not asked.
 */
import { cpSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { build } from 'vitepress'
import { checkLinks } from './check/dead-links.ts'
import { allPages } from './pages/all-pages.ts'
import { menuOf } from './pages/menu.ts'
import type { SitePage } from './pages/site-page.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

/** Where the built site is. */
export const siteFolder = join(dist, 'site')

/** Builds the site; the links that lead nowhere and those to other hosts are for the caller to judge. */
export async function buildSite(): Promise<ReturnType<typeof checkLinks>> {
  const pages = await allPages(root)
  writePages(pages)
  writePublicFiles()
  // Vite takes its mode from the environment that it finds.
  await build(join(root, 'site'))
  return checkLinks(siteFolder, process.env['SITE_BASE'])
}

function writePages(pages: readonly SitePage[]): void {
  const folder = join(dist, 'site-pages')
  rmSync(folder, { recursive: true, force: true })
  for (const { path, text } of pages) {
    const file = join(folder, `${path}.md`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  writeFileSync(join(folder, 'menu.json'), JSON.stringify(menuOf(pages)))
}

/** The schemas that the pages speak of, and the icon. */
function writePublicFiles(): void {
  const folder = join(dist, 'site-public')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'schemas'), { recursive: true })
  for (const schema of globSync('docs/*.schema.json', { cwd: root }))
    cpSync(join(root, schema), join(folder, 'schemas', basename(schema)))
  cpSync(join(root, 'site/icon.svg'), join(folder, 'icon.svg'))
}

if (import.meta.main) {
  const { dead, external } = await buildSite()
  console.log(`${external.length} links to other hosts, which are not checked:`)
  for (const link of external) console.log(`  ${link}`)
  for (const link of dead) console.error(`error: a link leads nowhere: ${link}`)
  process.exitCode = dead.length === 0 ? 0 : 1
}
