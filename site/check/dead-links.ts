import { globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** What the links of the built site lead to. */
export interface CheckedLinks {
  /** Links within the site that lead nowhere, with the page: `commands/weight.html: /rules/nothing.html`. */
  readonly dead: readonly string[]
  /** Addresses elsewhere, which nobody asks here. */
  readonly external: readonly string[]
}

interface Linked {
  readonly page: string
  readonly link: string
}

/**
 * Follows every link of the pages in a folder, which is served below a path: to a page, to an anchor in it, or to
 * another file.
 */
export function checkLinks(folder: string, base = '/'): CheckedLinks {
  const files = new Set(globSync('**/*.*', { cwd: folder }).map(file => file.replaceAll('\\', '/')))
  const texts = new Map(
    [...files]
      .filter(file => file.endsWith('.html'))
      .map(file => [file, readFileSync(join(folder, file), 'utf8')] as const),
  )
  const anchors = new Map([...texts].map(([page, text]) => [page, new Set(valuesOf(text, 'id'))] as const))
  const links = [...texts].flatMap(([page, text]) =>
    [...valuesOf(text, 'href'), ...valuesOf(text, 'src')].map(link => ({ page, link })),
  )
  const isDead = ({ page, link }: Linked): boolean => {
    const [path = '', anchor = ''] = link.split('#')
    const file = fileOf(page, withoutBase(path, base))
    if (!files.has(file)) return true
    return anchor !== '' && anchors.get(file)?.has(decodeURIComponent(anchor)) !== true
  }
  const isExternal = ({ link }: Linked): boolean => /^[a-z]+:/i.test(link)
  return {
    dead: [
      ...new Set(
        links.filter(each => !isExternal(each) && isDead(each)).map(({ page, link }) => `${page}: ${link}`),
      ),
    ],
    external: [...new Set(links.filter(isExternal).map(({ link }) => link))].toSorted(),
  }
}

/** A path from the root of the site; one that is not below it leads out of the site, where nothing of ours is. */
const withoutBase = (path: string, base: string): string =>
  !path.startsWith('/') ? path : path.startsWith(base) ? `/${path.slice(base.length)}` : '/../'

/** The file that a path on a page means. */
function fileOf(page: string, path: string): string {
  if (path === '') return page
  const file = path.startsWith('/') ? path.slice(1) : posix.join(posix.dirname(page), path)
  return file === '' || file.endsWith('/') ? `${file}index.html` : file
}

const valuesOf = (html: string, attribute: string): readonly string[] =>
  [...html.matchAll(new RegExp(` ${attribute}="([^"]*)"`, 'g'))].map(([, value = '']) =>
    value.replaceAll('&amp;', '&'),
  )
