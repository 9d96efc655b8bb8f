import { CanaryError } from '../objects/canary-error.ts'
import { keyOf, type Ref } from '../objects/kube-object.ts'
import type { Change } from '../view/change.ts'
import { snapshot } from '../view/snapshot.ts'
import type { DryRun, Outcome, Reading, Scope, Store } from '../view/store.ts'
import { replaceFiles } from './files/replace-files.ts'
import { unifiedDiff } from './files/unified-diff.ts'
import {
  formatPlace,
  linesBetween,
  placeOf,
  textOf,
  type ManifestDocument,
  type ManifestObject,
  type Position,
  type Skipped,
} from './manifest.ts'
import { commentsAbout, offsetOf, type Path } from './positions.ts'
import { meshInFiles } from './mesh-in-files.ts'
import { readManifests, type Manifests } from './read-manifests.ts'
import { rewrite, type Rewritten } from './rewrite.ts'
import { SectionReader } from './yaml/documents.ts'
import type { Node } from './yaml/node.ts'

export interface ManifestOptions {
  /** Files, folders, and `-` for standard input, as typed. */
  readonly paths: readonly string[]
  /** The namespace of objects that say none; `default` when left out. */
  readonly namespace?: string | undefined
  /** The text of standard input; asked for only when `-` is among the paths. */
  readonly stdin?: () => Promise<string>
  /** Gets the whole new text of standard input when changes are applied to it. */
  readonly write?: (text: string) => void
}

/** The store over files, with what people need to find things in them. */
export interface ManifestStore extends Store {
  readonly kind: 'manifests'
  /** The text of standard input with what was applied to it; undefined when `-` was not named. */
  readonly stdout: string | undefined
  /** What the last reading passed over. */
  readonly skipped: readonly Skipped[]
  /**
   * Where a field of an object stands, or the nearest field around it; undefined for an object that is not in
   * the files.
   */
  positionOf(ref: Ref, path: Path): Position | undefined
  /**
   * Whether the first object is read before the second, in the order of `kubectl apply -f`: files by their
   * names, then from top to bottom.
   */
  precedes(one: Ref, other: Ref): boolean
  /** The comments on the line of a field and directly above it, without their `#`. */
  commentsAt(ref: Ref, path: Path): readonly string[]
  /** Lines of a file as read, counted from 1, both ends included. */
  linesOf(file: string, range: { readonly from: number; readonly to: number }): readonly string[]
}

/** Opens files and folders as a store. Nothing is read before `read`. */
export async function openManifests({
  paths,
  namespace = 'default',
  stdin,
  write,
}: ManifestOptions): Promise<ManifestStore> {
  if (paths.filter(path => path === '-').length > 1)
    throw new CanaryError('usage', 'standard input (-f -) can be named only once')
  const input = paths.includes('-') ? ((await stdin?.()) ?? '') : undefined
  return new FileStore({ paths, namespace, input, write })
}

interface FileStoreOptions {
  readonly paths: readonly string[]
  readonly namespace: string
  readonly input: string | undefined
  readonly write: ((text: string) => void) | undefined
}

class FileStore implements ManifestStore {
  readonly kind = 'manifests'
  readonly namespace: string
  readonly #options: FileStoreOptions
  readonly #reader = new SectionReader()
  #input: string | undefined
  /** What was read last; gone when something was written since. */
  #manifests: Manifests | undefined
  #last:
    | { readonly changes: readonly Change[]; readonly manifests: Manifests; readonly rewritten: Rewritten }
    | undefined
  #byKey: ReadonlyMap<string, readonly ManifestObject[]> = new Map()
  /** Made when somebody asks. */
  #order: ReadonlyMap<string, number> | undefined
  #skipped: readonly Skipped[] = []
  /** Documents that somebody asked positions in. */
  readonly #roots = new WeakMap<ManifestDocument, Node>()

  constructor(options: FileStoreOptions) {
    this.#options = options
    this.namespace = options.namespace
    this.#input = options.input
  }

  get stdout(): string | undefined {
    return this.#input
  }

  get skipped(): readonly Skipped[] {
    return this.#skipped
  }

