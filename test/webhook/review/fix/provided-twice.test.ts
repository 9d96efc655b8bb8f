import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import type { Finding } from '../../../../shared/rules/rule.ts'
import { judgedAmong } from '../../judged.ts'
import { namespaceObject, service, workload } from '../../requests.ts'

const host = 'catalog.shop.svc.cluster.local'
const entry = (port: number): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: 'catalog', namespace: 'shop' },
    spec: {
      hosts: [host],
      ports: [{ number: port, name: 'http', protocol: 'HTTP' }],
      resolution: 'STATIC',
      endpoints: [{ address: '10.1.1.1' }],
    },
  }) as KubeObject
const routeTo = (port: object): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog', namespace: 'shop' },
    spec: { hosts: ['catalog'], http: [{ route: [{ destination: { host: 'catalog', ...port } }] }] },
  }) as KubeObject
const hidden = service({ annotations: { 'networking.istio.io/exportTo': '.' } })

const deniedWith = (route: KubeObject, entryPort: number): readonly Finding[] =>
  judgedAmong([namespaceObject(), service(), workload('v1'), entry(entryPort), route])({
    before: service(),
    after: hidden,
  }).denials

describe('a Service that is hidden from some callers, beside a ServiceEntry for its host', () => {
  it('takes their port away: the message has the callers and their ports, and no port is offered that others lack', () => {
    const [finding] = deniedWith(routeTo({ port: { number: 80 } }), 81)
    assert.equal(finding!.rule, 'unknown-port')
    assert.match(finding!.message, /has no port 80 for clients in .*any other namespace; it has 81$/)
    assert.match(finding!.fix, /^Keep in Service shop\/catalog, as it was:\nno metadata\.annotations/)
    assert.doesNotMatch(finding!.fix, /to port/)
  })
  it('takes nothing away if the ServiceEntry has the port', () => {
    assert.deepEqual(deniedWith(routeTo({ port: { number: 80 } }), 80), [])
  })
})

it('a route to a port that one of two providers of its host lacks is fixed by adding the port there', () => {
  const [finding] = judgedAmong([namespaceObject(), hidden, workload('v1'), entry(81)])({
    after: routeTo({ port: { number: 80 } }),
  }).denials
  assert.equal(finding!.fix, 'Add port 80 to ServiceEntry shop/catalog, or route to another host.')
})
