import { realpathSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { CanaryError } from '../../objects/canary-error.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import { quotedWords } from '../../objects/text/kubectl-commands.ts'
import type { SourceFile } from '../files/find-files.ts'
import type { ManifestObject } from '../manifest.ts'
import { readManifests, readTexts, type Manifests } from '../read-manifests.ts'
import type { SectionReader } from '../yaml/documents.ts'
import { valueOf } from '../yaml/value.ts'
import { filesOf, type KustomizeGraph } from './graph.ts'
import { isFolder, type Kustomization } from './kustomization.ts'
import { isFor, patchesOf, type Patch } from './patches.ts'

/**
 * Builds a kustomization: the objects as YAML, each with the annotation `config.kubernetes.io/origin` of
 * kustomize, and the folder that its paths are relative to. Throws an Error with one line that says why not.
 */
export type BuildKustomization = (folder: string) => Promise<{ readonly text: string; readonly base: string }>

/** What builds are made with. */
export interface Building {
  readonly build: BuildKustomization
  readonly graph: KustomizeGraph
  readonly reader: SectionReader
  readonly namespace: string
  /** Files that were read already, by their real paths: they keep their names. */
  readonly known: ReadonlyMap<string, SourceFile>
}

/** The objects of a built kustomization, and where they come from. */
export interface Built extends Pick<Manifests, 'objects' | 'files' | 'skipped' | 'notes'> {
  /** The kustomization's folder, as an absolute path and as people know it. */
  readonly folder: string
  readonly name: string
  /** Objects and patches as the files have them. */
  readonly written: readonly ManifestObject[]
}

const originKey = 'config.kubernetes.io/origin'

/** Builds one kustomization. Throws a CanaryError `unreadable` where that cannot be done. */
export async function buildKustomization(root: Kustomization, building: Building): Promise<Built> {
  const { graph, reader, namespace } = building
  const name = shownPath(root.folder)
  const files = filesOf(root, graph)
  const { text, base } = await outputOf({ root, name, files }, building)
  const output: SourceFile = { name, text, root: { kind: 'stdin', path: name }, isBuild: true }
  const made = await readTexts([output], { namespace, reader })
  const written = await readWritten(
    [...files].filter(path => !isFolder(path)),
    building,
  )
  const patches = await patchesOf(root, { graph, reader, namespace, files: written.files })
  const objects = await Promise.all(
    made.objects.map(one => traced(one, { root, name, base, written, patches, building })),
  )
  return {
    ...made,
    folder: root.folder,
    name,
    objects,
    written: written.objects,
    files: [...written.files, output],
  }
}

interface Named {
  readonly root: Kustomization
  readonly name: string
}

async function outputOf(
  { root, name, files }: Named & { readonly files: ReadonlySet<string> },
  { graph, build }: Building,
): ReturnType<BuildKustomization> {
  const remote = [...graph.byFolder.values()].filter(({ file }) => files.has(file)).flatMap(one => one.remote)
  if (remote.length > 0)
    throw new CanaryError(
      'unreadable',
      `kustomization ${name} is not built: ${remote[0]} is not on this machine`,
      { hints: [`Build it where its resources can be fetched, ${asFile('', root)}`] },
    )
  return build(root.folder).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CanaryError('unreadable', `kustomization ${name} cannot be built: ${reason}`, {
      hints: [
        reason.includes('--enable-helm')
          ? `Build it with its charts, ${asFile('--enable-helm ', root)}`
          : 'Fix the kustomization, or name its files with -f.',
      ],
      cause: error,
    })
  })
}

/** How a build of a kustomization is worked on that is made by other means than ours. */
const asFile = (flags: string, { folder }: Kustomization): string =>
  `and work on what it gives: kubectl kustomize ${flags}${quotedWords([shownPath(folder)])} > built.yaml, then -f built.yaml`

interface Tracing extends Named {
  readonly base: string
  readonly written: Manifests
  readonly patches: readonly Patch[]
  readonly building: Building
}

