/** One type name, one meaning: a name that one file exports is declared in no other. */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

/** Names that still have two meanings; it must only get shorter. */
const doubles: ReadonlySet<string> = new Set()

const declaration = /^(export )?(?:declare )?(?:abstract )?(?:type|interface|class|enum) (\w+)/gm

interface Declared {
  readonly name: string
  readonly file: string
  readonly isExported: boolean
}

/** The names that are declared twice, a line each, and the listed doubles that are none any more. */
export function repeatedTypeNames(
  root: string,
  files: readonly string[],
  known: ReadonlySet<string> = doubles,
): readonly string[] {
  const repeated = [...Map.groupBy(files.flatMap(declaredIn), ({ name }) => name)]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .filter(([, same]) => same.length > 1 && same.some(({ isExported }) => isExported))
  const names = new Set(repeated.map(([name]) => name))
  return [
    ...repeated
      .filter(([name]) => !known.has(name))
      .map(([name, same]) => {
        const places = same.map(({ file }) => relative(root, file)).toSorted()
        return `${places[0]!}: the type ${name} is also declared in ${places.slice(1).join(', ')}: give each meaning its own name`
      }),
    ...[...known]
      .filter(name => !names.has(name))
      .map(name => `test/checks/type-names.ts: ${name} is declared once: take it off the list`),
  ]
}

const declaredIn = (file: string): readonly Declared[] =>
  [...readFileSync(file, 'utf8').matchAll(declaration)].map(([, exported, name]) => ({
    name: name!,
    file,
    isExported: exported !== undefined,
  }))