  async read(scope: Scope): Promise<Reading> {
    const manifests = await this.#load()
    refuseUnreadable(manifests)
    const { mesh, notes } = await meshInFiles(manifests.objects, scope.mesh ?? {}, this.#reader)
    return {
      view: snapshot(
        manifests.objects.map(({ object }) => object),
        { mesh },
      ),
      notes: [
        ...nothingIn(manifests, this.#options.paths),
        ...manifests.skipped.filter(({ why }) => why !== 'other-kind').map(formatSkipped),
        ...manifests.notes,
        ...this.#doubles(),
        ...notes,
      ],
    }
  }

  async apply(
    changes: readonly Change[],
    { dryRun }: { readonly dryRun: DryRun },
  ): Promise<readonly Outcome[]> {
    if (dryRun === 'server')
      throw new CanaryError('usage', '--dry-run=server needs a cluster, and -f works without one', {
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

  async diff(changes: readonly Change[]): Promise<string> {
    return unifiedDiff((await this.#rewrite(changes)).files)
  }

  async close(): Promise<void> {}

  positionOf(ref: Ref, path: Path): Position | undefined {
    const object = this.#find(ref)
    return object === undefined
      ? undefined
      : placeOf(object.document.file, object.document.section.start + this.#offsetOf(object, path))
  }

  precedes(one: Ref, other: Ref): boolean {
    this.#order ??= new Map(this.#manifests?.objects.map(({ ref }, i) => [keyOf(ref), i]))
    return (this.#order.get(keyOf(one)) ?? Infinity) < (this.#order.get(keyOf(other)) ?? -1)
  }

  commentsAt(ref: Ref, path: Path): readonly string[] {
    const object = this.#find(ref)
    return object === undefined ? [] : commentsAbout(textOf(object.document), this.#offsetOf(object, path))
  }

  linesOf(file: string, { from, to }: { readonly from: number; readonly to: number }): readonly string[] {
    const found = this.#manifests?.files.find(({ name }) => name === file)
    return found === undefined ? [] : linesBetween(found, from, to)
  }

  #find(ref: Ref): ManifestObject | undefined {
    return this.#byKey.get(keyOf(ref))?.at(-1)
  }

  #offsetOf({ document, item }: ManifestObject, path: Path): number {
    const root = this.#roots.get(document) ?? this.#reader.readNow(textOf(document))!
    this.#roots.set(document, root)
    return offsetOf(root, item === undefined ? path : ['items', item, ...path])
  }

  async #load(): Promise<Manifests> {
    const { paths, namespace } = this.#options
    const manifests = await readManifests({
      paths,
      namespace,
      stdin: this.#input ?? '',
      reader: this.#reader,
    })
    this.#manifests = manifests
    this.#order = undefined
    this.#byKey = Map.groupBy(manifests.objects, ({ ref }) => keyOf(ref))
    this.#skipped = manifests.skipped
    return manifests
  }

  /** A dry run asks for the diff and for the outcomes of the same changes: they are worked in once. */
  async #rewrite(changes: readonly Change[]): Promise<Rewritten> {
    const manifests = this.#manifests ?? (await this.#load())
    if (this.#last?.changes === changes && this.#last.manifests === manifests) return this.#last.rewritten
    const rewritten = await rewrite(changes, { manifests, namespace: this.namespace, reader: this.#reader })
    this.#last = { changes, manifests, rewritten }
    return rewritten
  }

  #doubles(): readonly string[] {
    const placesOf = (objects: readonly ManifestObject[]): string =>
      objects.map(({ document: { file, section } }) => formatPlace(placeOf(file, section.start))).join(', ')
    return [...this.#byKey]
      .filter(([, objects]) => objects.length > 1)
      .map(
        ([key, objects]) =>
          `${key} is defined ${objects.length} times, the last one counts: ${placesOf(objects)}`,
      )
  }
}

/**
 * Where one file among many cannot be read the rest still counts; where nothing else was named, there is no
 * rest.
 */
function refuseUnreadable({ objects, skipped }: Manifests): void {
  const broken = skipped.find(({ why }) => why === 'broken')
  if (objects.length > 0 || broken === undefined) return
  throw new CanaryError('unreadable', `${formatSkippedPlace(broken)}: ${broken.reason}`, {
    hints: ['Nothing else was found to work on.'],
  })
}

/** A person who mistypes a path should not be told what his Services lack. */
function nothingIn({ objects, skipped }: Manifests, paths: readonly string[]): readonly string[] {
  if (objects.length > 0 || skipped.some(({ why }) => why !== 'other-kind')) return []
  return [
    `There is no Service, workload or routing object in ${paths.map(path => (path === '-' ? 'standard input' : path)).join(', ')}.`,
  ]
}

const formatSkipped = (skipped: Skipped): string =>
  `${formatSkippedPlace(skipped)}: passed over: ${skipped.reason}`
const formatSkippedPlace = ({ file, line, column }: Skipped): string =>
  `${file}${line === undefined ? '' : `:${line}:${column}`}`
