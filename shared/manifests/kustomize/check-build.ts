import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { CanaryError } from '../../objects/canary-error.ts'
import { keyOf, type KubeObject } from '../../objects/kube-object.ts'
import { fieldsOf, itemsOf } from '../../objects/unchecked.ts'
import { changedRef, type Change } from '../../view/change.ts'
import { isDeepEqual } from '../edit/equal.ts'
import type { Rewritten } from '../rewrite.ts'
import { readTexts } from '../read-manifests.ts'
import { valueOf } from '../yaml/value.ts'
import { withoutOrigin, type Building, type Built } from './built.ts'
import { filesOf, reachOf, type KustomizeGraph } from './graph.ts'
import { isFolder, type Kustomization } from './kustomization.ts'
import { sharedFolder } from './other-takers.ts'

/** A kustomization of which a copy is built. */
export interface Copied {
  readonly root: Kustomization
  readonly graph: KustomizeGraph
  readonly making: Omit<Building, 'graph' | 'known'>
}

interface Checking extends Copied {
  readonly built: Built
  readonly changes: readonly Change[]
}

/** A file as it is in a copy: without a text it is not there. */
export type CopiedFile = Pick<Rewritten['files'][number], 'path' | 'after'>

/**
 * Builds the kustomization with its edited files, in a folder of its own, and compares: only what was meant may
 * change. Throws a CanaryError `refused` where the build would be another one.
 */
export async function checkBuild(files: Rewritten['files'], checking: Checking): Promise<void> {
  const edited = files.filter(({ before, after }) => before !== after)
  if (edited.length === 0) return
  const { built, changes } = checking
  const names = [...new Set(edited.map(({ name }) => name))].join(', ')
  const now = await objectsOfCopy(edited, checking).catch((error: unknown) => {
    throw refused(
      `kustomization ${built.name} is not edited: it cannot be built with the change in ${edited[0]!.name}: ${reasonOf(error)}`,
    )
  })
  for (const [key, wanted] of wantedOf(built, changes)) {
    if (isDeepEqual(now.get(key), wanted)) continue
    const isMeant = changes.some(change => keyOf(changedRef(change)) === key)
    throw refused(
      `${key} of kustomization ${built.name} is not edited: with the change in ${names}, the build would ${isMeant ? 'have it otherwise' : 'change this object as well'}`,
    )
  }
}

/**
 * Builds the kustomization with patches added to its own. Throws a CanaryError `refused` where the build would not have
 * what is meant: replacements and transformers come after patches.
 */
export async function checkPatches(patches: readonly object[], checking: Checking): Promise<void> {
  const { root, built, changes, making } = checking
  if (patches.length === 0) return
  const value = fieldsOf(valueOf(await making.reader.read(readFileSync(root.file, 'utf8'))))
  const text = JSON.stringify({ ...value, patches: [...itemsOf(value['patches']), ...patches] })
  const now = await objectsOfCopy([{ path: root.file, after: text }], checking)
  for (const change of changes) {
    const key = keyOf(changedRef(change))
    if (isDeepEqual(now.get(key), change.after)) continue
    throw refused(
      `no patch of kustomization ${built.name} makes this edit of ${key}: what comes after patches, as replacements do, sets its fields`,
    )
  }
}

const refused = (message: string): CanaryError =>
  new CanaryError('refused', message, { hints: ['Edit the kustomization by hand.'] })

/** The objects that were built, as they are meant to be; what is new is listed in no kustomization yet. */
function wantedOf(built: Built, changes: readonly Change[]): ReadonlyMap<string, KubeObject | undefined> {
  const wanted = new Map<string, KubeObject | undefined>(
    built.objects.map(({ ref, object }) => [keyOf(ref), object]),
  )
  for (const change of changes)
    if (change.before !== undefined) wanted.set(keyOf(changedRef(change)), change.after)
  return wanted
}

/** The objects by their keys that a copy with the edited files is built to. Throws where it cannot be built. */
export async function objectsOfCopy(
  edited: readonly CopiedFile[],
  copied: Copied,
): Promise<ReadonlyMap<string, KubeObject>> {
  const { root, making } = copied
  const text = await textOfCopy(edited, copied)
  const output = { name: root.folder, text, root: { kind: 'stdin', path: root.folder } } as const
  const { objects } = await readTexts([output], making)
  return new Map(objects.map(({ ref, object }) => [keyOf(ref), withoutOrigin(object).object]))
}

/** What an error says, without the folder of the copy, which is gone. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(
    /^.*recursed accumulation of path '[^']*kubectl-canary-[^']*': /,
    '',
  )

async function textOfCopy(edited: readonly CopiedFile[], { root, graph, making }: Copied): Promise<string> {
  const inputs = await inputsOf(root, graph, making)
  const area = sharedFolder(inputs.map(path => dirname(path)))
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'kubectl-canary-')))
  const at = (path: string): string => join(copy, 'copy', relative(area, path))
  try {
    for (const path of inputs) {
      mkdirSync(dirname(at(path)), { recursive: true })
      cpSync(path, at(path), { recursive: true, dereference: true })
    }
    for (const { path, after } of edited) {
      if (path === undefined) continue
      if (after === undefined) rmSync(at(resolve(path)), { force: true })
      else {
        mkdirSync(dirname(at(resolve(path))), { recursive: true })
        writeFileSync(at(resolve(path)), after)
      }
    }
    return (await making.build(at(root.folder))).text
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** The files that a build reads: those of the graph, and whatever a text in a kustomization names beside it. */
async function inputsOf(
  root: Kustomization,
  graph: KustomizeGraph,
  { reader }: Copied['making'],
): Promise<readonly string[]> {
  const inputs = new Set([...filesOf(root, graph)].filter(path => !graph.byFolder.has(path)))
  for (const { folder, file } of reachOf(root, graph)) {
    for (const text of textsIn(valueOf(await reader.read(readFileSync(file, 'utf8'))))) {
      // Generators name files as `key=path`.
      for (const entry of [text, text.slice(text.indexOf('=') + 1)]) {
        if (entry === '' || entry.includes('\n') || isAbsolute(entry)) continue
        const path = resolve(folder, entry)
        const isAround = `${folder}${sep}`.startsWith(`${path}${sep}`)
        if (!isAround && existsSync(path) && !(isFolder(path) && graph.byFolder.has(path))) inputs.add(path)
      }
    }
  }
  return [...inputs]
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
