import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { fieldsOf } from '../../../shared/objects/unchecked.ts'
import type { ServiceReading } from '../../../shared/routing/provider.ts'

/** The VirtualServices and DestinationRules on which a service's traffic rests. */
export const routingObjects = ({ view, subjects }: ServiceReading): readonly KubeObject[] =>
  subjects
    .filter(({ kind }) => kind === 'VirtualService' || kind === 'DestinationRule')
    .flatMap(ref => view.get(ref) ?? [])

/** The keys of labels and annotations by which Argo CD, Flux and Helm know what is theirs. */
const toolMark =
  /^(argocd\.argoproj\.io|(helm|kustomize)\.toolkit\.fluxcd\.io|meta\.helm\.sh)\/|^app\.kubernetes\.io\/instance$/

/** Whether a tool may apply the object: most have no such mark. */
export const hasToolMark = ({ metadata }: KubeObject): boolean =>
  [metadata.labels, metadata.annotations].some(marks =>
    Object.keys(fieldsOf(marks)).some(key => toolMark.test(key)),
  )
