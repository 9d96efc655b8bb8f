import { gunzipSync, gzipSync } from 'node:zlib'
import type { OwnerReference } from '../../objects/kube-object.ts'
import { fieldsOf, itemsOf, textOf } from '../../objects/unchecked.ts'
import type { KeptRun, RunContent, RunOf } from '../../view/runs/run-store.ts'
import { labelOf } from '../history/record-object.ts'

/** Our own label, by which runs are listed. */
export const runLabel = 'kubectl-canary/run-of'
const runAnnotation = 'kubectl-canary/run'
const serviceAnnotation = 'kubectl-canary/service'

/** For other readers of Leases: we watch the time of renewal ourselves, so that no two clocks are compared. */
const leaseSeconds = 30

/** The number of characters from which a run is compressed: all annotations of an object are limited to 256 KiB in total. */
const compressedFrom = 32_768

export const leaseName = (service: string): string => `kubectl-canary.${labelOf(service)}`

/** What a write changes in the Lease of a run, as a merge patch has it. */
export const leasePatch = ({ text, holder, renewed }: RunContent, now: Date) => ({
  metadata: { annotations: { [runAnnotation]: packed(text) } },
  spec: {
    holderIdentity: holder ?? null,
    leaseDurationSeconds: leaseSeconds,
    // A MicroTime: six digits.
    renewTime: renewed ?? now.toISOString().replace(/Z$/, '000Z'),
  },
})

/** The Lease of a new run; with the Service it goes, where the service is one. */
export function leaseOf(
  { service, namespace }: RunOf,
  content: RunContent,
  { now, owner }: { readonly now: Date; readonly owner: OwnerReference | undefined },
): object {
  const { metadata, spec } = leasePatch(content, now)
  const { holderIdentity, ...rest } = spec
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: leaseName(service),
      namespace,
      labels: { [runLabel]: labelOf(service) },
      annotations: { ...metadata.annotations, [serviceAnnotation]: service },
      ...(owner !== undefined && { ownerReferences: [owner] }),
    },
    spec: holderIdentity === null ? rest : { ...rest, holderIdentity },
  }
}

/** The run in a Lease; undefined for a Lease that holds none. */
export function runIn(lease: unknown): KeptRun | undefined {
  const { metadata, spec } = fieldsOf(lease)
  const { name, namespace, annotations, resourceVersion, ownerReferences } = fieldsOf(metadata)
  const service = textOf(fieldsOf(annotations)[serviceAnnotation])
  const text = textOf(fieldsOf(annotations)[runAnnotation])
  if (service === undefined || text === undefined) return undefined
  const { holderIdentity, renewTime } = fieldsOf(spec)
  return {
    service,
    namespace: textOf(namespace) ?? '',
    name: textOf(name) ?? '',
    text: unpacked(text),
    ...ownerIn(ownerReferences),
    ...(textOf(holderIdentity) !== undefined && { holder: textOf(holderIdentity)! }),
    ...(textOf(renewTime) !== undefined && { renewed: textOf(renewTime)! }),
    resourceVersion: textOf(resourceVersion) ?? '',
  }
}

function ownerIn(references: unknown): Pick<KeptRun, 'owner'> {
  const owner = itemsOf(references)
    .map(fieldsOf)
    .find(({ kind }) => kind === 'Service')
  const [name, uid] = [textOf(owner?.['name']), textOf(owner?.['uid'])]
  return name === undefined || uid === undefined ? {} : { owner: { name, uid } }
}

const prefix = 'gzip:'

const packed = (text: string): string =>
  text.length < compressedFrom ? text : prefix + gzipSync(text).toString('base64')

function unpacked(text: string): string {
  if (!text.startsWith(prefix)) return text
  try {
    return gunzipSync(Buffer.from(text.slice(prefix.length), 'base64')).toString()
  } catch {
    return ''
  }
}
