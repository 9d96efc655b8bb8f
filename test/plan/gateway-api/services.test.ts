import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Service } from '../../../shared/objects/core.ts'
import { readEveryService } from '../../../shared/plan/read-services.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { around, catalogRoute, to } from './shop.ts'

const service = (name: string, track: string): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: { selector: { app: 'hello', track }, ports: [{ name: 'http', port: 80 }] },
})

it('lists Services that share the requests of a rule as one, whichever API knows them as well', () => {
  const rules = [{ backendRefs: [to('hello', 1), to('hello-canary', 0)] }]
  const view = snapshot([
    ...around,
    service('hello', 'stable'),
    service('hello-canary', 'canary'),
    catalogRoute(rules),
  ])
  const read = readEveryService(view, { namespace: 'shop', command: 'doctor' }).filter(each =>
    each.service.name.startsWith('hello'),
  )
  assert.deepEqual(
    read.map(({ service: { name }, versions }) => [name, versions.map(version => version.name)]),
    [['hello', ['hello', 'hello-canary']]],
  )
})
