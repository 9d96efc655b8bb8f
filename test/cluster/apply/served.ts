/** What kinds an API server serves, and which it is to serve. */
import { readCrds, type CrdSet } from '../crds.ts'
import type { Ask, Asked } from './asked.ts'

/** What of a cluster is asked here. */
interface AskedCluster {
  expect(path: string, asked?: Asked): Promise<unknown>
}

/** How a kind is asked for. */
export interface ServedKind {
  readonly resource: string
  readonly isNamespaced: boolean
}

/** Kinds by `<apiVersion> <kind>`. */
export type ServedKinds = ReadonlyMap<string, ServedKind>

/** Discovery of all kinds at once. */
const allKinds = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/** A group of kinds as the API server tells of it. */
interface DiscoveredGroup {
  readonly metadata: { readonly name?: string }
  readonly versions: readonly {
    readonly version: string
    readonly resources?: readonly {
      readonly resource: string
      readonly scope: 'Namespaced' | 'Cluster'
      readonly responseKind: { readonly kind: string }
    }[]
  }[]
}

/** All kinds that the API server serves. */
export async function servedKinds(ask: Ask): Promise<ServedKinds> {
  const answers = await Promise.all(['/api', '/apis'].map(path => ask(path, { accept: allKinds })))
  const groups = answers.flatMap(({ body }) => (body as { readonly items: readonly DiscoveredGroup[] }).items)
  return new Map(
    groups.flatMap(({ metadata: { name }, versions }) =>
      versions.flatMap(({ version, resources = [] }) =>
        resources.map(({ resource, scope, responseKind: { kind } }) => [
          `${name === undefined || name === '' ? version : `${name}/${version}`} ${kind}`,
          { resource, isNamespaced: scope === 'Namespaced' },
        ]),
      ),
    ),
  )
}

/** What the API server serves of kinds outside of the core, as `<plural>.<group>`. */
export async function servedBy(cluster: AskedCluster): Promise<ReadonlySet<string>> {
  const { items } = (await cluster.expect('/apis', { accept: allKinds })) as {
    readonly items: readonly DiscoveredGroup[]
  }
  return new Set(
    items.flatMap(({ metadata: { name }, versions }) =>
      versions.flatMap(({ resources = [] }) => resources.map(({ resource }) => `${resource}.${name}`)),
    ),
  )
}

/** The names of definitions: `<plural>.<group>`. */
export async function namesIn(sets: readonly CrdSet[]): Promise<ReadonlySet<string>> {
  const crds = await Promise.all(sets.map(readCrds))
  return new Set(crds.flat().map(({ metadata }) => metadata.name))
}
