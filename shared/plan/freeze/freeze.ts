import { refOf } from '../../objects/kinds.ts'
import type { KubeObject, Ref } from '../../objects/kube-object.ts'
import type { ClusterView } from '../../view/cluster-view.ts'

/** On a Service or its Namespace: when its routes must not be changed, and why. */
export const freezeAnnotation = 'kubectl-canary/freeze'

/** A time in which routes must not be changed. */
export interface Freeze {
  /** The Service or the Namespace that says so. */
  readonly on: Ref
  /** RFC 3339; it ends just before `to`. */
  readonly from: string
  readonly to: string
  /** In the words of whoever wrote it; may be empty. */
  readonly reason: string
}

/** An annotation that says nothing that we can read. */
export interface UnreadableFreeze {
  readonly on: Ref
  readonly text: string
}

const time = String.raw`\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?`
const entry = new RegExp(`^(${time})/(${time})(?:\\s+([^]*))?$`)
/** Several are apart by a semicolon; a reason may hold one, too. */
const between = new RegExp(String.raw`;\s*(?=${time}/)`)

/**
 * The times in an annotation: `2026-12-24T00:00Z/2026-12-27T00:00Z reason`, several apart by a semicolon. A day is its
 * beginning in UTC. Undefined for a text that is not all of that form, or whose end is not after its beginning.
 */
export function parseFreezes(text: string): readonly Omit<Freeze, 'on'>[] | undefined {
  const parsed = text
    .trim()
    .split(between)
    .map(part => {
      const [, from = '', to = '', reason = ''] = entry.exec(part.trim()) ?? []
      return Date.parse(from) < Date.parse(to) ? { from, to, reason: reason.trim() } : undefined
    })
  return parsed.includes(undefined) ? undefined : (parsed as readonly Omit<Freeze, 'on'>[])
}

/** The freeze of a service that holds now, or a text of which we cannot tell; undefined where its routes may be changed. */
export function freezeOf(
  view: ClusterView,
  { service, namespace }: { readonly service: string; readonly namespace: string },
  now: Date,
): Freeze | UnreadableFreeze | undefined {
  const objects: readonly (KubeObject | undefined)[] = [
    view.get({ kind: 'Service', namespace, name: service }),
    view.get({ kind: 'Namespace', namespace: '', name: namespace }),
  ]
  for (const object of objects) {
    const text = object?.metadata.annotations?.[freezeAnnotation]
    if (typeof text !== 'string' || text.trim() === '') continue
    const on = refOf(object!)
    const freezes = parseFreezes(text)
    if (freezes === undefined) return { on, text }
    const held = freezes.find(
      ({ from, to }) => Date.parse(from) <= now.getTime() && now.getTime() < Date.parse(to),
    )
    if (held !== undefined) return { on, ...held }
  }
  return undefined
}
