import assert from 'node:assert/strict'
import type { KubeObject } from '../../shared/objects/kube-object.ts'

/** One step of a JSON patch (RFC 6902), as far as commands print them. */
export interface Step {
  readonly op: 'add' | 'replace' | 'remove' | 'test'
  readonly path: string
  readonly value?: unknown
}

type Fields = Readonly<Record<string, unknown>>

/** An object after a patch as `kubectl patch --type=json` and `--type=merge` apply it. Fails where a step does not apply. */
export const patched = (object: KubeObject, patch: Fields | readonly Step[]): KubeObject =>
  (isSteps(patch) ? patch.reduce(stepped, object as unknown) : merged(object, patch)) as KubeObject

const isSteps = (patch: Fields | readonly Step[]): patch is readonly Step[] => Array.isArray(patch)

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** RFC 7386. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch
  const result: Record<string, unknown> = isFields(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key)
    else result[key] = merged(result[key], value)
  }
  return result
}

function stepped(target: unknown, step: Step): unknown {
  const keys = step.path
    .split('/')
    .slice(1)
    .map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  const copy = structuredClone(target)
  const parent = keys.slice(0, -1).reduce((at, key) => {
    const next: unknown = Reflect.get(at as object, key)
    assert.ok(typeof next === 'object' && next !== null, `${step.path}: there is no ${key}`)
    return next
  }, copy) as object
  applyAt(parent, keys.at(-1)!, step)
  return copy
}

function applyAt(parent: object, key: string, { op, path, value }: Step): void {
  const isThere = Reflect.has(parent, key)
  if (op !== 'add') assert.ok(isThere, `${path}: there is nothing to ${op}`)
  if (op === 'test') assert.deepEqual(Reflect.get(parent, key), value)
  else if (Array.isArray(parent)) {
    const at = key === '-' ? parent.length : Number(key)
    parent.splice(at, op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [value]))
  } else if (op === 'remove') Reflect.deleteProperty(parent, key)
  else Reflect.set(parent, key, value)
}
