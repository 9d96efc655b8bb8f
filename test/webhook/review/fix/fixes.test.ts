import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { judgedAmong } from '../../judged.ts'
import { destinationRule, namespaceObject, service, virtualService, workload } from '../../requests.ts'

const unreadable = virtualService(
  { v1: 90, v2: 10 },
  { annotations: { 'kubectl-canary/cohorts': 'internal' } },
)

test('an unreadable record is a warning; where it is denied, the fix is in the object that comes', () => {
  const objects: readonly KubeObject[] = [
    namespaceObject(),
    service(),
    destinationRule(['v1', 'v2']),
    workload('v1'),
    workload('v2'),
  ]
  const judged = judgedAmong(objects)
  const { denials, warnings } = judged({ after: unreadable })
  assert.deepEqual([denials, warnings.map(({ rule }) => rule)], [[], ['unreadable-record']])
  const denied = judged({ after: unreadable }, [], { rules: { 'unreadable-record': 'deny' } })
  assert.deepEqual(
    denied.denials.map(({ fix }) => fix),
    ['Remove metadata.annotations["kubectl-canary/cohorts"] from VirtualService shop/catalog'],
  )
})

interface ServicePortFields {
  readonly name: string
  readonly port: number
  readonly protocol: string
}

const http: ServicePortFields = { name: 'http', port: 80, protocol: 'TCP' }
const https: ServicePortFields = { name: 'https', port: 443, protocol: 'TCP' }
const http3: ServicePortFields = { name: 'http3', port: 443, protocol: 'UDP' }
const catalog = (ports: readonly ServicePortFields[]): KubeObject =>
  ({ ...service(), spec: { selector: { app: 'catalog' }, ports } }) as KubeObject

const fixesOf = (before: KubeObject, after: KubeObject): readonly string[] =>
  judgedAmong([namespaceObject(), destinationRule(['v1']), workload('v1'), virtualService({ v1: 100 })])(
    { before, after },
    [before],
  ).denials.map(({ fix }) => fix)

/** The ports that a denial says to keep. */
const keptPorts = (before: KubeObject, after: KubeObject): readonly unknown[] => {
  const item = 'an item of spec.ports: '
  return fixesOf(before, after).flatMap(fix =>
    fix.split('\n').flatMap(line => (line.startsWith(item) ? [JSON.parse(line.slice(item.length))] : [])),
  )
}

test('of a Service with one number for TCP and for UDP, only the port that is taken away is to be kept', () => {
  assert.deepEqual(keptPorts(catalog([http, https, http3]), catalog([https, http3])), [http])
})

test('a port whose protocol becomes UDP is to be for TCP again', () => {
  assert.deepEqual(fixesOf(catalog([http]), catalog([{ ...http, protocol: 'UDP' }])), [
    'Set spec.ports[0].protocol: TCP in Service shop/catalog',
  ])
})
