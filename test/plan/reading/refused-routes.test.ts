import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatNote } from '../../../plugin/print/notes.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { readTraffic } from '../../../shared/plan/read-services.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { gateway, route } from '../../providers/gateway-api/written-objects.ts'
import { apisixRoute, around, to } from '../apisix/shop.ts'

const condition = (status: string, reason: string) => ({ type: 'Accepted', status, reason, message: 'no' })
const httpRoute = (status: string, reason: string): KubeObject =>
  route('shop/catalog', {
    status: { parents: [{ controllerName: 'x.io/gw', conditions: [condition(status, reason)] }] },
  })
const statusOf = (status: string, reason: string): object => ({
  status: { conditions: [condition(status, reason)] },
})
const apisix = (status: string, reason: string): KubeObject => ({
  ...apisixRoute('catalog', [{ name: 'all', match: { paths: ['/*'] }, backends: [to('catalog')] }]),
  ...statusOf(status, reason),
})

/** What `status` says of a route that a controller does not carry out. */
const said = (object: KubeObject, live = true): readonly string[] =>
  readTraffic(snapshot([...around, gateway('infra/gw'), object]), {
    namespace: 'shop',
    service: 'catalog',
    command: 'status catalog',
    live,
  }).flatMap(({ notes }) => notes.flatMap(note => (note.kind === 'route-refused' ? formatNote(note) : [])))

describe('a route that its controller does not carry out', () => {
  it('is named with what the controller says', () => {
    assert.match(
      said(httpRoute('False', 'UnsupportedValue')).join(),
      /x\.io\/gw says Accepted=False: UnsupportedValue: no/,
    )
    assert.match(said(apisix('False', 'InvalidSpec')).join(), /APISIX ingress controller says Accepted=False/)
  })
  it('is not where it is carried out, where a rule says why, or where files have an old status', () => {
    for (const none of [
      said(httpRoute('True', 'Accepted')),
      said(httpRoute('False', 'NotAllowedByListeners')),
      said(httpRoute('False', 'UnsupportedValue'), false),
      said(apisix('True', 'Accepted')),
      said(apisix('False', 'InvalidSpec'), false),
    ])
      assert.deepEqual(none, [])
  })
})
