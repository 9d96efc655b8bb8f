import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { CanaryError } from '../../objects/canary-error.ts'
import type { Manifests } from '../read-manifests.ts'
import { buildKustomization, type Building, type Built } from './built.ts'
import { filesOf } from './graph.ts'

/** So many builds at once. */
const atOnce = 2

/**
 * The manifests with the objects of each root kustomization as it is built, in place of the files that it
 * takes. A root that cannot be built leaves its files as they are, with a note.
 */
export async function withBuilds(
  manifests: Manifests,
  building: Omit<Building, 'known'>,
): Promise<Manifests> {
  const { graph } = building
  const { builds, failures } = await buildsOf(manifests, building)
  const covered = new Set(
    graph.roots
      .filter(({ folder }) => builds.some(({ folder: of }) => of === folder))
      .flatMap(root => [...filesOf(root, graph)]),
  )
  const known = new Set(manifests.files.map(({ name }) => name))
  return {
    ...manifests,
    files: [
      ...manifests.files,
      ...builds.flatMap(({ files }) => files).filter(({ name }) => !known.has(name)),
    ],
    objects: [
      ...manifests.objects.filter(
        ({ document: { file } }) => file.path === undefined || !covered.has(resolve(file.path)),
      ),
      ...builds.flatMap(({ objects }) => objects),
    ],
    skipped: [
      ...manifests.skipped.filter(({ file }) => !covered.has(resolve(file))),
      ...builds.flatMap(({ skipped }) => skipped),
    ],
    notes: [
      ...manifests.notes,
      ...builds.flatMap(({ notes }) => notes),
      ...saysBuilt(builds),
      ...summed(failures),
    ],
  }
}

/** The builds of the roots by their names, and why others cannot be made. */
async function buildsOf(
  { files }: Manifests,
  building: Omit<Building, 'known'>,
): Promise<{ readonly builds: readonly Built[]; readonly failures: readonly string[] }> {
  const known = new Map(
    files.flatMap(file => (file.path === undefined ? [] : [[realpathSync(file.path), file] as const])),
  )
  const failures: string[] = []
  const builds: Built[] = []
  const waiting = [...building.graph.roots]
  const worker = async (): Promise<void> => {
    for (let root = waiting.shift(); root !== undefined; root = waiting.shift()) {
      try {
        builds.push(await buildKustomization(root, { ...building, known }))
      } catch (error) {
        if (!(error instanceof CanaryError)) throw error
        failures.push(`${error.message}; its files are checked as they are`)
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { builds: builds.toSorted((a, b) => (a.name < b.name ? -1 : 1)), failures }
}

/** At most so many builds are named. */
const namedBuilds = 5

function saysBuilt(builds: readonly Built[]): readonly string[] {
  const names = builds.map(({ name }) => name).toSorted()
  if (names.length === 0) return []
  if (names.length === 1) return [`Kustomization ${names[0]} is checked as it is built.`]
  const more = names.length > namedBuilds ? ` and ${names.length - namedBuilds} more` : ''
  return [`Kustomizations ${names.slice(0, namedBuilds).join(', ')}${more} are checked as they are built.`]
}

/** One note, however many roots there are. */
export function summed(notes: readonly string[]): readonly string[] {
  const [first, ...others] = notes.toSorted()
  if (first === undefined) return []
  return [
    others.length === 0
      ? first
      : `${first} (and ${others.length} other kustomization${others.length === 1 ? '' : 's'} as well)`,
  ]
}
