import { formatPosition } from '../view/sources.ts'
import { CanaryError } from '../objects/canary-error.ts'
import { keyOf, type KubeObject } from '../objects/kube-object.ts'
import { changedRef, merged, type Change } from '../view/change.ts'
import type { Outcome } from '../view/store.ts'
import { unlistedNote } from './kustomize/unlisted-note.ts'
import { isDeepEqual, plainOf } from './edit/equal.ts'
import type { Plain } from './edit/plain.ts'
import { placeOf, type ManifestDocument, type ManifestObject } from './manifest.ts'
import { homeOf, type Home } from './place-created.ts'
import type { Manifests } from './read-manifests.ts'
import type { SectionReader } from './yaml/documents.ts'
import { rewriteFile, type FileEdit } from './rewrite-file.ts'
import type { SourceFile } from './files/find-files.ts'
import type { FileChange } from './files/unified-diff.ts'
import { valueOf } from './yaml/value.ts'

export interface Rewriting {
  readonly manifests: Manifests
  /** The objects beside which new ones may go: all of them when left out. */
  readonly neighbours?: readonly ManifestObject[]
  readonly namespace: string
  readonly reader: SectionReader
}
export type RewrittenFile = FileChange & {
  readonly path: string | undefined
  /** What was read; undefined for a new file. */
  readonly source?: SourceFile | undefined
}
/** The files as they would be, and the outcome of each change. */
export interface Rewritten {
  readonly files: readonly RewrittenFile[]
  readonly outcomes: readonly Omit<Outcome, 'dryRun'>[]
}

/**
 * Works changes into the texts of the files, without writing. Throws a CanaryError for what cannot be edited,
 * and verifies what it made.
 */
export async function rewrite(changes: readonly Change[], rewriting: Rewriting): Promise<Rewritten> {
  const { manifests, neighbours = manifests.objects, reader } = rewriting
  const edits = new Map<string, FileEdit>()
  const outcomes: Omit<Outcome, 'dryRun'>[] = []
  for (const change of merged(changes)) {
    const ref = changedRef(change)
    const object = checked(
      change,
      manifests.objects.filter(one => keyOf(one.ref) === keyOf(ref)),
    )
    const action = actionOf(change, object)
    if (object === undefined && change.after === undefined) {
      outcomes.push({ ref, action })
      continue
    }
    const home: Home =
      object === undefined
        ? homeOf(change.after!, { ...manifests, objects: neighbours, taken: new Set(edits.keys()) })
        : { file: object.document.file, like: object }
    outcomes.push({ ref, action, file: nameOf(home), ...(await noteOn(home, reader)) })
    if (action !== 'unchanged') addEdit(edits, { change, object, home }, rewriting)
  }
  return { files: await filesOf(edits, reader), outcomes }
}

function actionOf({ after }: Change, object: ManifestObject | undefined): Outcome['action'] {
  if (after === undefined) return object === undefined ? 'unchanged' : 'deleted'
  if (object === undefined) return 'created'
  return isDeepEqual(object.object, after) ? 'unchanged' : 'configured'
}

const nameOf = (home: Home): string => ('file' in home ? home.file.name : home.newFile)

/** What a person has to do about a new file that no kustomization lists. */
async function noteOn(home: Home, reader: SectionReader): Promise<Pick<Outcome, 'note'>> {
  if ('file' in home) return {}
  const note = await unlistedNote(home.newFile, async text => valueOf(await reader.read(text)))
  return note === undefined ? {} : { note }
}

interface PlacedChange {
  readonly change: Change
  readonly object: ManifestObject | undefined
  readonly home: Home
}

