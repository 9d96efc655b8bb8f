import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { withValueAt } from '../../../shared/objects/paths.ts'
import { fixTextOf } from '../../../shared/rules/fixes/fix-text.ts'
import { withWholeFix } from '../../../shared/rules/fixes/whole-fix.ts'
import { lintView } from '../../../shared/rules/introduced.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { commanded, commandsOf } from './follow-command.ts'
import { judge } from './worlds.ts'

const objects = (text: string): readonly KubeObject[] =>
  parseAllDocuments(text).map(document => document.toJS() as KubeObject)
const find = (all: readonly KubeObject[], rule: string): readonly Finding[] =>
  lintView(judge, snapshot(all)).filter(finding => finding.rule === rule)

const service = (name: string, exportTo = '*'): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop, annotations: { networking.istio.io/exportTo: "${exportTo}" } }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec: { template: { metadata: { labels: { app: ${name}, version: v2 } } } }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: shop }
spec:
  hosts: [${name}.shop.svc.cluster.local]
  http: [{ route: [{ destination: { host: ${name}.shop.svc.cluster.local, subset: v2, port: { number: 80 } } }] }]
`
/** Subset v2 is exported to shop alone, and web has a rule of its own without it. */
const twoCauses = objects(`${service('catalog')}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: catalog, namespace: shop }
spec: { host: catalog, exportTo: [.], subsets: [{ name: v2, labels: { version: v2 } }] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: of-web, namespace: web }
spec: { host: catalog.shop.svc.cluster.local, subsets: [{ name: v1, labels: { version: v1 } }] }
`)

describe('a finding with several causes', () => {
  it('has a command for each of them, which together remove it', () => {
    const [finding] = find(twoCauses, 'subset-hidden-from-clients')
    const commands = commandsOf(finding!.fix)
    assert.equal(commands.length, 2)
    assert.deepEqual(find(commands.reduce(commanded, twoCauses), 'subset-hidden-from-clients'), [])
    for (const command of commands)
      assert.equal(find(commanded(twoCauses, command), 'subset-hidden-from-clients').length, 1)
  })
  it('has an edit for each of them in files, and no command for a cluster', () => {
    const [finding] = find(twoCauses, 'subset-hidden-from-clients')
    const sources = { positionOf: () => ({ file: 'k8s/all.yaml', line: 3, column: 1 }) }
    assert.deepEqual(fixTextOf(finding!, { sources }).split('\n').toSorted(), [
      'Add to spec.subsets in DestinationRule web/of-web (k8s/all.yaml:3): {"name":"v2","labels":{"version":"v2"}}',
      'Set spec.exportTo in DestinationRule shop/catalog (k8s/all.yaml:3): ["*"]',
    ])
  })
})

describe('a host that a Sidecar hides', () => {
  const hidden = objects(`
apiVersion: v1
kind: Service
metadata: { name: catalog, namespace: shop }
spec: { clusterIP: None, ports: [{ name: tcp, port: 80 }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog, namespace: shop }
spec:
  hosts: [catalog.shop]
  tcp: [{ route: [{ destination: { host: catalog } }] }]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: istio-system }
spec: { egress: [{ hosts: ['web/*'] }] }
`)
  it('is to be imported where it is exported already, and is seen then', () => {
    const [finding] = find(hidden, 'unknown-host')
    const [, host] = /^Add (\S+) to spec\.egress\[\]\.hosts of the Sidecar/.exec(finding!.fix) ?? []
    assert.equal(host, 'shop/catalog.shop.svc.cluster.local')
    assert.match(finding!.message, /their Sidecar does not import it$/)
    const imported = hidden.map(object =>
      object.kind === 'Sidecar'
        ? withValueAt(object, ['spec', 'egress', 0, 'hosts'], { value: host, isItem: true })
        : object,
    )
    assert.deepEqual(find(imported, 'unknown-host'), [])
  })
  it('is to be imported by a listener of its own where the Sidecar has listeners of single ports alone', () => {
    const egress = [{ port: { number: 8080, protocol: 'HTTP', name: 'http' }, hosts: ['web/*'] }]
    const withEgress = (listeners: readonly object[]): readonly KubeObject[] =>
      hidden.map(object =>
        object.kind === 'Sidecar'
          ? withValueAt(object, ['spec', 'egress'], { value: listeners, isItem: false })
          : object,
      )
    const [finding] = find(withEgress(egress), 'unknown-host')
    const [, added = ''] =
      /^Add to the end of spec\.egress of the Sidecar [^:]*: (.*)$/.exec(finding!.fix) ?? []
    const followed = withEgress([...egress, JSON.parse(added) as object])
    assert.deepEqual(find(followed, 'unknown-host'), [])
    const onItsPort = withEgress([{ ...egress[0], port: { number: 80, protocol: 'TCP', name: 'tcp' } }])
    assert.match(find(onItsPort, 'unknown-host')[0]!.fix, /to spec\.egress\[\]\.hosts of the Sidecar/)
  })
})

describe('trying a fix out', () => {
  const view = snapshot(twoCauses)
  const [service1] = twoCauses
  const ref = { kind: 'Service', namespace: 'shop', name: 'catalog' } as const
  const finding: Finding = {
    rule: 'r',
    family: 'r',
    ref: { kind: 'VirtualService', namespace: 'shop', name: 'catalog' },
    path: ['spec'],
    message: 'm',
    about: 'a',
    severity: { webhook: 'error', lint: 'error' },
    fix: 'one',
    sets: { ref, path: ['spec', 'type'], value: 'ClusterIP' },
  }
  const left = (fix: string): Finding => ({ ...finding, fix })
  it('leaves a fix as it is that is enough', () => {
    assert.equal(withWholeFix(view, finding, { findAgain: () => undefined, otherwise: 'o' }), finding)
    assert.equal(service1!.kind, 'Service')
  })
  it('says what is right in general in the place of one that changes nothing', () => {
    const tried = withWholeFix(view, finding, { findAgain: () => finding, otherwise: 'o' })
    assert.deepEqual([tried.fix, tried.sets], ['o', undefined])
  })
  it('ends after four steps, and with what is left to a person', () => {
    let count = 0
    const endless = withWholeFix(view, finding, { findAgain: () => left(`${++count}`), otherwise: 'o' })
    assert.equal(endless.fix, 'one\n1\n2\no')
    const manual = { ...left('Choose one.'), sets: undefined }
    const { sets: _, ...byHand } = manual
    const tried = withWholeFix(view, finding, { findAgain: () => byHand, otherwise: 'o' })
    assert.equal(tried.fix, 'one\nChoose one.')
  })
})

it('the fix of each of two VirtualServices has the subsets that it lacks itself', () => {
  const route = (name: string, subset: string): string => `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: shop }
spec:
  hosts: [${name}.example.com]
  http: [{ route: [{ destination: { host: catalog.shop.svc.cluster.local, subset: ${subset}, port: { number: 80 } } }] }]
`
  const [serviceText] = service('catalog').split('---\napiVersion: networking')
  const world = objects(`${serviceText}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: catalog, namespace: shop }
spec: { host: catalog }
${route('one', 'v1')}${route('two', 'v2')}`)
  const fixes = new Map(find(world, 'undefined-subset').map(({ ref, fix }) => [ref.name, fix]))
  assert.match(fixes.get('one')!, /"name":"v1"/)
  assert.match(fixes.get('two')!, /"name":"v2"/)
})