/** A built object with the document that it is made of, and the patches that change it. */
async function traced(
  one: ManifestObject,
  { root, name, base, written, patches: all, building: { reader, graph } }: Tracing,
): Promise<ManifestObject> {
  const { object, origin } = withoutOrigin(one.object)
  const path = await originPath(origin, reader)
  const from = path === undefined ? undefined : resolve(base, path)
  // A patch that sets all annotations takes kustomize's own away.
  const source =
    from === undefined
      ? namesake(
          one,
          written.objects.filter(({ document }) => !isNamed(document.file, graph)),
        )
      : sourceOf(
          one,
          written.objects.filter(({ document }) => isAt(document.file, from)),
        )
  const names = [one, source].flatMap(known => known?.ref.name ?? [])
  const file = source?.document.file.path
  const target = { kind: one.ref.kind, names, file: file === undefined ? undefined : resolve(file), graph }
  const patches = all
    .filter(patch => isFor(patch, target))
    .map(({ document, content }) => ({ document, ...content }))
  const own = written.files.find(file => isAt(file, root.file))!
  return { ...one, object, build: name, ...placeIn(source, own), patches }
}

/** A path as people write it: relative to where they are, unless that leads far up. */
export function shownPath(path: string): string {
  const short = relative('.', path)
  return short === '' ? '.' : short.startsWith('../../..') ? path : short
}

async function readWritten(
  paths: readonly string[],
  { reader, namespace, known }: Building,
): Promise<Manifests> {
  const read = await readManifests({ paths: paths.map(shownPath), stdin: '', namespace, reader })
  const named = new Map(
    read.files.map(file => [file, { ...file, name: known.get(real(file.path!))?.name ?? file.name }]),
  )
  return {
    ...read,
    files: [...named.values()],
    objects: read.objects.map(object => ({
      ...object,
      document: { ...object.document, file: named.get(object.document.file)! },
    })),
  }
}

function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

const isAt = ({ path }: SourceFile, from: string | undefined): boolean =>
  path !== undefined && from !== undefined && real(path) === real(from)

/** A built object without kustomize's annotation of where it comes from. */
export function withoutOrigin(object: KubeObject): {
  readonly object: KubeObject
  readonly origin: string | undefined
} {
  const { annotations = {}, ...metadata } = object.metadata
  const { [originKey]: origin, ...others } = annotations
  return {
    object: {
      ...object,
      metadata: Object.keys(others).length === 0 ? metadata : { ...metadata, annotations: others },
    },
    origin,
  }
}

/** The file that an object comes from; undefined for one that a generator made. */
async function originPath(origin: string | undefined, reader: SectionReader): Promise<string | undefined> {
  const value = origin === undefined ? undefined : valueOf(await reader.read(origin))
  const path: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'path') : undefined
  return typeof path === 'string' ? path : undefined
}

/** The document of a file that an object was made of: a prefix or suffix of its name may be new. */
function sourceOf(built: ManifestObject, written: readonly ManifestObject[]): ManifestObject | undefined {
  const alike = written.filter(({ ref }) => ref.kind === built.ref.kind)
  return (
    alike.find(({ ref }) => ref.name === built.ref.name)
    ?? alike
      .filter(({ ref }) => built.ref.name.includes(ref.name))
      .toSorted((a, b) => b.ref.name.length - a.ref.name.length)[0]
    ?? (alike.length === 1 ? alike[0] : undefined)
  )
}

/** Whether some kustomization names the file as a patch. */
const isNamed = ({ path }: SourceFile, { byFolder }: KustomizeGraph): boolean =>
  path !== undefined && [...byFolder.values()].some(({ patches }) => patches.includes(resolve(path)))

/** The only object of the same kind and name, or of the name to which a prefix and a suffix are added. */
function namesake(built: ManifestObject, written: readonly ManifestObject[]): ManifestObject | undefined {
  const source = sourceOf(
    built,
    written.filter(({ ref }) => built.ref.name.includes(ref.name)),
  )
  const alike = written.filter(({ ref }) => ref.kind === source?.ref.kind && ref.name === source.ref.name)
  return alike.length === 1 ? source : undefined
}

/** Where the object is written; what a generator made is written in the kustomization. */
function placeIn(
  source: ManifestObject | undefined,
  own: SourceFile,
): Pick<ManifestObject, 'document' | 'item' | 'saysNamespace'> & {
  readonly source: ManifestObject | undefined
} {
  if (source !== undefined)
    return { document: source.document, item: source.item, saysNamespace: source.saysNamespace, source }
  const section = { start: 0, end: own.text.length, json: false }
  return {
    document: { file: own, section, surprises: [] },
    item: undefined,
    saysNamespace: false,
    source: undefined,
  }
}
