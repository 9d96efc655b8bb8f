import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The licences of everything that the bundles hold, as their authors ask for; from esbuild's list of inputs. */
export function licencesOf(inputs: readonly string[], root: string): string {
  const folders = new Set(
    inputs.flatMap(input => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []),
  )
  return [...folders]
    .sort()
    .map(folder => {
      const { name, version, license, author } = JSON.parse(
        readFileSync(join(root, folder, 'package.json'), 'utf8'),
      ) as PackageManifest
      return `${name} ${version} (${license ?? 'see below'})\n\n${textOf(join(root, folder)) ?? standardText(license, author)}\n`
    })
    .join(`\n${'-'.repeat(80)}\n\n`)
}

interface PackageManifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly author?: string | { readonly name: string }
}

/** The files of a package about its licence, one after the other. */
function textOf(folder: string): string | undefined {
  const files = readdirSync(folder).filter(entry => /^(licen[cs]e|copying|notice)/i.test(entry))
  const texts = files.map(file => readFileSync(join(folder, file), 'utf8').trim())
  return texts.length === 0 ? undefined : texts.join('\n\n')
}

/** For the one package that names its licence and does not bring the text. */
function standardText(licence: string | undefined, author: PackageManifest['author']): string {
  const holder = typeof author === 'object' ? author.name : author
  if (licence !== 'MIT' || holder === undefined) return ''
  return `Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`
}