/** Adds a change to what happens in its file. */
function addEdit(
  edits: Map<string, FileEdit>,
  { change: { after }, object, home }: PlacedChange,
  { manifests, namespace }: Rewriting,
): void {
  const [name, file] = [nameOf(home), 'file' in home ? home.file : undefined]
  if (file !== undefined) refuseBroken(file.name, manifests)
  // Several patches may be in one file.
  const key = file?.within === undefined ? name : `${name}:${file.within.start}`
  const edit: FileEdit = edits.get(key) ?? { name, file, replaced: new Map(), added: [] }
  edits.set(key, edit)
  const { like } = home
  const wanted = after === undefined ? undefined : writtenForm(after, { object, like, namespace })
  if (object === undefined) edit.added.push({ value: wanted!, like })
  else addTo(edit.replaced, object, wanted)
}

async function filesOf(
  edits: ReadonlyMap<string, FileEdit>,
  reader: SectionReader,
): Promise<Rewritten['files']> {
  const files = []
  for (const edit of edits.values()) {
    const { name, file } = edit
    const path = file === undefined ? name : file.path
    files.push({ name, path, source: file, before: file?.text, after: await rewriteFile(edit, reader) })
  }
  return files
}

function addTo(
  replaced: FileEdit['replaced'],
  { document, item }: ManifestObject,
  wanted: Plain | undefined,
): void {
  const items = replaced.get(document) ?? new Map<number | undefined, Plain | undefined>()
  replaced.set(document, items.set(item, wanted))
}

/**
 * The object that a change is about, after checks that it may be edited; undefined for one that is to be
 * created.
 */
function checked({ before, after }: Change, standing: readonly ManifestObject[]): ManifestObject | undefined {
  const [object, ...others] = standing
  const name = keyOf(changedRef({ before, after }))
  if (object === undefined) {
    if (before === undefined || after === undefined) return undefined
    throw conflict(`${name} is no longer in the files`)
  }
  if (others.length > 0) {
    throw new CanaryError(
      'ambiguous',
      `${name} is defined ${standing.length} times: ${standing.map(one => formatPosition(startOf(one.document))).join(', ')}`,
      { hints: ['Keep one of them, or use -f with only one of the files.'] },
    )
  }
  if (before === undefined)
    throw conflict(`${formatPosition(startOf(object.document))}: ${name} already exists`)
  if (!isDeepEqual(before, object.object))
    throw conflict(`${formatPosition(startOf(object.document))}: ${name} was changed since it was read`)
  const double = object.document.surprises.find(({ kind }) => kind === 'duplicate-key')
  if (double !== undefined && !isDeepEqual(before, after)) {
    const { file, section } = object.document
    throw new CanaryError(
      'unreadable',
      `${formatPosition(placeOf(file, section.start + double.offset))}: ${name} is not edited: ${double.message}`,
      { hints: ['Remove one of the two, then run this again.'] },
    )
  }
  return object
}

const conflict = (message: string): CanaryError =>
  new CanaryError('conflict', message, {
    hints: ['Nothing was changed. Run this again to use the current files.'],
  })

const startOf = ({ file, section }: ManifestDocument): ReturnType<typeof placeOf> =>
  placeOf(file, section.start)

/** A file in which a document cannot be read is not edited. */
function refuseBroken(name: string, { skipped }: Manifests): void {
  const broken = skipped.find(({ file, why }) => file === name && why === 'broken')
  if (broken === undefined) return
  const { line = 1, column = 1, reason } = broken
  throw new CanaryError(
    'unreadable',
    `${name}:${line}:${column}: the file is not edited, because this cannot be read: ${reason}`,
    { hints: ['Fix it, then run this again.'] },
  )
}

/** An object as the file says it: without a namespace that goes without saying. */
function writtenForm(
  after: KubeObject,
  {
    object,
    like,
    namespace,
  }: {
    readonly object: ManifestObject | undefined
    readonly like: ManifestObject | undefined
    readonly namespace: string
  },
): Plain {
  const says = object?.saysNamespace ?? like?.saysNamespace ?? false
  if (says || after.metadata.namespace !== namespace) return plainOf(after)
  const { namespace: _, ...metadata } = after.metadata
  return plainOf({ ...after, metadata })
}
