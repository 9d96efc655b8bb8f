/** Does to objects what a command says that a fix prints, as an API server would. */
import assert from 'node:assert/strict'
import type { KubeObject, Ref } from '../../../shared/objects/kube-object.ts'
import { keyOf } from '../../../shared/objects/kube-object.ts'
import { apiKindOf, kinds, refOf, resources } from '../../../shared/objects/kinds.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { patched } from '../../scenarios/patched.ts'

type Objects = readonly KubeObject[]

/** The commands that a fix prints, each on a line of its own. */
export const commandsOf = (fix: string): readonly string[] =>
  fix.split('\n').filter(line => /^(?:kubectl|echo) /.test(line))

/** The words of a command as a shell reads them. */
const wordsOf = (command: string): readonly string[] =>
  [...command.matchAll(/(?:[^\s'\\]|\\.|'[^']*')+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|\\(.)/g, (_, quoted?: string, escaped?: string) => quoted ?? escaped ?? ''),
  )

/** Objects after a command; fails where kubectl would. */
export function commanded(objects: Objects, command: string): Objects {
  const [, manifest] = /^echo '(.*)' \| kubectl apply -f -$/.exec(command) ?? []
  if (manifest !== undefined) return applied(objects, JSON.parse(manifest) as KubeObject)
  const [, verb, ...rest] = wordsOf(command)
  if (verb === 'canary') return withoutCohort(objects, rest)
  const [type, name, , namespace, ...options] = rest
  const ref = { kind: kindNamed(type!), name: name!, namespace: namespace! } as Ref
  assert.ok(
    objects.some(object => keyOf(refOf(object)) === keyOf(ref)),
    `${keyOf(ref)} is not found: ${command}`,
  )
  if (verb === 'delete') return objects.filter(object => keyOf(refOf(object)) !== keyOf(ref))
  return objects.map(object =>
    keyOf(refOf(object)) === keyOf(ref) ? changed(object, verb!, options) : object,
  )
}

function changed(object: KubeObject, verb: string, options: readonly string[]): KubeObject {
  if (verb === 'patch') {
    const patch = options.find(option => option.startsWith('-p='))!.slice('-p='.length)
    return patched(object, JSON.parse(patch) as object as never)
  }
  const field = { label: 'labels', annotate: 'annotations' }[verb]
  assert.ok(field !== undefined, `kubectl ${verb}`)
  const pairs = options.map(option => {
    const [, key = '', value = ''] = /^([^=]*?)(?:-|=(.*))$/.exec(option) ?? []
    return [key, option.endsWith('-') && value === '' ? null : value] as const
  })
  return patched(object, { metadata: { [field]: Object.fromEntries(pairs) } })
}

const kindNamed = (type: string): string => {
  const kind = kinds.find(
    each =>
      `${resources[each].plural}.${resources[each].group}` === type || apiKindOf(each).toLowerCase() === type,
  )
  assert.ok(kind !== undefined, `no resource type ${type}`)
  return kind
}

const applied = (objects: Objects, made: KubeObject): Objects =>
  objects.some(object => keyOf(refOf(object)) === keyOf(refOf(made)))
    ? objects.map(object =>
        keyOf(refOf(object)) === keyOf(refOf(made)) ? patched(object, made as object as never) : object,
      )
    : [...objects, made]

function withoutCohort(objects: Objects, words: readonly string[]): Objects {
  const [verb, name, service, remove, , namespace] = words
  assert.deepEqual([verb, remove], ['cohort', '--remove'])
  const view = snapshot(objects)
  const target = {
    namespace: namespace!,
    service: service!.replace(/\.$/, ''),
    command: 'cohort',
    live: true,
  }
  const { changes } = planRemoveCohort(view, { target, name: name! })
  const after = overlay(view, changes)
  return objects.flatMap(object => after.get(refOf(object)) ?? [])
}
