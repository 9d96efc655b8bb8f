import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { lintView } from '../../../shared/rules/introduced.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { commanded, commandsOf } from './follow-command.ts'
import { accepted, judge, said } from './worlds.ts'

type Objects = readonly KubeObject[]

const onCluster = (objects: Objects): readonly Finding[] => lintView(judge, snapshot(objects))
const istio = (kind: string, name: string, spec: object): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind,
    metadata: { name: name.split('/')[1]!, namespace: name.split('/')[0]! },
    spec,
  }) as KubeObject
const subsets = (...names: readonly string[]) => names.map(name => ({ name, labels: { version: name } }))
const routes = (...names: readonly string[]): KubeObject =>
  istio('VirtualService', 'shop/catalog', {
    hosts: ['catalog.shop.svc.cluster.local'],
    http: names.map((name, i) => ({
      ...(i === names.length - 1 ? {} : { match: [{ uri: { prefix: `/${i}` } }] }),
      route: [{ destination: { host: 'catalog.shop.svc.cluster.local', subset: name } }],
    })),
  })
const shop = accepted([
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'catalog', namespace: 'shop' },
    spec: { selector: { app: 'catalog' }, ports: [{ name: 'http', port: 80 }] },
  } as KubeObject,
  ...['v1', 'v2', 'v3'].map(
    version =>
      ({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: `catalog-${version}`, namespace: 'shop' },
        spec: { template: { metadata: { labels: { app: 'catalog', version } } } },
      }) as KubeObject,
  ),
])
const own = (spec: object): KubeObject =>
  istio('DestinationRule', 'shop/catalog', { host: 'catalog.shop.svc.cluster.local', ...spec })
const worlds: Readonly<Record<string, Objects>> = {
  'two subsets that a rule for many hosts hides': [
    own({ exportTo: ['.'], subsets: subsets('v1', 'v2', 'v3') }),
    istio('DestinationRule', 'istio-system/many', {
      host: '*.svc.cluster.local',
      subsets: subsets('v3'),
    }),
    routes('v1', 'v2', 'v2', 'v3'),
  ],
  'two subsets that the rule of a client hides': [
    own({ subsets: subsets('v1', 'v2') }),
    istio('DestinationRule', 'web/catalog', { host: 'catalog.shop.svc.cluster.local' }),
    routes('v1', 'v2', 'v1'),
  ],
  'a rule that is exported to nobody else': [
    own({ exportTo: ['.'], subsets: subsets('v1', 'v2') }),
    routes('v1', 'v2', 'v1'),
  ],
  'a rule that is for nobody who uses the routes, and has one of their subsets': [
    own({ exportTo: ['web'], subsets: subsets('v1') }),
    {
      ...routes('v1', 'v2'),
      spec: { ...Reflect.get(routes('v1', 'v2'), 'spec'), exportTo: ['.'] },
    } as KubeObject,
  ],
  'no rule': [routes('v1', 'v2', 'v1')],
}

describe('all fixes of one listing, followed one after the other, undo nothing of each other', () => {
  for (const [title, objects] of Object.entries(worlds))
    it(title, () => {
      const world = [...shop, ...objects]
      const findings = onCluster(world)
      assert.ok(findings.length > 1, JSON.stringify(findings.map(said)))
      const commands = [...new Set(findings.flatMap(({ fix }) => commandsOf(fix)))]
      assert.deepEqual(onCluster(commands.reduce(commanded, world)).map(said), [], commands.join('\n'))
    })
})
