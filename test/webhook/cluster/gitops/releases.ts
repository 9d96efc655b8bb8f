/** Releases of a service as a repository has them, one revision after the other. */

/** An object of a release, without a namespace and without the mark of a tool. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: unknown
}
export type Release = readonly Manifest[]

const service = ({
  port = 80,
  name = 'http',
  selector = { app: 'catalog' },
}: { readonly port?: number; readonly name?: string; readonly selector?: object } = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'catalog' },
  spec: { selector, ports: [{ name, port, targetPort: 8080 }] },
})

/** Paused, so that Helm does not wait for pods, which no node here runs. */
const deployment = (name: string, labels: object): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: `catalog-${name}` },
  spec: {
    replicas: 1,
    paused: true,
    selector: { matchLabels: { instance: name } },
    template: {
      metadata: { labels: { instance: name, ...labels } },
      spec: { containers: [{ name: 'c', image: 'c' }] },
    },
  },
})
const version = (name: string, key = 'version'): Manifest => deployment(name, { app: 'catalog', [key]: name })

/** Subsets by name, with the value of the label that they select. */
const rule = (subsets: Readonly<Record<string, string>>, key = 'version'): Manifest => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name: 'catalog' },
  spec: {
    host: 'catalog',
    subsets: Object.entries(subsets).map(([name, value]) => ({ name, labels: { [key]: value } })),
  },
})

const routes = (weights: Readonly<Record<string, number>>, port?: number): Manifest => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'catalog' },
  spec: {
    hosts: ['catalog'],
    http: [
      {
        route: Object.entries(weights).map(([subset, weight], _, all) => ({
          destination: { host: 'catalog', subset, ...(port === undefined ? {} : { port: { number: port } }) },
          ...(all.length === 1 ? {} : { weight }),
        })),
      },
    ],
  },
})

const both = { v1: 'v1', v2: 'v2' }
/** A service with a canary. */
export const canary: Release = [
  service(),
  version('v1'),
  version('v2'),
  rule(both),
  routes({ v1: 90, v2: 10 }),
]
const atPort = (port: number): Release => [
  service({ port }),
  version('v1'),
  version('v2'),
  rule(both),
  routes({ v1: 90, v2: 10 }, port),
]

/** What a release becomes in the next revision. A rollback goes the other way. */
export const transitions: Readonly<Record<string, readonly [Release, Release]>> = {
  'a canary is taken back': [canary, [service(), version('v1'), rule({ v1: 'v1' }), routes({ v1: 100 })]],
  'a canary is finished': [canary, [service(), version('v2'), rule({ v2: 'v2' }), routes({ v2: 100 })]],
  'v2 is replaced by v3 in place': [
    [
      service(),
      version('v1'),
      deployment('canary', { app: 'catalog', version: 'v2' }),
      rule(both),
      routes({ v1: 90, v2: 10 }),
    ],
    [
      service(),
      version('v1'),
      deployment('canary', { app: 'catalog', version: 'v3' }),
      rule({ v1: 'v1', v3: 'v3' }),
      routes({ v1: 90, v3: 10 }),
    ],
  ],
  'the port moves together with the route': [atPort(80), atPort(8080)],
  'the key of the version label is renamed': [
    canary,
    [service(), version('v1', 'ver'), version('v2', 'ver'), rule(both, 'ver'), routes({ v1: 90, v2: 10 })],
  ],
  'the key is renamed, and a version is added that has both labels': [
    canary,
    [
      service(),
      version('v1', 'ver'),
      version('v2', 'ver'),
      deployment('v3', { app: 'catalog', version: 'v3', ver: 'v3' }),
      rule({ ...both, v3: 'v3' }, 'ver'),
      routes({ v1: 80, v2: 10, v3: 10 }),
    ],
  ],
  'the label that the Service selects is renamed': [
    canary,
    [
      service({ selector: { name: 'catalog' } }),
      deployment('v1', { name: 'catalog', version: 'v1' }),
      deployment('v2', { name: 'catalog', version: 'v2' }),
      rule(both),
      routes({ v1: 90, v2: 10 }),
    ],
  ],
  'all routing is removed': [canary, [service(), version('v1')]],
}

const replaced = (object: Manifest): Release =>
  canary.some(each => each.kind === object.kind && each.metadata.name === object.metadata.name)
    ? canary.map(each =>
        each.kind === object.kind && each.metadata.name === object.metadata.name ? object : each,
      )
    : [...canary, object]

/** Revisions after {@link canary} that are wrong in themselves, and the rule that refuses each. */
export const faults: Readonly<Record<string, readonly [Release, string]>> = {
  'weights that do not add up': [replaced(routes({ v1: 90, v2: 20 })), 'weights-sum-to-100'],
  'an undefined subset': [replaced(routes({ v1: 90, v9: 10 })), 'undefined-subset'],
  'a version without the label': [replaced(deployment('v3', { app: 'catalog' })), 'missing-version-label'],
  'a port that the Service does not have': [replaced(routes({ v1: 90, v2: 10 }, 81)), 'unknown-port'],
  'a port without a protocol': [replaced(service({ name: 'web' })), 'unnamed-port'],
}
