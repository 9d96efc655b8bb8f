import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments, stringify } from 'yaml'
import { examples } from '../../test/rules/examples.ts'

/** What breaks a rule and the same fixed, as manifests in block style. */
export interface ShownExample {
  readonly wrong: string
  readonly right: string
  /** The example needs all objects of a cluster, not some files. */
  readonly complete: boolean
}

/** A mistake that people make, from the fixtures: what it is, and the object that has it. */
export interface Mistake {
  readonly what: string
  readonly manifest: string
}

/** Rules about the text of files, which no object can break. */
const ofText: Readonly<Record<string, Omit<ShownExample, 'complete'>>> = {
  'unreadable-manifest': {
    wrong: 'apiVersion: v1\nkind: Service\nmetadata:\n  name: catalog\n   labels: {app: catalog}\n',
    right: 'apiVersion: v1\nkind: Service\nmetadata:\n  name: catalog\n  labels: {app: catalog}\n',
  },
  'invalid-exemption': {
    wrong:
      'apiVersion: v1\nkind: Service\nmetadata:\n  name: catalog\n  annotations:\n    kubectl-canary/exempt: unnamed-port\n',
    right:
      'apiVersion: v1\nkind: Service\nmetadata:\n  name: catalog\n  annotations:\n    kubectl-canary/exempt: "unnamed-port: spoken through a proxy of our own"\n',
  },
}

/** The example of a rule for the first kind that it judges. */
export function exampleOf(id: string): ShownExample | undefined {
  const written = ofText[id]
  if (written !== undefined) return { ...written, complete: false }
  const [, example] = Object.entries(examples).find(([name]) => name.split(' ')[0] === id) ?? []
  if (example === undefined) return undefined
  const { violates, holds, complete = false } = example
  return { wrong: blockStyle(violates), right: blockStyle(holds), complete }
}

const blockText = (object: unknown): string => stringify(object, { lineWidth: 0, indentSeq: false })

/** Manifests as people write them; the examples of the tests have an object on a line, and the dates of a cluster. */
const blockStyle = (text: string): string =>
  parseAllDocuments(text)
    .map(document => document.toJS() as { readonly metadata?: object })
    .map(object => ({
      ...object,
      ...(object.metadata && { metadata: { ...object.metadata, creationTimestamp: undefined } }),
    }))
    .map(object => blockText(object))
    .join('---\n')

/** The mistakes among the fixtures that are reported by a rule, in the order of their files. */
export function mistakesOf(root: string, id: string): readonly Mistake[] {
  const folder = join(root, 'test/fixtures/mistakes/broken')
  return readdirSync(folder).flatMap(file => {
    const text = readFileSync(join(folder, file), 'utf8')
    const [, rule, kind, name] = /^# finds: \S+ (\S+) (\S+) (\S+)$/m.exec(text) ?? []
    if (rule !== id) return []
    const object = parseAllDocuments(text)
      .map(
        document =>
          document.toJS() as { readonly kind: string; readonly metadata: { readonly name: string } },
      )
      .find(each => each.kind === kind && each.metadata.name === name)
    const [, said = file.replace('.yaml', '').replaceAll('-', ' ')] = /^# (?!finds: )(.*)$/m.exec(text) ?? []
    const what = `${said.charAt(0).toUpperCase()}${said.slice(1)}`
    return object === undefined ? [] : [{ what, manifest: blockText(object) }]
  })
}

/** The numbers of the lines, from 1, that a text does not share with another one, by a longest common subsequence. */
export function ownLines(text: string, other: string): readonly number[] {
  const [a, b] = [text.split('\n'), other.split('\n')]
  const common: number[][] = Array.from({ length: a.length + 1 }, () => Array<number>(b.length + 1).fill(0))
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i]![j] =
        a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!)
  const own: number[] = []
  for (let i = 0, j = 0; i < a.length;)
    if (j < b.length && a[i] === b[j]) [i, j] = [i + 1, j + 1]
    else if (j < b.length && common[i]![j + 1]! > common[i + 1]![j]!) j++
    else own.push(++i)
  return own
}
