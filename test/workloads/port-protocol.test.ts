import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { parseProtocol, protocolOf } from '../../shared/workloads/mesh/port-protocol.ts'

interface Row {
  readonly name: string
  readonly appProtocol: string | null
  readonly protocol: string
  readonly port: number
  readonly istio_protocol: string
  readonly auto_detected: boolean
  readonly http_routes_apply: boolean
}
const rows = JSON.parse(
  readFileSync(new URL('../fixtures/corpus/port-protocol.json', import.meta.url), 'utf8'),
) as readonly Row[]

test('selects the protocol that Istio selects, on every row of the corpus', () => {
  assert.ok(rows.length > 200)
  for (const {
    istio_protocol: protocol,
    auto_detected: autoDetected,
    http_routes_apply: httpRoutesApply,
    ...port
  } of rows) {
    assert.deepEqual(protocolOf(port), { protocol, autoDetected, httpRoutesApply }, JSON.stringify(port))
  }
})

test('an appProtocol that is present decides, even when it is empty', () => {
  assert.equal(protocolOf({ name: 'tcp', appProtocol: '', port: 80 }).autoDetected, true)
  assert.equal(protocolOf({ name: 'tcp', appProtocol: null, port: 80 }).protocol, 'TCP')
})

test('the names of the Service specification mean nothing as a port name', () => {
  assert.equal(protocolOf({ name: 'kubernetes.io/h2c', port: 80 }).protocol, 'UnsupportedProtocol')
})

test('SMTP is never sniffed', () =>
  assert.equal(protocolOf({ name: 'web', port: 25 }).httpRoutesApply, false))

test('a ServiceEntry says the protocol by its whole name', () => {
  assert.equal(parseProtocol('grpc-web'), 'GRPC-Web')
  assert.equal(parseProtocol('HTTP'), 'HTTP')
  assert.equal(parseProtocol('http-web'), 'UnsupportedProtocol')
})
