import { contentOf } from '../../objects/content/content.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import { changedRef, type Change } from '../../view/change.ts'
import { resourceName } from '../api-path.ts'
import { patchOf } from './write-object.ts'

/**
 * The kubectl command that carries a change out by hand; `flags` are the global ones, each with a space
 * before it.
 */
export function commandFor(change: Change, flags: string): string {
  const { before, after, patch } = change
  const { kind, namespace, name } = changedRef(change)
  const where = `${namespace === '' ? '' : ` -n ${namespace}`}${flags}`
  if (after === undefined) return `kubectl delete ${resourceName(kind)} ${name}${where}`
  if (before === undefined) return `echo ${quoted(contentOf(after))} | kubectl create${where} -f -`
  const part = patch?.subresource === undefined ? '' : ` --subresource=${patch.subresource}`
  const body = patch?.body ?? unbound(patchOf(before, after) ?? {})
  return `kubectl patch ${resourceName(kind)} ${name}${where}${part} --type=${patch?.type ?? 'merge'} -p ${quoted(body)}`
}

/** By hand the patch is for whatever is there by then. */
function unbound({ metadata, ...patch }: Readonly<Record<string, unknown>>): object {
  const { resourceVersion: _, ...rest } = (metadata ?? {}) as Partial<KubeObject['metadata']>
  return { ...patch, ...(Object.keys(rest).length > 0 && { metadata: rest }) }
}

const quoted = (value: object): string => `'${JSON.stringify(value).replaceAll("'", "'\\''")}'`
