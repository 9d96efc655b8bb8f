import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CanaryError } from '../../objects/canary-error.ts'
import { quotedWords } from '../../objects/text/kubectl-commands.ts'
import { keyOf, type KubeObject } from '../../objects/kube-object.ts'
import { fieldsOf } from '../../objects/unchecked.ts'
import { changedRef, type Change } from '../../view/change.ts'
import { formatPosition } from '../../view/sources.ts'
import { differencesOf } from '../edit/differences.ts'
import { isDeepEqual, plainOf } from '../edit/equal.ts'
import { placeOf, type ManifestObject } from '../manifest.ts'
import { readTexts } from '../read-manifests.ts'
import type { Rewritten } from '../rewrite.ts'
import { summed } from './build-roots.ts'
import { buildKustomization, shownPath, type Building, type Built } from './built.ts'
import { objectsOfCopy, reasonOf, type CopiedFile } from './check-build.ts'
import { filesOf, kustomizeGraph, type KustomizeGraph } from './graph.ts'
import { kustomizationIn, type Kustomization, type ReadYaml } from './kustomization.ts'
import { misplacedOperation } from './operations/misplaced-operation.ts'
import { foldersBelow, repositoryOf, sharedFolder } from './other-takers.ts'
import { unlistedIn } from './unlisted-note.ts'

/** The build of a kustomization, and what edited files change in it. */
interface ChangedBuild {
  readonly built: Built
  readonly changes: readonly Change[]
}
/** The builds that edited files change, and sentences for people about those that cannot be made. */
export interface ChangedBuilds {
  readonly builds: readonly ChangedBuild[]
  readonly notes: readonly string[]
}

interface BuildsOptions {
  readonly making: Omit<Building, 'graph' | 'known'>
  readonly read: ReadYaml
  /** The folders that the person named. */
  readonly named: readonly string[]
  /** The kustomization that is judged already, by its folder. */
  readonly except: string | undefined
}

type Edited = Rewritten['files']

/** So many builds at once. */
const atOnce = 2

/**
 * The kustomizations that take an edited file and are no base of another one, as they are built before and after
 * the edit. They are looked for in the repository, or where there is none in the folders that the person named.
 * One that cannot be built before is told of in a note. Throws a CanaryError `refused` for one that can be built no
 * more.
 */
