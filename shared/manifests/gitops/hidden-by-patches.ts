import { realpathSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import { keyOf } from '../../objects/kube-object.ts'
import type { Path } from '../../objects/paths.ts'
import { fieldsOf, isFields, textOf } from '../../objects/unchecked.ts'
import { changedRef, type Change } from '../../view/change.ts'
import { differencesOf } from '../edit/differences.ts'
import { plainOf } from '../edit/equal.ts'
import { filesOf, kustomizeGraph } from '../kustomize/graph.ts'
import type { ReadYaml } from '../kustomize/kustomization.ts'
import { misplacedOperation } from '../kustomize/operations/misplaced-operation.ts'
import { isOperations, isPrefix, tokensOf, type Operation } from '../kustomize/operations/operation-paths.ts'
import type { SectionReader } from '../yaml/documents.ts'
import { outerPatches, type OuterPatch } from './outer-patches.ts'

interface EditedFiles {
  /** The folder of their Git repository. */
  readonly area: string
  readonly paths: readonly string[]
  readonly reader: SectionReader
  readonly read: ReadYaml
}

/**
 * Sentences for people on the patches of Argo CD and Flux in the repository of the edited files that set what an edit
 * changes, so that the cluster does not get it. A build of the files does not have them.
 */
export async function hiddenByPatches(
  changes: readonly Change[],
  { area, paths, reader, read }: EditedFiles,
): Promise<readonly string[]> {
  const patches = (await outerPatches(area, reader)).flatMap(patch => {
    const hidden = changes.filter(change => isFor(patch, change) && hides(patch.content, change))
    return hidden.map(change => ({ patch, change }))
  })
  const notes: string[] = []
  for (const { patch, change } of patches)
    if (await takesAny(resolve(realpathSync(area), patch.folder), paths, read))
      notes.push(
        `${patch.owner} patches what is edited in ${keyOf(changedRef(change))} (${patch.at}): where it applies the object, the cluster gets what its patch says; edit the patch, too.`,
      )
  return [...new Set(notes)]
}

/** Whether the tool that builds a folder builds one of these files. */
async function takesAny(folder: string, paths: readonly string[], read: ReadYaml): Promise<boolean> {
  const real = paths.map(path => realpathSync(path))
  if (real.some(path => path.startsWith(folder.endsWith(sep) ? folder : folder + sep))) return true
  const graph = await kustomizeGraph([folder], read)
  const files = new Set([...graph.byFolder.values()].flatMap(one => [...filesOf(one, graph)]))
  return real.some(path => files.has(path))
}

/** The texts of a target are regular expressions for the whole; without one, the patch names its object. */
function isFor({ target, content }: OuterPatch, change: Change): boolean {
  const { kind, name } = changedRef(change)
  const { kind: ofKind, metadata } = fieldsOf(content)
  return target === undefined
    ? ofKind === kind && fieldsOf(metadata)['name'] === name
    : matches(target['kind'], kind) && matches(target['name'], name)
}

function matches(pattern: unknown, text: string): boolean {
  const said = textOf(pattern) ?? ''
  if (said === '') return true
  try {
    return new RegExp(`^(?:${said})$`).test(text)
  } catch {
    return said === text
  }
}

/** Whether a patch says a field that the edit changes, or would change another item of a list. */
function hides(content: unknown, { before, after }: Change): boolean {
  if (before === undefined || after === undefined) return false
  const [old, now] = [before, after].map(object => plainOf(fieldsOf(Reflect.get(object, 'spec'))))
  const changed = differencesOf(old, now).map(({ path }) => ['spec', ...path])
  if (misplacedOperation(content, before, after) !== undefined) return true
  const said = isOperations(content)
    ? content.filter(isSetting).map(({ path }) => tokensOf(path))
    : pathsIn(fieldsOf(content)['spec'], ['spec'])
  return said.some(path => changed.some(each => isPrefix(path, each) || isPrefix(each, path)))
}

/** One that puts an item into a list moves the others on. */
const isSetting = ({ op, path }: Operation): boolean =>
  op !== 'test' && !(op === 'add' && /\/(?:\d+|-)$/.test(path))

/** What fields of an object say; a list is replaced as a whole in custom resources. */
const pathsIn = (value: unknown, path: Path): readonly Path[] =>
  isFields(value)
    ? Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...path, key]))
    : value === undefined
      ? []
      : [path]
