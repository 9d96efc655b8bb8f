import { dirname, join, resolve } from 'node:path'
import { CanaryError } from '../objects/canary-error.ts'
import type { Ref } from '../objects/kube-object.ts'
import type { Change } from '../view/change.ts'
import { snapshot } from '../view/snapshot.ts'
import type { MeshSettings } from '../view/mesh.ts'
import type { BuiltChanges, DryRun, Outcome, Reading, Scope, Store, WrittenName } from '../view/store.ts'
import { replaceFiles } from './files/replace-files.ts'
import { unifiedDiff } from './files/unified-diff.ts'
import { FileSources } from './file-sources.ts'
import { buildsWith } from './kustomize/builds-with.ts'
import { withBuilds } from './kustomize/build-roots.ts'
import type { BuildKustomization } from './kustomize/built.ts'
import type { KustomizeGraph } from './kustomize/graph.ts'
import { checkPatches } from './kustomize/check-build.ts'
import {
  readKustomized,
  rewriteKustomized,
  writtenNameOf,
  type KustomizedFiles,
} from './kustomize/kustomized-files.ts'
import { repositoryOf } from './kustomize/other-takers.ts'
import { graphIn, withoutPatches } from './kustomize/unpatched.ts'
import { meshInFiles } from './mesh-in-files.ts'
import { notesOn, repetitions } from './notes.ts'
import { readManifests, type Manifests } from './read-manifests.ts'
import { rewrite, type Rewritten } from './rewrite.ts'
import { valueOf } from './yaml/value.ts'
import { worldsOf } from './worlds/worlds-of.ts'
import { SectionReader } from './yaml/documents.ts'

export interface ManifestOptions {
  /** Files, folders, and `-` for standard input, as typed. */
  readonly paths: readonly string[]
  /** The namespace of objects that say none; `default` when left out. */
  readonly namespace?: string | undefined
  /** The text of standard input; asked for only when `-` is among the paths. */
  readonly stdin?: () => Promise<string>
  /** Gets the whole new text of standard input when changes are applied to it. */
  readonly write?: (text: string) => void
  /** The folder of a kustomization to work on as it is built, in place of `paths`. */
  readonly kustomization?: string | undefined
  /** Builds a kustomization; without it, the files of kustomizations are read as they are. */
  readonly build?: BuildKustomization | undefined
}

/** Opens files and folders as a store. Nothing is read before `read`. */
export async function openManifests({
  paths,
  namespace = 'default',
  stdin,
  write,
  build,
  kustomization,
}: ManifestOptions): Promise<Store> {
  if (paths.filter(path => path === '-').length > 1)
    throw new CanaryError('usage', 'standard input (-f -) can be named only once')
  const input = paths.includes('-') ? ((await stdin?.()) ?? '') : undefined
  return new FileStore({ paths, namespace, input, write, build, kustomization })
}

interface FileStoreOptions {
  readonly paths: readonly string[]
  readonly namespace: string
  readonly input: string | undefined
  readonly write: ((text: string) => void) | undefined
  readonly build: BuildKustomization | undefined
  readonly kustomization: string | undefined
}

class FileStore implements Store {
  readonly namespace: string
  readonly #options: FileStoreOptions
  readonly #reader = new SectionReader()
  #input: string | undefined
  /** The kustomization that was built last, where one was named. */
  #kustomized: KustomizedFiles | undefined
  /** The kustomizations among the files that were read last. */
  #graph: KustomizeGraph | undefined
  /** What the mesh is set to, as far as it was read. */
  #mesh: MeshSettings | undefined
  /** What was read last; gone when something was written since. */
  #manifests: Manifests | undefined
  #last:
    | { readonly changes: readonly Change[]; readonly manifests: Manifests; readonly rewritten: Rewritten }
    | undefined

  constructor(options: FileStoreOptions) {
    this.#options = options
    this.namespace = options.namespace
    this.#input = options.input
  }

