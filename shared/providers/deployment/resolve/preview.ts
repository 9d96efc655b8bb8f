import type { Service } from '../../../objects/core.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { shortName } from '../../../objects/text/short-name.ts'
import { textOf } from '../../../objects/unchecked.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'

/** Says on a Service of which other one it shows a version until that is promoted, and which: `hello=green`. */
export const previewAnnotation = 'kubectl-canary/preview-of'

/** The name of the Service that shows a version of another one. */
export const previewName = (service: string): string => shortName(`${service}-preview`)

/** The Service of which one shows a version: as it says itself, or by the name that people give it. */
export function previewOf(view: ClusterView, service: Service): string | undefined {
  const said = previewSaid(service)?.service
  if (said !== undefined) return said
  const { name } = service.metadata
  const base = name.endsWith('-preview') ? name.slice(0, -'-preview'.length) : undefined
  return base !== undefined && view.get({ kind: 'Service', namespace: namespaceOf(service), name: base })
    ? base
    : undefined
}

/** What a Service that was made for a preview says of it. */
export function previewSaid({
  metadata,
}: Service): { readonly service: string; readonly version: string } | undefined {
  const text = textOf(metadata.annotations?.[previewAnnotation])
  const equals = text?.indexOf('=') ?? -1
  return text === undefined || equals < 1
    ? undefined
    : { service: text.slice(0, equals), version: text.slice(equals + 1) }
}

/** The Service that was made for the preview of a version of another one. */
export function madePreview(
  view: ClusterView,
  { name, namespace }: RoutedService,
): { readonly object: Service; readonly version: string } | undefined {
  const object = view.get({ kind: 'Service', namespace, name: previewName(name) })
  const said = object && previewSaid(object)
  return object !== undefined && said?.service === name ? { object, version: said.version } : undefined
}
