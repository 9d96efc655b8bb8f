import { commandPages } from './command-pages.ts'
import { documentPages } from './document-pages.ts'
import { errorPage } from './error-page.ts'
import { homePage, readReleasePlaces } from './home-page.ts'
import { rulePages } from './rule-pages.ts'
import { outsideCode, type SitePage } from './site-page.ts'
import { withSiteLinks } from './written-links.ts'

/** Every page of the site, with links between pages. */
export async function allPages(root: string): Promise<readonly SitePage[]> {
  const documents = documentPages(root)
  const commands = commandPages(root)
  const rules = await rulePages(root)
  const { published, repository } = readReleasePlaces(root)
  const targets = {
    root,
    places: new Map([
      ...documents.map(({ source, path }) => [source, path] as const),
      ['docs/commands.md', 'commands/index'],
      ['docs/rules.md', 'rules/index'],
      ['README.md', 'index'],
    ]),
    sections: new Map([...commands, ...rules].flatMap(sectionOf)),
    ...(published && { files: `${repository}/blob/main` }),
  }
  return [homePage(root), ...documents, ...commands, ...rules, errorPage(root), decisionsPage(documents)]
    .map(page => withSiteLinks(page, targets))
    .map(page => ({
      ...page,
      text: outsideCode(page.text, part => part.replaceAll(/^<!--[^]*?-->\n/gm, '')),
    }))
}

/** The section of the document that a page is made of. */
const sectionOf = ({ source, path }: SitePage): readonly (readonly [string, string])[] => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return name === 'index' ? [] : [[`${source}#${name}`, path]]
}

const decisionsPage = (documents: readonly SitePage[]): SitePage => ({
  path: 'decisions/index',
  source: 'docs/decisions/README.md',
  text: [
    '# Decisions',
    '',
    'What was decided about the design, what the problem was, and what was not done instead.',
    '',
    ...documents
      .filter(({ path }) => path.startsWith('decisions/'))
      .map(({ path, text }) => `- [${/^# (.*)$/m.exec(text)?.[1] ?? path}](/${path})`),
    '',
  ].join('\n'),
})