  async read(scope: Scope): Promise<Reading> {
    const manifests = await this.#load()
    const { mesh, notes } = await meshInFiles(manifests.objects, scope.mesh ?? {}, this.#reader)
    this.#mesh = mesh
    const { sources, ...reading } = readingOf(manifests, { mesh, reader: this.#reader })
    return {
      ...reading,
      sources,
      worlds: async () => {
        const built = await this.#withBuilds(manifests)
        const divided = worldsOf(built, { mesh, reader: this.#reader })
        return { ...divided, notes: [...built.notes.slice(manifests.notes.length), ...divided.notes] }
      },
      notes: [
        ...notesOn(manifests, this.#options.paths),
        ...(scope.divided === true ? [] : repetitions(sources)),
        ...notes,
      ],
    }
  }

  async apply(
    changes: readonly Change[],
    { dryRun }: { readonly dryRun: DryRun },
  ): Promise<readonly Outcome[]> {
    if (dryRun === 'server')
      throw new CanaryError('usage', '--dry-run=server cannot be used with -f, which uses no cluster', {
        hints: ['Use --dry-run=client with -f.'],
      })
    const { files, outcomes } = await this.#rewrite(changes)
    if (dryRun === 'none') {
      const changed = files.filter(({ before, after }) => before !== after)
      replaceFiles(
        changed.flatMap(({ path, before, after }) => (path === undefined ? [] : [{ path, before, after }])),
      )
      this.#input = changed.find(({ path }) => path === undefined)?.after ?? this.#input
      if (this.#input !== undefined) this.#options.write?.(this.#input)
      if (changed.length > 0) this.#manifests = undefined
    }
    return outcomes.map(outcome => ({ ...outcome, dryRun }))
  }

  writtenAs(ref: Ref): WrittenName {
    return writtenNameOf(ref, this.#kustomized)
  }

  async checkPatches(patches: readonly object[], changes: readonly Change[]): Promise<void> {
    if (this.#kustomized !== undefined)
      await checkPatches(patches, { ...this.#kustomized, changes, making: this.#making })
  }

  async builtChanges(changes: readonly Change[]): Promise<BuiltChanges> {
    const { build, paths, kustomization } = this.#options
    const { files } = await this.#rewrite(changes)
    const hidden = await this.#hiddenByPatches(changes, files)
    if (build === undefined) return { builds: [], notes: hidden }
    const { builds, notes } = await buildsWith(files, {
      making: this.#making,
      read: this.#readYaml,
      named: kustomization === undefined ? paths.filter(path => path !== '-') : [join(kustomization, '..')],
      except: this.#kustomized?.root.folder,
    })
    return {
      builds: builds.map(({ built, changes: made }) => ({
        name: built.name,
        reading: readingOf({ ...built, roots: [] }, { mesh: this.#mesh, reader: this.#reader }),
        changes: made,
      })),
      notes: [...notes, ...hidden],
    }
  }

  async diff(changes: readonly Change[]): Promise<string> {
    return unifiedDiff((await this.#rewrite(changes)).files)
  }

  async close(): Promise<void> {}

  async #load(): Promise<Manifests> {
    const { paths, namespace, kustomization } = this.#options
    if (kustomization !== undefined) {
      this.#kustomized = await readKustomized(kustomization, this.#making)
      this.#manifests = this.#kustomized.manifests
      return this.#manifests
    }
    const read = await readManifests({
      paths,
      namespace,
      stdin: this.#input ?? '',
      reader: this.#reader,
    })
    this.#graph = await graphIn(read.files, this.#readYaml)
    const manifests = this.#graph === undefined ? read : withoutPatches(read, this.#graph)
    this.#manifests = manifests
    return manifests
  }

  /** Sentences on what tools that apply the files change in them; only what is in a repository is applied by one. */
  async #hiddenByPatches(changes: readonly Change[], files: Rewritten['files']): Promise<readonly string[]> {
    const paths = files.flatMap(({ path, before }) =>
      path === undefined || before === undefined ? [] : [path],
    )
    const area = paths[0] === undefined ? undefined : repositoryOf(dirname(resolve(paths[0])))
    if (area === undefined) return []
    const { hiddenByPatches } = await import('./gitops/hidden-by-patches.ts')
    return await hiddenByPatches(changes, { area, paths, reader: this.#reader, read: this.#readYaml })
  }

  get #making(): Parameters<typeof readKustomized>[1] {
    const { build, namespace } = this.#options
    return { build: build ?? noBuild, namespace, reader: this.#reader }
  }

  readonly #readYaml = async (text: string): Promise<unknown> => valueOf(await this.#reader.read(text))

  /** What people apply of the files: the builds of their kustomizations, as far as they can be made here. */
  async #withBuilds(manifests: Manifests): Promise<Manifests> {
    const { build, namespace } = this.#options
    const graph = this.#graph
    if (graph === undefined || build === undefined) return manifests
    return withBuilds(manifests, { build, graph, reader: this.#reader, namespace })
  }

  /** The changes are worked in once, also where the diff or builds are asked for before the outcomes. */
  async #rewrite(changes: readonly Change[]): Promise<Rewritten> {
    const manifests = this.#manifests ?? (await this.#load())
    if (this.#last?.manifests === manifests && areSame(this.#last.changes, changes))
      return this.#last.rewritten
    const rewritten = await (this.#kustomized === undefined
      ? rewrite(changes, { manifests, namespace: this.namespace, reader: this.#reader })
      : rewriteKustomized(changes, this.#kustomized, this.#making))
    this.#last = { changes, manifests, rewritten }
    return rewritten
  }
}

const readingOf = (
  manifests: Manifests,
  { mesh, reader }: { readonly mesh: MeshSettings | undefined; readonly reader: SectionReader },
): Reading & { readonly sources: FileSources } => ({
  view: snapshot(
    manifests.objects.map(({ object }) => object),
    mesh === undefined ? {} : { mesh },
  ),
  live: false,
  sources: new FileSources(manifests, reader),
  notes: [],
})

const noBuild: BuildKustomization = async () => {
  throw new Error('this program builds no kustomization')
}

const areSame = (one: readonly Change[], other: readonly Change[]): boolean =>
  one.length === other.length
  && one.every(({ before, after }, i) => before === other[i]!.before && after === other[i]!.after)
