import { parseAllDocuments } from 'yaml'
import type { HttpRoute, VirtualService } from '../../../shared/objects/virtual-service.ts'
import { ManifestsFolder } from '../manifests-folder.ts'

const deployment = (version: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: catalog-${version}, namespace: shop}
spec: {template: {metadata: {labels: {app: catalog, version: ${version}}}}}
`

/** The Service catalog with two ports, three versions of it, and subsets for them. */
const workloads = `apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: shop}
spec:
  selector: {app: catalog}
  ports: [{name: http, port: 80}, {name: http-admin, port: 8080}]
${['v1', 'v2', 'v3'].map(deployment).join('')}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: catalog, namespace: shop}
spec:
  host: catalog
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
  - {name: v3, labels: {version: v3}}
`

/** A folder with the catalog of namespace shop, and its VirtualService with the `spec` that is given as YAML. */
export function catalogFolder(spec: string): ManifestsFolder {
  const folder = new ManifestsFolder()
  folder.write('workloads.yaml', workloads)
  folder.write(
    'route.yaml',
    `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: catalog, namespace: shop}
spec:
  hosts: [catalog]
${spec.replace(/^(?=.)/gm, '  ')}`,
  )
  return folder
}

/** The VirtualService as its file says it now. */
export const routeIn = (folder: ManifestsFolder): VirtualService =>
  parseAllDocuments(folder.texts()['route.yaml']!)[0]!.toJS() as VirtualService

/** Where a route leads, with what it asks of the header x-istio-cohort: `internal: v2`, `v1 90, v2 10`, `any`. */
export function formatRoute({ match, route }: HttpRoute): string {
  const [cohort] = (match ?? []).flatMap(({ headers }) => headers?.['x-istio-cohort']?.exact ?? [])
  const parts = (route ?? []).map(({ destination: { subset = 'any' }, weight }) =>
    weight === undefined ? subset : `${subset} ${weight}`,
  )
  return `${cohort === undefined ? '' : `${cohort}: `}${parts.join(', ')}`
}
