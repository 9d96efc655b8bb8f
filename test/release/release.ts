/** What is released, and where people find it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** `release/release.json`: every address of a release. */
export interface ReleaseFile {
  /** Whether something can be found at these addresses yet. */
  readonly published: boolean
  readonly repository: string
  /** With `{version}` and `{file}`. */
  readonly downloads: string
  /** The name of the package. */
  readonly npm: string
  /** The name of the plugin, as in `kubectl krew install NAME`. */
  readonly krew: string
  /** The repository of the image, without a tag. */
  readonly image: string
  /** The OCI folder of charts, without the name of the chart. */
  readonly charts: string
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'))

export const release = readJson('release/release.json') as ReleaseFile

export const { version } = readJson('package.json') as { readonly version: string }

/** Where a file of this version is downloaded from. */
export const addressOf = (file: string): string =>
  release.downloads.replace('{version}', version).replace('{file}', file)
