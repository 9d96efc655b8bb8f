/** Does to objects what a fix of `lint -f` says, as a person does who follows it to the letter. */
import { keyOf, type KubeObject } from '../../shared/objects/kube-object.ts'
import { refOf } from '../../shared/objects/kinds.ts'
import { edited, stepsOf } from '../webhook/cluster/rules/denial.ts'

/** The object that a fix is printed for, by `KIND NAMESPACE/NAME`, and the lines of the fix. */
export interface PrintedFix {
  readonly on: string
  readonly fix: string
}

type Objects = readonly KubeObject[]

const place = String.raw`(?: in (\S+ \S+) \(\S+:\d+\))?`
const value = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Changes one object; undefined where there is none of that name. */
const changing = (
  objects: Objects,
  key: string,
  change: (object: KubeObject) => KubeObject,
): Objects | undefined =>
  objects.some(object => keyOf(refOf(object)) === key)
    ? objects.map(object => (keyOf(refOf(object)) === key ? change(object) : object))
    : undefined

/** The forms in which a fix says an edit; each gives the objects after it, or undefined where it says something else. */
const forms: readonly ((objects: Objects, printed: PrintedFix) => Objects | undefined)[] = [
  (objects, { on, fix }) => {
    const [, path, other, text] = /^Remove (spec\S+) and set (spec\S+): (\d+)\.$/.exec(fix) ?? []
    return path === undefined
      ? undefined
      : changing(objects, on, object =>
          edited(edited(object, { path: stepsOf(other!), value: Number(text) }), { path: stepsOf(path) }),
        )
  },
  (objects, { fix }) => {
    const [, json] = /^Add \S+ \S+ to the files: (\{.*\})$/m.exec(fix) ?? []
    return json === undefined ? undefined : [...objects, JSON.parse(json) as KubeObject]
  },
  (objects, { on, fix }) => {
    const [, path, key = on, json] = new RegExp(`^Add to (\\S+)${place}: (.*)$`, 'm').exec(fix) ?? []
    return path === undefined
      ? undefined
      : changing(objects, key, object =>
          edited(object, { path: stepsOf(path), value: value(json!), isItem: true }),
        )
  },
  (objects, { on, fix }) => {
    const [, path, name] = /^Rename (\S+) to (\w+)\.$/.exec(fix) ?? []
    if (path === undefined) return undefined
    const steps = stepsOf(path)
    return changing(objects, on, object => {
      const was = steps.reduce<unknown>((at, step) => Reflect.get(at as object, step), object)
      return edited(edited(object, { path: steps }), { path: [...steps.slice(0, -1), name!], value: was })
    })
  },
  (objects, { on, fix }) => {
    const [, path, key = on] =
      /^Remove ((?:spec|metadata)\S*?)(?: in (\S+ \S+) \(\S+:\d+\))?(?:[.,](?:\s.*)?)?$/.exec(fix) ?? []
    return path === undefined
      ? undefined
      : changing(objects, key, object => edited(object, { path: stepsOf(path) }))
  },
  (objects, { fix }) => {
    const [, path, key, text] = new RegExp(`^Set (\\S+)${place}: (.*)$`).exec(fix) ?? []
    return key === undefined
      ? undefined
      : changing(objects, key, object => edited(object, { path: stepsOf(path!), value: value(text!) }))
  },
  (objects, { on, fix }) => {
    if (!/^(?:Set|Move|First apply) /.test(fix)) return undefined
    const sets = [
      ...fix.matchAll(/(spec[.[]\S+|metadata[.[]\S+): ("(?:[^"\\]|\\.)*"|[^\s,]+?)(?=[,.]?(?:\s|$))/g),
    ]
    return sets.length === 0
      ? undefined
      : changing(objects, on, object =>
          sets.reduce(
            (at, [, path, text]) => edited(at, { path: stepsOf(path!), value: value(text!) }),
            object,
          ),
        )
  },
]

/** The objects after the fix; undefined where it says no edit that could be made. */
export function followed(objects: Objects, printed: PrintedFix): Objects | undefined {
  for (const form of forms) {
    const after = form(objects, printed)
    if (after !== undefined) return after
  }
  return undefined
}
