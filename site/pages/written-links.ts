import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { outsideCode, type SitePage } from './site-page.ts'

/** What links lead to: the place of each document on the site, and where other files of the repository can be seen. */
export interface LinkTargets {
  readonly root: string
  /** By the document: `docs/status.md` to `guide/status`. */
  readonly places: ReadonlyMap<string, string>
  /** The pages that a section of a document has of its own: `docs/rules.md#unknown-host` to `rules/unknown-host`. */
  readonly sections: ReadonlyMap<string, string>
  /** The address of the files of the repository; none while nothing is published. */
  readonly files?: string
}

/** A page whose links between documents of the repository are links between pages. */
export const withSiteLinks = (page: SitePage, targets: LinkTargets): SitePage => ({
  ...page,
  text: outsideCode(page.text, part =>
    part.replaceAll(/\[((?:[^\]`[]|`[^`]*`)*)\]\(([^)\s]+)\)/g, (whole, words: string, link: string) => {
      const written = writtenLink(link, page.source, targets)
      return written === link ? whole : written === undefined ? words : `[${words}](${written})`
    }),
  ),
})

/** A link as it is on the site; undefined where it leads to a file that cannot be seen there. */
function writtenLink(link: string, source: string, targets: LinkTargets): string | undefined {
  if (/^(?:[a-z]+:|\/)/.test(link)) return link
  const [path = '', anchor] = link.split('#')
  const file = path === '' ? source : posix.join(posix.dirname(source), path)
  const section = anchor === undefined ? undefined : targets.sections.get(`${file}#${anchor}`)
  if (section !== undefined) return `/${section}`
  if (path === '') return link
  const place = targets.places.get(file)
  if (place !== undefined)
    return `/${place.replace(/(^|\/)index$/, '$1')}${anchor === undefined ? '' : `#${anchor}`}`
  if (file.endsWith('.schema.json')) return `/schemas/${posix.basename(file)}`
  if (!existsSync(join(targets.root, file))) throw new Error(`${source}: ${link} leads to no file`)
  return targets.files === undefined ? undefined : `${targets.files}/${file}`
}