export async function buildsWith(files: Edited, options: BuildsOptions): Promise<ChangedBuilds> {
  const edited = files.filter(({ path, before, after }) => path !== undefined && before !== after)
  const paths = edited.map(({ path }) => realPath(path!))
  const above = [...new Set(paths.flatMap(foldersAbove))]
  if (above.length === 0) return { builds: [], notes: [] }
  const graph = await kustomizeGraph(foldersBelow(areaOf(above, options)), options.read)
  const listed = await withNewFiles(edited, options.read)
  const known = new Set([...paths, ...listed.map(({ path }) => realPath(path!))])
  const waiting = graph.roots.filter(
    root =>
      root.folder !== options.except && [...filesOf(root, graph)].some(path => known.has(realPath(path))),
  )
  const sources = await editedSources(edited, options.making)
  const builds: ChangedBuild[] = []
  const failures: string[] = []
  const worker = async (): Promise<void> => {
    for (let root = waiting.shift(); root !== undefined; root = waiting.shift()) {
      const made = await changedBuild(root, { graph, edited: [...edited, ...listed], sources, options })
      if (typeof made === 'string') failures.push(`${made}; it is not checked with the edit`)
      else builds.push(made)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return {
    builds: builds.toSorted((a, b) => (a.built.name < b.built.name ? -1 : 1)),
    notes: [...summed(failures), ...summed(builds.flatMap(build => hiddenIn(build, sources)))],
  }
}

/** The edits of which a build shows nothing or not all, because the kustomization sets the same fields. */
const hiddenIn = (
  { built: { name, objects }, changes }: ChangedBuild,
  sources: readonly EditedSource[],
): readonly string[] =>
  sources.flatMap(source => {
    const made = objects.find(isMadeOf(source))
    if (made === undefined) return []
    const change = changes.find(one => keyOf(changedRef(one)) === keyOf(made.ref))
    const shown = specChanges(change?.before, change?.after)
    if (shown >= specChanges(source.before.object, source.after)) return []
    return [
      `kustomization ${name} sets ${shown === 0 ? 'what' : 'a part of what'} is edited in ${keyOf(made.ref)}, which stays as it is there; to edit it, name that kustomization: -k ${quotedWords([name])}`,
    ]
  })

/** How many fields differ: a patch that adds items to a list moves them, and transformers may write other values. */
const specChanges = (...versions: readonly [KubeObject | undefined, KubeObject | undefined]): number => {
  const [before, after] = versions.map(object => plainOf(fieldsOf(object)['spec'] ?? {}))
  return differencesOf(before, after).length
}

/** The folders with a kustomization that may take a file: its own, and those above. */
function foldersAbove(path: string): readonly string[] {
  const found: string[] = []
  for (let at = dirname(path); at !== dirname(at); at = dirname(at)) {
    if (kustomizationIn(at) !== undefined) found.push(at)
    if (existsSync(join(at, '.git'))) break
  }
  return found
}

const areaOf = (above: readonly string[], { named }: BuildsOptions): string =>
  repositoryOf(above[0]!) ?? sharedFolder([...named.map(realPath), ...above])

/** The real path of what may not be there yet. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const up = dirname(resolve(path))
    return up === resolve(path) ? up : join(realPath(up), resolve(path).slice(up.length))
  }
}

/** The kustomizations as they are when they list the new files, which the person is asked to do. */
async function withNewFiles(edited: Edited, read: ReadYaml): Promise<readonly CopiedFile[]> {
  const entries = new Map<string, string[]>()
  for (const { path, before } of edited) {
    const unlisted = before === undefined ? await unlistedIn(path!, read) : undefined
    if (unlisted === undefined) continue
    const { kustomization, entry } = unlisted
    entries.set(kustomization, [...(entries.get(kustomization) ?? []), entry])
  }
  const files = await Promise.all(
    [...entries].map(async ([path, added]) => {
      try {
        const fields = (await read(readFileSync(path, 'utf8'))) as { readonly resources?: readonly string[] }
        const resources = [...(fields.resources ?? []), ...added]
        return [{ path, after: JSON.stringify({ ...fields, resources }) }]
      } catch {
        // What cannot be read is built by nobody.
        return []
      }
    }),
  )
  return files.flat()
}

interface Changing {
  readonly graph: KustomizeGraph
  readonly edited: readonly CopiedFile[]
  /** The objects of the files that the edit changes. */
  readonly sources: readonly EditedSource[]
  readonly options: BuildsOptions
}

/** Why it cannot be built where it cannot. */
async function changedBuild(
  root: Kustomization,
  { graph, edited, sources, options: { making } }: Changing,
): Promise<ChangedBuild | string> {
  let built: Built
  try {
    built = await buildKustomization(root, { ...making, graph, known: new Map() })
  } catch (error) {
    if (error instanceof CanaryError) return error.message
    throw error
  }
  for (const edit of sources) refuseMisplaced(built, edit)
  // A link leads to a file as well.
  const inputs = Map.groupBy(filesOf(root, graph), realPath)
  const copied = edited.flatMap(({ path, after }) =>
    (inputs.get(realPath(path!)) ?? [realPath(path!)]).map(at => ({ path: at, after })),
  )
  const now = await objectsOfCopy(copied, { root, graph, making }).catch((error: unknown) => {
    const names = edited.map(({ path }) => shownPath(path!)).join(', ')
    throw refusedFor(
      built.name,
      `${names} is not edited: kustomization ${built.name} could not be built any more: ${reasonOf(error)}`,
      error,
    )
  })
  return { built, changes: changesOf(built, now) }
}

/** An object of a file, before and after the edit. */
interface EditedSource {
  readonly path: string
  readonly before: ManifestObject
  readonly after: KubeObject
}

async function editedSources(
  edited: Edited,
  making: BuildsOptions['making'],
): Promise<readonly EditedSource[]> {
  const found: EditedSource[] = []
  for (const { path, source, after } of edited) {
    if (path === undefined || source === undefined || after === undefined) continue
    const now = await readTexts([{ ...source, text: after }], making)
    for (const before of (await readTexts([source], making)).objects) {
      const same = now.objects.find(({ ref }) => keyOf(ref) === keyOf(before.ref))
      if (same === undefined || isDeepEqual(same.object, before.object)) continue
      found.push({ path: realPath(path), before, after: same.object })
    }
  }
  return found
}

const isMadeOf =
  ({ path, before }: EditedSource) =>
  ({ source }: ManifestObject): boolean =>
    source?.document.file.path !== undefined
    && keyOf(source.ref) === keyOf(before.ref)
    && realPath(source.document.file.path) === path

/** Throws where a patch would change another item of a list than the one that it is written for. */
function refuseMisplaced({ name, objects }: Built, edit: EditedSource): void {
  const { path, before, after } = edit
  for (const patch of objects.find(isMadeOf(edit))?.patches ?? []) {
    if (!('operations' in patch)) continue
    const at = misplacedOperation(patch.operations, before.object, after)
    if (at === undefined) continue
    const { file, section } = patch.document
    throw refusedFor(
      name,
      `${shownPath(path)} is not edited: ${at} in the patch at ${formatPosition(placeOf(file, section.start))} would be another item of the list after the edit`,
    )
  }
}

const refusedFor = (name: string, message: string, cause?: unknown): CanaryError =>
  new CanaryError('refused', message, {
    hints: [
      `Edit the files by hand, together with the patches of kustomization ${name}.`,
      `To change ${name} alone, repeat this command with -k ${quotedWords([name])} --emit-patch kustomize, and add the patch that it prints to its kustomization.`,
    ],
    cause,
  })

function changesOf({ objects }: Built, now: ReadonlyMap<string, KubeObject>): readonly Change[] {
  const before = new Map(objects.map(({ ref, object }) => [keyOf(ref), object]))
  return [...new Set([...before.keys(), ...now.keys()])].flatMap(key => {
    const change = { before: before.get(key), after: now.get(key) }
    return isDeepEqual(change.before, change.after) ? [] : [change]
  })
}
