/** What kubectl prints of a denial, read as a person does who follows it to the letter. */
import { fieldsOf } from '../../../../shared/objects/unchecked.ts'

export interface DenialBlock {
  readonly rule: string
  /** `VirtualService shop/catalog`. */
  readonly object: string
  readonly path: string
  /** The lines of the fix. */
  readonly fix: readonly string[]
}

/** The findings of a denial, in the order in which they are printed. */
export function blocksOf(stderr: string): readonly DenialBlock[] {
  return stderr
    .split(/\n(?=\[[\w-]+\] )/)
    .slice(1)
    .map(text => {
      const [, rule = '', object = '', path = ''] = /^\[(.*?)\] (\S+ \S+)(?: at (.*))?$/m.exec(text) ?? []
      const [, fix = ''] = /^ {2}Fix: ([^]*?)(?=^\S|(?![^]))/m.exec(text) ?? []
      return {
        rule,
        object,
        path,
        fix: fix
          .split('\n')
          .map(line => line.trim())
          .filter(line => line !== ''),
      }
    })
}

/** The commands that a fix prints. */
export const commandsIn = ({ fix }: DenialBlock): readonly string[] =>
  fix.filter(line => /^(?:kubectl|echo) /.test(line))

/** The edits that a fix names, of the object that is being sent: `Set PATH: VALUE`, `Remove PATH`, items to add, or what is to be kept. */
export function editsIn({ fix }: DenialBlock): readonly PrintedEdit[] {
  const [first = '', ...rest] = fix
  if (first.startsWith('Add in ')) return rest.map(keptEdit)
  if (first.startsWith('Keep in '))
    return rest
      .slice(
        0,
        rest.findIndex(line => /^(?:Or first|It can be removed) /.test(line)),
      )
      .map(keptEdit)
  const [, removed] = /^Remove ((?:spec|metadata)\S+?)(?:[,.]| from )/.exec(first) ?? []
  if (removed !== undefined) return [{ path: stepsOf(removed) }]
  return [
    ...first.matchAll(/((?:spec|metadata)[.[]\S+): ("(?:[^"\\]|\\.)*"|[^\s,]+?)(?=[,.]?(?:\s|$))/g),
  ].map(([, path, value]) => ({
    path: stepsOf(path!),
    value: valueOf(value!),
  }))
}

/** One field to set; to remove, where there is no value; an item to have in a list, where it says so. */
export interface PrintedEdit {
  readonly path: readonly (string | number)[]
  readonly value?: unknown
  readonly isItem?: boolean
}

function keptEdit(line: string): PrintedEdit {
  const [, isItem, path, value] = /^(an item of )?(\S+): (.*)$/.exec(line) ?? []
  if (path === undefined) return { path: stepsOf(line.replace(/^no /, '')) }
  return { path: stepsOf(path), value: valueOf(value!), isItem: isItem !== undefined }
}

/** A path as its keys and indexes. */
export const stepsOf = (path: string): readonly (string | number)[] =>
  [...path.matchAll(/\["([^"]+)"\]|\[(\d+)\]|[^.[\]]+/g)].map(
    ([step, quoted, index]) => quoted ?? (index === undefined ? step : Number(index)),
  )

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** An object with an edit made. */
export function edited<T extends object>(object: T, { path, value, isItem = false }: PrintedEdit): T {
  const copy = structuredClone(object)
  let within = copy as Record<string | number, unknown>
  for (const step of path.slice(0, -1)) within = (within[step] ??= {}) as Record<string | number, unknown>
  const last = path.at(-1)!
  if (isItem) within[last] = [...itemsBeside(within[last], value), value]
  else if (value !== undefined) within[last] = value
  else if (Array.isArray(within)) within.splice(last as number, 1)
  else delete within[last]
  return copy
}

/** The items that are not the same subset or port. */
const itemsBeside = (list: unknown, value: unknown): readonly unknown[] =>
  (Array.isArray(list) ? list : []).filter(item =>
    (['port', 'name'] as const).every(
      key => fieldsOf(item)[key] === undefined || fieldsOf(item)[key] !== fieldsOf(value)[key],
    ),
  )
