import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { preFlight } from '../../../plugin/edit/pre-flight.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
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

async function fly(
  before: readonly string[],
  after: string,
  { force = false, live = true }: { force?: boolean; live?: boolean } = {},
) {
  const world = objects(...before)
  const edited = one(after)
  const was = world.find(each => each.kind === edited.kind && each.metadata.name === edited.metadata.name)
  const changes = [{ ...(was && { before: was }), after: edited }]
  try {
    return {
      notes: await preFlight({ view: snapshot(world), notes: [], live }, { changes, now, force }),
    }
  } catch (error) {
    assert.ok(error instanceof CanaryError && error.code === 'refused', String(error))
    return { refused: error.hints.join('\n') }
  }
}

describe('an edit by which callers lose the service', () => {
  const world = [...shop, hiding, mesh(to('v1'))]
  it('is refused, and goes on where a person insists', async () => {
    const { refused } = await fly(world, mesh(to('v2')))
    assert.match(
      refused!,
      /insist with --force: these callers then lose the service\. Where the webhook is installed/,
    )
    assert.doesNotMatch((await fly(world, mesh(to('v2')), { live: false })).refused!, /webhook/)
    const { notes } = await fly(world, mesh(to('v2')), { force: true })
    assert.match(notes!.join('\n'), /^overridden by --force: .*subset-hidden-from-clients/m)
  })
  it('is refused whoever insists where it also breaks what cannot be overridden', async () => {
    const broken = mesh(`{match: [{uri: {prefix: /a}}], ${to('v2').slice(1)}, ${to('v9')}`)
    for (const force of [false, true]) {
      const { refused } = await fly(world, broken, { force })
      assert.match(refused!, /undefined-subset/)
      assert.doesNotMatch(refused!, /--force/)
    }
  })
})

describe('a pre-flight', () => {
  it('gives existing problems as notes', async () => {
    const broken = mesh(`{match: [{uri: {prefix: /a}}], ${to('v9').slice(1)}, ${to('v1')}`)
    const { notes } = await fly([...shop, broken], broken.replace('subset: v1', 'subset: v2'))
    assert.match(notes!.join('\n'), /undefined-subset/)
  })
  it('judges by the severities of lint on files', async () => {
    const world = shop.slice(0, 3)
    assert.match(
      (await fly([...world, mesh('{route: [{destination: {host: catalog}}]}')], mesh(to('v1')))).refused!,
      /subset-without-destination-rule/,
    )
    const { notes } = await fly(
      [...world, mesh('{route: [{destination: {host: catalog}}]}')],
      mesh(to('v1')),
      { live: false },
    )
    assert.match(notes!.join('\n'), /subset-without-destination-rule/)
  })
  it('refuses a pattern that Istio rejects', async () => {
    const bad = mesh(`{match: [{uri: {regex: "a(?=b)"}}], ${to('v1').slice(1)}`)
    assert.match((await fly([...shop, mesh(to('v1'))], bad)).refused!, /istio-rejects/)
  })
})
