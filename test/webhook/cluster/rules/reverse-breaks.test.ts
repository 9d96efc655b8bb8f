import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { parse } from 'yaml'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { all, destinationRule, route, service } from '../manifests.ts'
import { deployment, routedTests } from '../scene.ts'
import { blocksOf, commandsIn } from './denial.ts'
import { follow, shell } from './follow.ts'

const routedTest = routedTests(clusterTests())
const splitBoth = route(90, 10)
const onPort = (manifest: string, port = 80): string =>
  manifest.replaceAll('host: catalog,', `host: catalog, port: { number: ${port} },`)
/** A route for some requests before the split, another Service's beside it, and a mirror: what is taken out must leave the rest as it is. */
const manyRoutes = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog }
spec:
  hosts: [catalog]
  http:
  - match: [{ headers: { x-cohort: { exact: internal } } }]
    route: [{ destination: { host: catalog, subset: v2 } }]
  - match: [{ uri: { prefix: /old } }]
    route: [{ destination: { host: legacy } }]
  - route:
    - { destination: { host: catalog, subset: v1 }, weight: 90 }
    - { destination: { host: catalog, subset: v2 }, weight: 10 }
    mirror: { host: catalog, subset: v2 }
`
const legacy = `${service.replaceAll('catalog', 'legacy')}---${deployment('v1', 'app: legacy').replaceAll('catalog', 'legacy')}`

interface Break {
  readonly title: string
  /** What is there besides the canary. */
  readonly before?: string
  readonly change: string
  readonly rule: string
  /** The object that would break, without its namespace. */
  readonly on: string
}

const onRoute = 'VirtualService catalog'
const breaks: readonly Break[] = [
  { title: 'a subset is dropped', change: destinationRule(['v1']), rule: 'undefined-subset', on: onRoute },
  {
    title: 'a subset of many routes is dropped',
    before: all(legacy, manyRoutes),
    change: destinationRule(['v1']),
    rule: 'undefined-subset',
    on: onRoute,
  },
  { title: 'all subsets are dropped', change: destinationRule([]), rule: 'undefined-subset', on: onRoute },
  {
    title: 'the rule is made one for another host',
    change: destinationRule(['v1', 'v2']).replace('host: catalog', 'host: card'),
    rule: 'subset-without-destination-rule',
    on: onRoute,
  },
  {
    title: 'a rule comes that hides another',
    change: destinationRule(['v3'])
      .replace('name: catalog', 'name: newer')
      .replace('spec:', 'spec:\n  exportTo: ["*"]'),
    rule: 'undefined-subset',
    on: onRoute,
  },
  {
    title: 'a rule without subsets comes that hides another',
    change: destinationRule([])
      .replace('name: catalog', 'name: newer')
      .replace('spec:', 'spec:\n  exportTo: ["*"]'),
    rule: 'undefined-subset',
    on: onRoute,
  },
  {
    title: 'a subset gets other labels',
    change: destinationRule(['v1', 'v2']).replace('version: v2', 'version: v3'),
    rule: 'subset-matches-no-workload',
    on: onRoute,
  },
  {
    title: 'a port loses its protocol by its name',
    change: service.replace('name: http', 'name: tcp-web'),
    rule: 'http-route-on-non-http-port',
    on: onRoute,
  },
  {
    title: 'a port gets a name that says no protocol',
    change: service.replace('name: http', 'name: web'),
    rule: 'unnamed-port',
    on: 'Service catalog',
  },
  {
    title: 'a port is said to be for TLS',
    change: service.replace('name: http', 'name: https'),
    rule: 'http-route-on-non-http-port',
    on: onRoute,
  },
  {
    title: 'the routed port is removed, another stays',
    before: all(
      service.replace('port: 80 }', 'port: 80 }, { name: http-admin, port: 81 }'),
      onPort(splitBoth),
    ),
    change: service.replace('name: http, port: 80', 'name: http-admin, port: 81'),
    rule: 'unknown-port',
    on: onRoute,
  },
  {
    title: 'the routed port gets another number',
    before: onPort(splitBoth),
    change: service.replace('port: 80', 'port: 8080'),
    rule: 'unknown-port',
    on: onRoute,
  },
  {
    title: 'the one port for HTTP is removed',
    before: service.replace('port: 80 }', 'port: 80 }, { name: tcp-db, port: 5432 }'),
    change: service.replace('name: http, port: 80', 'name: tcp-db, port: 5432'),
    rule: 'http-route-on-non-http-port',
    on: onRoute,
  },
  {
    title: 'the last workload of a subset gets another label',
    change: deployment('v2', 'app: catalog, version: v3'),
    rule: 'subset-matches-no-workload',
    on: onRoute,
  },
  {
    title: 'the last workload of a subset loses its label',
    change: deployment('v2', 'app: catalog'),
    rule: 'missing-version-label',
    on: 'Deployment catalog-v2',
  },
  {
    title: 'a workload without the label comes',
    change: deployment('v3', 'app: catalog'),
    rule: 'missing-version-label',
    on: 'Deployment catalog-v3',
  },
  {
    title: 'a Service selects other workloads',
    change: service.replace('selector: { app: catalog }', 'selector: { app: catalog, version: v1 }'),
    rule: 'subset-matches-no-workload',
    on: onRoute,
  },
]

for (const { title, before, change, rule, on } of breaks) {
  for (const way of ['edit', 'command'] as const) {
    routedTest(
      `${title}: denied, on the ${on}; the ${way} in the message fixes it`,
      async ({ cluster, namespace, taken }) => {
        if (before !== undefined) await taken('apply -f -', before)
        const object = parse(change) as KubeObject
        const {
          rules,
          messages,
          object: fixed,
        } = await follow(cluster, { ...object, metadata: { ...object.metadata, namespace } }, way)
        const blocks = blocksOf(messages[0]!)
        const [kind, name] = on.split(' ')
        assert.ok(
          blocks.some(block => block.rule === rule && block.object === `${kind} ${namespace}/${name}`),
          messages[0],
        )
        assert.deepEqual(
          new Set(rules),
          new Set(blocks.map(block => block.rule)),
          'the fix in the message fixes everything',
        )
        // By commands the change goes as it was meant, wherever there are any; an edit takes part of it back.
        const offersCommand = blocks.every(
          block => commandsIn(block).length > 0 || block.fix[0] === 'As above.',
        )
        assert.equal(
          isDeepStrictEqual(Reflect.get(fixed, 'spec'), Reflect.get(object, 'spec')),
          way === 'command' && offersCommand,
          messages.join('\n'),
        )
      },
    )
  }
}

routedTest(
  'removing destinations from a VirtualService leaves the rest unchanged',
  async ({ cluster, namespace, taken, kubectl }) => {
    await taken('apply -f -', all(legacy, manyRoutes))
    const { metadata, ...rest } = parse(destinationRule(['v1'])) as KubeObject
    await follow(cluster, { ...rest, metadata: { ...metadata, namespace } }, 'command')
    const { spec } = JSON.parse((await kubectl('get virtualservice catalog -o json')).stdout) as {
      readonly spec: object
    }
    assert.deepEqual(spec, {
      hosts: ['catalog'],
      http: [
        { match: [{ uri: { prefix: '/old' } }], route: [{ destination: { host: 'legacy' } }] },
        { route: [{ destination: { host: 'catalog', subset: 'v1' }, weight: 100 }] },
      ],
    })
  },
)

/** The commands that a refused deletion prints: to delete the route, and to keep it without what is deleted. */
const commandsOf = (stderr: string): readonly string[] => blocksOf(stderr).flatMap(commandsIn)

routedTest(
  'deleting a DestinationRule in use is denied; the message says what to delete first, and that succeeds',
  async ({ cluster, namespace, refused, taken }) => {
    const stderr = await refused('subset-without-destination-rule', 'delete destinationrule catalog')
    assert.ok(
      stderr.includes(
        `Delete VirtualService ${namespace}/catalog first, or run the same command again if it deletes both:`,
      ),
      stderr,
    )
    const [deletion] = commandsOf(stderr)
    assert.equal(deletion, `kubectl delete virtualservices.networking.istio.io catalog -n ${namespace}`)
    await shell(cluster, deletion)
    await taken('delete destinationrule catalog')
  },
)

routedTest(
  'a forced replacement of a DestinationRule in use is denied; the message says how it is replaced, and that succeeds',
  async ({ namespace, refused, taken, kubectl }) => {
    const { stdout: object } = await kubectl('get destinationrule catalog -o yaml')
    const stderr = await refused('subset-without-destination-rule', 'replace --force -f -', object)
    const [, name, command = ''] =
      /To replace DestinationRule (\S+), use kubectl (replace) without --force\.$/m.exec(stderr) ?? []
    assert.equal(name, `${namespace}/catalog`, stderr)
    await taken(`${command} -f -`, object)
  },
)

routedTest(
  'deleting a DestinationRule in use is denied; the message says how to keep the route without it, and that succeeds',
  async ({ cluster, refused, taken, kubectl }) => {
    const [, patch] = commandsOf(
      await refused('subset-without-destination-rule', 'delete destinationrule catalog'),
    )
    await shell(cluster, patch!)
    await taken('delete destinationrule catalog')
    const { spec } = JSON.parse((await kubectl('get virtualservice catalog -o json')).stdout) as {
      readonly spec: object
    }
    assert.deepEqual(spec, {
      hosts: ['catalog'],
      http: [{ route: [{ destination: { host: 'catalog' }, weight: 100 }] }],
    })
  },
)

routedTest(
  'a route with other destinations need not be deleted for a DestinationRule',
  async ({ cluster, refused, taken }) => {
    await taken('apply -f -', all(legacy, manyRoutes))
    const stderr = await refused('subset-without-destination-rule', 'delete destinationrule catalog')
    const [patch, ...others] = commandsOf(stderr)
    assert.deepEqual(others, [], stderr)
    await shell(cluster, patch!)
    await taken('delete destinationrule catalog')
  },
)
