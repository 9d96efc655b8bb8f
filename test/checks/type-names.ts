/** One type name, one meaning: a name that one file exports is declared in no other. */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const declaration = /^(export )?(?:declare )?(?:abstract )?(?:type|interface|class|enum) (\w+)/gm

interface Declared {
  readonly name: string
  readonly file: string
  readonly isExported: boolean
}

/** The names that are declared twice, a line each. */
export const repeatedTypeNames = (root: string, files: readonly string[]): readonly string[] =>
  [...Map.groupBy(files.flatMap(declaredIn), ({ name }) => name)]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .filter(([, same]) => same.length > 1 && same.some(({ isExported }) => isExported))
    .map(([name, same]) => {
      const [first, ...others] = same.map(({ file }) => relative(root, file)).toSorted()
      return `${first}: the type ${name} is also declared in ${others.join(', ')}: give each meaning its own name`
    })

const declaredIn = (file: string): readonly Declared[] =>
  [...readFileSync(file, 'utf8').matchAll(declaration)].map(([, exported, name]) => ({
    name: name!,
    file,
    isExported: exported !== undefined,
  }))
