import assert from 'node:assert/strict'
import { formatNote } from '../../plugin/print/notes.ts'
import test from 'node:test'
import type { VirtualService } from '../../shared/objects/virtual-service.ts'
import { readTraffic } from '../../shared/plan/read-services.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { catalog, namespace, service, toSubset, virtualService } from './worlds.ts'

test('status reads what a rollout controller wrote, in the middle of its work', () => {
  const primary = (weight: number) => ({ destination: { host: 'catalog-primary' }, weight })
  const owned = virtualService(
    'catalog',
    {
      hosts: ['catalog'],
      http: [
        {
          match: [{ sourceLabels: { app: 'webapp' } }],
          route: [primary(90), { destination: { host: 'catalog-canary' }, weight: 10 }],
        },
        { route: [primary(90)] },
      ],
    },
    {
      ownerReferences: [
        { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'catalog-release', controller: true },
      ],
    },
  )
  const [traffic, ...others] = readTraffic(
    snapshot([service(), service('catalog-primary'), service('catalog-canary'), owned]),
    { namespace, command: 'status' },
  )
  assert.equal(others.length, 0)
  assert.equal(traffic?.service, 'catalog')
  assert.deepEqual(
    traffic.entryPoints.map(({ splits, owner }) => ({ splits, owner })),
    [
      {
        owner: 'Canary istioinaction/catalog-release',
        splits: [
          {
            takes: 'from app=webapp',
            shares: [
              { version: 'catalog-primary', percent: 90 },
              { version: 'catalog-canary', percent: 10 },
            ],
            reached: true,
          },
          { takes: '', shares: [{ version: 'catalog-primary', percent: 100 }], reached: true },
        ],
      },
    ],
  )
})

test('a delegate is entered where its root is: at its gateway, not by callers inside the mesh', () => {
  const delegate = virtualService('catalog', { http: [toSubset('version-v1')] })
  const root: VirtualService = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'root', namespace: 'edge' },
    spec: {
      hosts: ['shop.example.com'],
      gateways: ['gw'],
      http: [{ match: [{ uri: { prefix: '/catalog' } }], delegate: { name: 'catalog', namespace } }],
    },
  }
  const world = [...catalog().slice(0, 4), delegate]
  const [traffic] = readTraffic(snapshot([...world, root]), { namespace, command: 'status' })
  assert.deepEqual(
    traffic?.entryPoints.map(({ hosts, gateways }) => ({ hosts, gateways })),
    [{ hosts: ['shop.example.com'], gateways: ['edge/gw'] }],
  )
  assert.match(traffic.notes.map(formatNote).join(), /inside the mesh are not covered/)
  assert.deepEqual(readTraffic(snapshot(world), { namespace, command: 'status' })[0]?.notes, [])
})
