import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { appliesNowhere } from '../../../shared/rules/routes/applies-nowhere.ts'
import { httpRouteOnNonHttpPort } from '../../../shared/rules/ports/http-route-on-non-http-port.ts'
import { lintView } from '../../../shared/rules/introduced.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { inMesh, service } from '../../plan/worlds.ts'

const destination = { host: 'catalog' }
const http = inMesh({ route: [{ destination }] })
const tcp = { ...http, spec: { hosts: ['catalog'], tcp: [{ route: [{ destination }] }] } } as KubeObject
const found = (spec: object, route: KubeObject = http): readonly (readonly [string, string])[] =>
  lintView(
    { rules: [appliesNowhere, httpRouteOnNonHttpPort], settings: { complete: true, relativeWeights: false } },
    snapshot([{ ...service(), spec } as KubeObject, route]),
  ).map(({ message, fix }) => [message, fix])

const udp = {
  clusterIP: '10.0.0.9',
  selector: { app: 'catalog' },
  ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
}
test('a tcp route for a Service of UDP ports alone says to add a TCP port', () => {
  const [[message, fix] = []] = found(udp, tcp)
  assert.match(message ?? '', /^Service \S+\/catalog has no TCP port, so that no client uses the routes/)
  assert.match(fix ?? '', /^Add a TCP port to Service \S+\/catalog, or delete/)
})
test('an http route for one says to make the port one for TCP, as no name makes one of a UDP port', () =>
  assert.match(
    found(udp)[0]?.[1] ?? '',
    /^No route applies to UDP\. If the port takes TCP:\nkubectl patch services? catalog/,
  ))
test('a route for an ExternalName says which type its Service needs', () => {
  const [[message, fix] = []] = found({ type: 'ExternalName', externalName: 'shop.example.com' })
  assert.match(message ?? '', /^Service \S+\/catalog is of type ExternalName/)
  assert.match(fix ?? '', /^Give Service \S+\/catalog the type ClusterIP/)
})
test('a route for a Service with a TCP port beside one for UDP is used', () =>
  assert.deepEqual(
    found({
      clusterIP: '10.0.0.9',
      selector: { app: 'catalog' },
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'http', port: 80 },
      ],
    }),
    [],
  ))
