import { descendants, SourceProblem, type Mapping, type Node, type Sequence } from '../yaml/node.ts'
import { isMergeKey, keyText, valueOf } from '../yaml/value.ts'
import { align, alignLone } from './align.ts'
import { BlockEditor } from './edit-block.ts'
import { changeFlow } from './edit-flow.ts'
import { isDeepEqual } from './equal.ts'
import { exampleItem } from './examples.ts'
import type { Plain } from './plain.ts'
import { isFull, printFlow, printFlowPair, printInline, printLike } from './print.ts'
import { expandHint, Repeats } from './repeats.ts'
import { columnOf, lineBreakOf, marginAt, Styles } from './style.ts'
import { spliced, type Added, type EntryEdits, type ValueLocation, type Splice } from './splice.ts'

/**
 * The document's text with another value: only what differs is written again. Throws a SourceProblem where
 * that would change other places too.
 */
export function withValue(text: string, root: Node, wanted: Plain): string {
  // Lines are easier to move when the last one is as complete as the others.
  const lineBreak = text.endsWith('\n') ? '' : lineBreakOf(text)
  const whole = text + lineBreak
  const editor = new Editor(whole, root)
  editor.edit(root, wanted)
  editor.writeOut()
  const result = spliced(whole, editor.splices)
  return lineBreak === '' ? result : result.replace(/\r?\n$/, '')
}

type PlainMap = { readonly [key: string]: Plain }

class Editor {
  readonly splices: Splice[] = []
  readonly #text: string
  readonly #styles: Styles
  readonly #block: BlockEditor
  readonly #repeats: Repeats

  constructor(text: string, root: Node) {
    this.#text = text
    this.#styles = new Styles(text, root)
    this.#block = new BlockEditor(text, this.#styles)
    this.#repeats = new Repeats(root)
  }

  /** Makes a node the wanted value. No place is the document's root. */
  edit(node: Node, wanted: Plain, place?: ValueLocation): void {
    this.#repeats.want(node, wanted)
    // What an alias repeats may become what is wanted here, too.
    if (node.type === 'alias' || isDeepEqual(valueOf(node), wanted)) return
    if (node.type === 'map' && isMapping(wanted) && this.#editMapping(node, wanted)) return
    if (node.type === 'seq' && Array.isArray(wanted) && this.#editSequence(node, wanted as readonly Plain[]))
      return
    // The anchor stays where a text takes the place of a text.
    if (node.type !== 'scalar' || node.start === node.end || isFull(wanted)) this.#refuseLoss(node)
    this.#replace(node, wanted, place)
  }

  /** Writes the values of aliases out that are to differ from what they repeat. */
  writeOut(): void {
    for (const { alias, wanted, place } of this.#repeats.unlike()) this.#replace(alias, wanted, place)
  }

  /** Nothing may go that an alias elsewhere needs. */
  #refuseLoss(node: Node): void {
    this.#repeats.drop(node)
    const lost = descendants(node).find(inner => this.#repeats.isShared(inner))
    if (lost !== undefined)
      throw new SourceProblem(
        lost.start,
        'the edit would remove a value that an alias repeats elsewhere',
        expandHint,
      )
  }

  /** False when none of its keys stays, so that it is better replaced as a whole. */
  #editMapping(node: Mapping, wanted: PlainMap): boolean {
    const before = valueOf(node) as PlainMap
    const names = node.entries.map(({ key }) => (isMergeKey(key) ? undefined : keyText(key)))
    const merged = Object.keys(before).find(name => !names.includes(name) && !Object.hasOwn(wanted, name))
    if (merged !== undefined)
      throw new SourceProblem(
        node.start,
        `\`${merged}\` comes from a merge key (\`<<\`) and cannot be removed here`,
        'Replace the merge key with its keys, then run this again.',
      )
    // A key with null is none, as for the API server: it stays as it is written.
    const isSet = (name: string | undefined): name is string => name !== undefined && before[name] !== null
    const removed = new Set(
      [...names.keys()].filter(i => isSet(names[i]) && !Object.hasOwn(wanted, names[i])),
    )
    if (removed.size === names.length) return false
    const added: Added[] = []
    // A key wins over a merge only when it stands after it.
    const least = names.lastIndexOf(undefined) + 1
    let place = 0
    for (const [key, value] of Object.entries(wanted)) {
      const i = names.indexOf(key)
      if (i >= 0) {
        this.edit(node.entries[i]!.value, value, { collection: node, entry: node.entries[i]! })
        place = i + 1
      } else if (!Object.hasOwn(before, key) || !isDeepEqual(before[key], value)) {
        added.push({ before: Math.max(place, least), key, value })
      }
    }
    this.#change(node, { removed, added })
    return true
  }

  #editSequence(node: Sequence, wanted: readonly Plain[]): boolean {
    const alignment = alignLone(align(valueOf(node) as readonly Plain[], wanted), {
      text: this.#text,
      node,
      isShared: one => this.#repeats.isShared(one),
    })
    const kept = new Set(alignment)
    const removed = new Set([...node.entries.keys()].filter(i => !kept.has(i)))
    if (removed.size === node.entries.length) return false
    const added: Added[] = []
    let before = 0
    for (const [j, i] of alignment.entries()) {
      if (i === undefined) {
        added.push({ before, value: wanted[j]! })
      } else {
        this.edit(node.entries[i]!.value, wanted[j]!, { collection: node, entry: node.entries[i]! })
        before = i + 1
      }
    }
    this.#change(node, { removed, added })
    return true
  }

  #change(node: Mapping | Sequence, edits: EntryEdits): void {
    for (const i of edits.removed) this.#refuseLoss(node.entries[i]!.value)
    if (edits.removed.size === 0 && edits.added.length === 0) return
    const print = (added: Added): string => this.#flowEntry(node, added)
    this.splices.push(
      ...(node.flow
        ? changeFlow(this.#text, node, { ...edits, print, style: this.#styles.near(node.start) })
        : this.#block.change(node, edits)),
    )
  }

  /** Another value in the place of a node. */
  #replace(node: Node, wanted: Plain, place: ValueLocation | undefined): void {
    const style = this.#styles.near(node.start)
    const inFlow = place === undefined ? style.json : place.collection.flow
    if (inFlow) {
      const lead = node.start === node.end ? ' ' : ''
      const text = isFull(wanted)
        ? printFlow(wanted, { style, like: node, margin: marginAt(this.#text, node.start) })
        : printLike(wanted, node, { style, flow: true })
      this.splices.push({ start: node.start, end: node.end, text: lead + text })
    } else if (place === undefined) {
      const column = columnOf(this.#text, node.start)
      this.splices.push(
        isFull(wanted)
          ? this.#block.replaceWhole(node, wanted, { column, lead: '' })
          : { start: node.start, end: node.end, text: printInline(wanted, style) },
      )
    } else {
      this.splices.push(
        ...(isFull(wanted)
          ? this.#block.replaceByBlock(place, wanted)
          : this.#block.replaceByInline(place, printLike(wanted, node, { style, flow: false }))),
      )
    }
  }

  /** An entry that is added to a flow collection. */
  #flowEntry(node: Mapping | Sequence, { key, value, before }: Added): string {
    const { start } = node.entries[0]!
    const style = this.#styles.near(start)
    // In a collection on one line, what is added stays on it.
    const margin = this.#text.slice(node.start, start).includes('\n')
      ? marginAt(this.#text, start)
      : undefined
    return key === undefined
      ? printFlow(value, { style, like: exampleItem(node, value, before), margin })
      : printFlowPair(key, value, { style, like: node, margin })
  }
}

const isMapping = (value: Plain): value is PlainMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
