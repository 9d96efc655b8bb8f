import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lintView } from '../../../shared/rules/introduced.ts'
import { routingRules } from '../../../shared/rules/routing-rules.ts'
import { defaultMesh } from '../../../shared/view/mesh.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { istio, objects, route, shop, subsets, to } from '../../plan/written-worlds.ts'

const parts = shop.slice(0, -1)
const rule = (name: string, more: string): string =>
  istio('DestinationRule', name, {
    spec: `{host: catalog.shop.svc.cluster.local, ${more}subsets: ${subsets}}`,
  })
const gateway = istio('Gateway', 'edge/gw', {
  spec: '{selector: {istio: gw}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
})
const spec = (gateways: string): string =>
  `{hosts: [catalog.shop.svc.cluster.local], gateways: [${gateways}], http: [${to('v1')}]}`

/** What is found of a subset: rule, and the sentence about the DestinationRule that defines it. */
const found = (texts: readonly string[], mesh = defaultMesh): readonly string[] =>
  lintView(
    { rules: routingRules, settings: { complete: true, relativeWeights: false } },
    snapshot(objects(...parts, gateway, ...texts), { mesh }),
  ).flatMap(({ rule: id, message, fix }) =>
    id.startsWith('subset-') ? [`${id}: ${/DestinationRule \S+\/.*/.exec(message)?.[0]} (${fix})`] : [],
  )

describe('the finding of a subset names the DestinationRule that defines it, and why it does not apply', () => {
  it('which is not exported to the gateway', () => {
    const [said, ...others] = found([rule('shop/own', 'exportTo: ["."], '), route('shop/r', spec('edge/gw'))])
    assert.match(
      said!,
      /^subset-without-.*: DestinationRule shop\/own defines it, but is not exported to edge\S* \(spec\.exportTo\)/,
    )
    assert.deepEqual(others, [])
  })

  it('which the mesh does not export', () => {
    const mesh = {
      ...defaultMesh,
      defaultExportTo: { ...defaultMesh.defaultExportTo, destinationRule: ['.'] },
    }
    const [said] = found([rule('shop/own', ''), route('shop/r', spec('edge/gw'))], mesh)
    assert.match(
      said!,
      /shop\/own defines it, but is not exported to edge\S* \(defaultDestinationRuleExportTo/,
    )
  })

  it('which is in a namespace that is neither that of the clients nor that of the Service', () => {
    const own = 'DestinationRule in namespace shop, where the Service is'
    for (const exportTo of ['', 'exportTo: ["."], ', 'exportTo: ["*"], ']) {
      const [said] = found([rule('platform/far', exportTo), route('shop/r', spec('mesh'))])
      assert.match(
        said!,
        /^subset-hidden-from-clients: DestinationRule platform\/far defines it, but applies/,
      )
      assert.ok(said!.endsWith(`(Define the subset in a ${own}.)`), said)
    }
  })
})
