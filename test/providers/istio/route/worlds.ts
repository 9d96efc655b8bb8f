import { defaultMesh, type MeshSettings } from '../../../../shared/view/mesh.ts'
import type { ClusterView } from '../../../../shared/view/cluster-view.ts'
import { sessionOf } from '../../../../shared/view/session.ts'
import { snapshot } from '../../../../shared/view/snapshot.ts'
import type { Decision } from '../../../../shared/routing/request/decision.ts'
import type { Request } from '../../../../shared/routing/request/request.ts'
import { route } from '../../../../shared/providers/istio/route/route.ts'
import { re2 } from '../../../routing/requests.ts'
import { objectsOf } from '../resolve/corpus.ts'
import { istio, service } from '../resolve/written-objects.ts'

/** A session on the objects that some YAML holds. */
export const viewOf = (yaml: string, mesh: Partial<MeshSettings> = {}): ClusterView =>
  sessionOf(snapshot(objectsOf(yaml), { mesh: { ...defaultMesh, ...mesh } }))

/** The decision on a request, in a world that is whole. */
export const decide = (view: ClusterView, request: Request): Decision => route(view, request, { regex: re2 })

/** Where a request goes, in short: `r1 → catalog v2 90`, with what fails; by no route `default → catalog`. */
export function goesTo(view: ClusterView, request: Request): string {
  const decision = decide(view, request)
  const { kind, status, redirect, reason, isPassedThrough, isOpaque, destinations } = decision
  const name = decision.route?.name ?? (decision.route === undefined ? 'default' : 'unnamed')
  if (isPassedThrough) return 'passed through'
  if (kind === 'none') return reason!
  if (kind === 'direct') return `${name} ${status}`
  if (kind === 'redirect') return `${name} to ${JSON.stringify(redirect)}`
  const shown = destinations.map(({ host, subset, port, percent, failure }) =>
    [
      host.replace('.svc.cluster.local', ''),
      subset,
      port === 80 ? undefined : `:${port}`,
      percent === 100 ? undefined : percent,
      failure?.flag,
      failure?.flag === 'NC' ? failure.missing : undefined,
    ]
      .filter(part => part !== undefined)
      .join(' '),
  )
  return `${isOpaque ? 'opaque ' : ''}${name} → ${shown.join(', ')}`
}

/** The Services catalog and orders of the namespace shop on port 80, each with a pod of version v1. */
export const shop = ['catalog', 'orders']
  .map(
    (name, i) =>
      service(
        name,
        `clusterIP: 10.0.0.${i + 1}, ports: [{ name: http, port: 80 }], selector: { app: ${name} }`,
      )
      + `---\napiVersion: v1\nkind: Pod\nmetadata: { name: ${name}-1, namespace: shop, labels: { app: ${name}, version: v1 } }\nspec: { containers: [] }\n`,
  )
  .join('')

/** Subsets v1 and v2 of catalog; only v1 has a pod. */
export const subsets = istio(
  'DestinationRule',
  'shop/catalog',
  '{ host: catalog, subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }] }',
)

/** A VirtualService whose routes are given as YAML in flow style; the day orders them by age. */
export const virtualService = (name: string, spec: string, day = 1): string =>
  istio('VirtualService', name, spec).replace(
    'metadata: {',
    `metadata: { creationTimestamp: 2026-01-${String(day).padStart(2, '0')}T00:00:00Z,`,
  )

/** A route by its name to a Service. */
export const to = (name: string, host: string, rest = ''): string =>
  `{ name: ${name}, ${rest === '' ? '' : `${rest}, `}route: [{ destination: { host: ${host} } }] }`
