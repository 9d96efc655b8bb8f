import { CanaryError } from '../objects/canary-error.ts'
import type { Change } from '../view/change.ts'
import { snapshot } from '../view/snapshot.ts'
import { formatPosition, type Skipped } from '../view/sources.ts'
import type { DryRun, Outcome, Reading, Scope, Store } from '../view/store.ts'
import { replaceFiles } from './files/replace-files.ts'
import { unifiedDiff } from './files/unified-diff.ts'
import { FileSources } from './file-sources.ts'
import { placeOf } from './manifest.ts'
import { meshInFiles } from './mesh-in-files.ts'
import { readManifests, type Manifests } from './read-manifests.ts'
import { rewrite, type Rewritten } from './rewrite.ts'
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
}

/** Opens files and folders as a store. Nothing is read before `read`. */
export async function openManifests({
  paths,
  namespace = 'default',
  stdin,
  write,
}: ManifestOptions): Promise<Store> {
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

class FileStore implements Store {
  readonly namespace: string
  readonly #options: FileStoreOptions
  readonly #reader = new SectionReader()
  #input: string | undefined
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
    refuseUnreadable(manifests)
    const { mesh, notes } = await meshInFiles(manifests.objects, scope.mesh ?? {}, this.#reader)
    const sources = new FileSources(manifests, this.#reader)
    return {
      view: snapshot(
        manifests.objects.map(({ object }) => object),
        { mesh },
      ),
      live: false,
      sources,
      worlds: async () => worldsOf(manifests, { mesh, reader: this.#reader }),
      notes: [
        ...nothingIn(manifests, this.#options.paths),
        ...manifests.skipped.filter(({ why }) => why !== 'other-kind').map(formatSkipped),
        ...manifests.notes,
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

  async diff(changes: readonly Change[]): Promise<string> {
    return unifiedDiff((await this.#rewrite(changes)).files)
  }

  async close(): Promise<void> {}

  async #load(): Promise<Manifests> {
    const { paths, namespace } = this.#options
    const manifests = await readManifests({
      paths,
      namespace,
      stdin: this.#input ?? '',
      reader: this.#reader,
    })
    this.#manifests = manifests
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
}

/** One line on the objects that are defined more than once. */
function repetitions({ repeated }: FileSources): readonly string[] {
  const [first, ...others] = repeated
  if (first === undefined) return []
  const [key, objects] = first
  const places = objects.map(({ document: { file, section } }) =>
    formatPosition(placeOf(file, section.start)),
  )
  const more =
    others.length === 0
      ? ''
      : `, and ${others.length} other object${others.length === 1 ? ' is' : 's are'} as well`
  return [
    `${key} is defined ${objects.length} times (${places.join(', ')})${more}: the last definition is used. Name one folder or file with -f to use another.`,
  ]
}

/**
 * Where one file among many cannot be read the rest still counts; where nothing else was named, there is no
 * rest.
 */
function refuseUnreadable({ objects, skipped }: Manifests): void {
  const broken = skipped.find(({ why }) => why === 'broken')
  if (objects.length > 0 || broken === undefined) return
  throw new CanaryError('unreadable', `${formatSkippedPlace(broken)}: ${broken.reason}`, {
    hints: ['No other objects were found.'],
  })
}

/** A person who mistypes a path should not be told what his Services lack. */
function nothingIn({ objects, skipped }: Manifests, paths: readonly string[]): readonly string[] {
  if (objects.length > 0 || skipped.some(({ why }) => why !== 'other-kind')) return []
  return [
    `No Service, workload or routing object was found in ${paths.map(path => (path === '-' ? 'standard input' : path)).join(', ')}.`,
  ]
}

const formatSkipped = (skipped: Skipped): string =>
  `${formatSkippedPlace(skipped)}: skipped: ${skipped.reason}`
const formatSkippedPlace = ({ file, line, column }: Skipped): string =>
  `${file}${line === undefined ? '' : `:${line}:${column}`}`
