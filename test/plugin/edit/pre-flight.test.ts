import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { preFlight } from '../../../plugin/edit/pre-flight.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { objects, route, rule, shop, to } from '../../plan/written-worlds.ts'

const now = new Date('2026-08-01T12:00:00Z')
const one = (text: string): KubeObject => objects(text)[0]!
const mesh = (http: string, metadata = ''): string =>
  route('shop/catalog', `{hosts: [catalog], http: [${http}]}`, metadata)
const hiding = rule(
  'web/catalog',
  '{host: catalog.shop.svc.cluster.local, subsets: [{name: v1, labels: {version: v1}}]}',
)

/** What the rules say of an edit: the ids of those that refuse it, or its warnings with their kinds. */
async function fly(
  before: readonly string[],
  after: string,
  { force = false, live = true }: { force?: boolean; live?: boolean } = {},
) {
  const world = objects(...before)
  const edited = one(after)
  const was = world.find(each => each.kind === edited.kind && each.metadata.name === edited.metadata.name)
  const changes = [{ ...(was && { before: was }), after: edited }]
  const judged = await preFlight({ view: snapshot(world), notes: [], live }, { changes, now, force })
  return {
    refused: judged.refused.map(({ rule }) => rule),
    warnings: judged.warnings.map(({ kind, finding }) => `${kind} ${finding.rule}`),
  }
}

describe('an edit by which callers lose the service', () => {
  const world = [...shop, hiding, mesh(to('v1'))]
  it('is refused, and goes on where a person insists', async () => {
    assert.deepEqual(await fly(world, mesh(to('v2'))), {
      refused: ['subset-hidden-from-clients'],
      warnings: [],
    })
    assert.deepEqual(await fly(world, mesh(to('v2')), { force: true }), {
      refused: [],
      warnings: ['overridden subset-hidden-from-clients'],
    })
  })
  it('is refused whoever insists where it also breaks what cannot be overridden', async () => {
    const broken = mesh(`{match: [{uri: {prefix: /a}}], ${to('v2').slice(1)}, ${to('v9')}`)
    for (const force of [false, true]) {
      const { refused, warnings } = await fly(world, broken, { force })
      assert.deepEqual(refused.toSorted(), ['subset-hidden-from-clients', 'undefined-subset'])
      assert.deepEqual(warnings, [])
    }
  })
})

describe('a pre-flight', () => {
  it('gives existing problems as such', async () => {
    const broken = mesh(`{match: [{uri: {prefix: /a}}], ${to('v9').slice(1)}, ${to('v1')}`)
    assert.deepEqual(await fly([...shop, broken], broken.replace('subset: v1', 'subset: v2')), {
      refused: [],
      warnings: ['existing undefined-subset'],
    })
  })
  it('judges by the severities of lint on files', async () => {
    const world = [...shop.slice(0, 3), mesh('{route: [{destination: {host: catalog}}]}')]
    assert.deepEqual((await fly(world, mesh(to('v1')))).refused, ['subset-without-destination-rule'])
    assert.deepEqual(await fly(world, mesh(to('v1')), { live: false }), {
      refused: [],
      warnings: ['warning subset-without-destination-rule'],
    })
  })
  it('refuses a pattern that Istio rejects', async () => {
    const bad = mesh(`{match: [{uri: {regex: "a(?=b)"}}], ${to('v1').slice(1)}`)
    assert.deepEqual((await fly([...shop, mesh(to('v1'))], bad)).refused, ['istio-rejects'])
  })
})
