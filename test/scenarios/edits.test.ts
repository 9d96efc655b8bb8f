import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openStore } from '../../plugin/open-store.ts'
import type { VirtualService } from '../../shared/objects/virtual-service.ts'
import { runCommand } from '../plugin/run-command.ts'
import { ingress, workload } from '../routing/requests.ts'
import { CaseFolder, counted, leadsTo, printedIn, repeatedIn, ruled } from './case-folder.ts'

const host = 'catalog.shop.svc.cluster.local'
const cohort = 'cohort internal --to v2 --stable v1'
const edits = [cohort, 'weight v2=10 --stable v1', 'promote v2'] as const
const headers = { 'x-istio-cohort': 'internal' }

const virtualServiceIn = (folder: CaseFolder, name: string): VirtualService =>
  folder
    .objects()
    .find(({ kind, metadata }) => kind === 'VirtualService' && metadata.name === name) as VirtualService

/** That removing the cohort gives back every file byte for byte. */
async function removesWithoutTrace(folder: CaseFolder, before: Readonly<Record<string, string>>) {
  await folder.done('cohort internal --remove')
  assert.deepEqual(folder.texts(), before)
}

describe('an edit that takes the service from callers', () => {
  for (const [name, command, ruleNamed] of [
    [
      'client-dr-only',
      /^Add to spec\.subsets in DestinationRule web\/mtls \(\S+:\d+\): \{"name":"v\d"/,
      /clients in web lose .*DestinationRule web\/mtls applies there/,
    ],
    [
      'dr-exported-only-web',
      /^Set spec\.exportTo in DestinationRule shop\/catalog \(\S+:\d+\): \["\*"\]$/,
      /clients in shop, .* lose .*shop\/catalog, .* is not exported to them/,
    ],
  ] as const) {
    for (const edit of [...edits, 'init --stable v1']) {
      it(`is refused, and works after the fix that is printed: ${name}, ${edit}`, async () => {
        using folder = new CaseFolder(`edits/${name}`)
        const { stderr } = await folder.refused(edit)
        assert.match(stderr, ruleNamed)
        assert.match(stderr, /\(subset-hidden-from-clients\)/)
        assert.match(stderr, /--force/)
        const fixes = printedIn(stderr)
        assert.ok(fixes.length > 0, stderr)
        for (const fix of fixes) {
          assert.match(fix, command)
          folder.follow(fix)
        }
        await folder.done(edit)
        for (const namespace of ['web', 'shop', 'other'])
          for (const asked of [{}, headers])
            assert.doesNotMatch(
              leadsTo(folder.decide(host, { caller: workload(namespace), headers: asked })),
              /NC/,
            )
      })
    }

    it(`is done with --force, which names what is overridden: ${name}`, async () => {
      using folder = new CaseFolder(`edits/${name}`)
      const before = folder.objects()
      const { stderr } = await folder.done(`${edits[1]} --force`)
      assert.match(stderr, /overridden by --force: .*VirtualService shop\/catalog/)
      assert.deepEqual(folder.changedSince(before), [
        'DestinationRule shop/catalog',
        'VirtualService shop/catalog',
      ])
    })
  }
})

describe('a cohort of a delegate whose root ignores case', () => {
  it('gets what the root demands, so that the mesh carries it out', async () => {
    using folder = new CaseFolder('edits/deleg-ignore-case')
    const before = folder.texts()
    await folder.done(cohort)
    for (const path of ['/items', '/ITEMS/1', '/other']) {
      assert.equal(leadsTo(folder.decide(host, { path, headers })), 'catalog v2 100', path)
      assert.equal(leadsTo(folder.decide(host, { path })), 'catalog v1 100', path)
    }
    const { entryPoints } = await folder.status()
    assert.deepEqual(
      entryPoints.flatMap(({ ref, cohorts }) =>
        cohorts.map(({ name, reached }) => [ref.name, name, reached]),
      ),
      [
        ['deleg', 'internal', true],
        ['root', 'internal', true],
      ],
    )
    await removesWithoutTrace(folder, before)
  })
})

describe('the removal of a cohort after somebody else has edited the routes', () => {
  const route =
    '  - match: [{uri: {prefix: /catalog}}]\n    route: [{destination: {host: catalog, subset: v1}}]\n'
  for (const [title, place] of [
    ['on top', /^ {2}- name: canary-/m],
    ['directly above the base route', /^ {2}- name: r0$/m],
  ] as const) {
    it(`takes the stable version from the route that got it, and from no other: a route ${title}`, async () => {
      using folder = new CaseFolder('edits/edit-between-pin')
      const original = folder.texts()['all.yaml']!
      await folder.done(cohort)
      assert.match(leadsTo(folder.decide(host)), /^catalog v1 100$/)
      const edited = folder.texts()['all.yaml']!
      folder.write(
        'all.yaml',
        edited.replace(place, found => route + found),
      )
      await folder.done('cohort internal --remove')
      assert.deepEqual(folder.texts(), {
        'all.yaml': original.replace(/^ {2}- name: r0$/m, found => route + found),
      })
      assert.equal(leadsTo(folder.decide(host)), 'catalog 100')
      assert.equal(leadsTo(folder.decide(host, { path: '/catalog' })), 'catalog v1 100')
    })
  }
})

describe('init where a wildcard has routes for the service', () => {
  const forbidden = { path: '/items' }
  it('is refused, and names the route that would no longer apply', async () => {
    using folder = new CaseFolder('edits/init-under-wildcard')
    assert.equal(leadsTo(folder.decide(host, forbidden)), '403')
    const { stderr } = await folder.refused('init --stable v1')
    assert.match(stderr, /VirtualService shop\/wild spec\.http\[0\]/)
    assert.equal(leadsTo(folder.decide(host, forbidden)), '403')
  })

  it('is done by the command that is printed, and overrides it', async () => {
    using folder = new CaseFolder('edits/init-under-wildcard')
    const before = folder.objects()
    const { stderr } = await folder.refused('init --stable v1')
    const [command] = repeatedIn(stderr)
    assert.ok(command !== undefined && command.includes('--force') && command.includes('--service'))
    const ended = await runCommand(command, { store: openStore })
    assert.equal(ended.code, 0, ended.stderr)
    assert.match(ended.stderr, /VirtualService shop\/wild spec\.http\[0\]/)
    assert.deepEqual(folder.changedSince(before), [
      'DestinationRule shop/catalog',
      'VirtualService shop/catalog',
    ])
    assert.equal(leadsTo(folder.decide(host, forbidden)), 'catalog v1 100')
    assert.equal(leadsTo(folder.decide('orders.shop.svc.cluster.local', forbidden)), '403')
  })
})

describe('a cohort at a gateway host that several VirtualServices share', () => {
  for (const name of ['merged-catch-all', 'merged-prefix-slash']) {
    it(`takes no request of the others, and goes without a trace: ${name}`, async () => {
      using folder = new CaseFolder(`edits/${name}`)
      const [texts, before] = [folder.texts(), folder.objects()]
      const asked = (path: string, sent: Readonly<Record<string, string>>): string =>
        leadsTo(folder.decide('shop.example.com', { caller: ingress, path, headers: sent }))
      const others = [asked('/orders', headers), asked('/orders/1', {}), asked('/', {})]
      await folder.done(cohort)
      assert.ok(!folder.changedSince(before).includes('VirtualService shop/b-orders'))
      assert.equal(asked('/orders', headers), 'orders 100')
      assert.deepEqual([asked('/orders', headers), asked('/orders/1', {}), asked('/', {})], others)
      assert.deepEqual([asked('/', headers), asked('/items', headers)], ['catalog v2 100', 'catalog v2 100'])
      const { entryPoints } = await folder.status()
      assert.deepEqual(
        entryPoints.flatMap(({ cohorts }) => cohorts.map(({ to, reached }) => [to, reached])),
        [['v2', true]],
      )
      assert.deepEqual(await folder.lint(), [])
      assert.match((await folder.done(cohort)).stdout, / unchanged$/m)
      await removesWithoutTrace(folder, texts)
    })

    it(`covers callers in the mesh after the commands that are printed: ${name}`, async () => {
      using folder = new CaseFolder(`edits/${name}`)
      const texts = folder.texts()
      const [command] = printedIn((await folder.done(cohort)).stderr)
      await folder.carryOut(command!)
      assert.equal(leadsTo(folder.decide(host, { headers })), 'catalog v1 100')
      const [note, ...others] = (await folder.status()).notes
      assert.deepEqual(others, [])
      const [again] = repeatedIn(note!)
      const { code, stderr } = await folder.runWords(again!)
      assert.equal(code, 0, stderr)
      assert.deepEqual((await folder.status()).notes, [])
      assert.equal(leadsTo(folder.decide(host, { headers })), 'catalog v2 100')
      const asked = { caller: ingress, path: '/orders', headers }
      assert.equal(leadsTo(folder.decide('shop.example.com', asked)), 'orders 100')
      await folder.done('cohort internal --remove')
      assert.deepEqual(Object.keys(folder.texts()), [...Object.keys(texts), 'catalog-virtualservice.yaml'])
    })
  }
})

describe('a service that is only mirrored to', () => {
  for (const edit of ['cohort internal --to v2', 'weight v2=10', 'abort']) {
    it(`has no route to edit: ${edit}`, async () => {
      using folder = new CaseFolder('edits/mirror-only')
      const before = folder.texts()
      const { code, stderr } = await folder.canary(edit)
      assert.equal(code, 1, stderr)
      assert.match(stderr, /^error: no VirtualService routes to catalog/)
      assert.doesNotMatch(stderr, /tcp|tls/)
      assert.deepEqual(folder.texts(), before)
    })
  }

  it('has one after init, and the mirror stays', async () => {
    using folder = new CaseFolder('edits/mirror-only')
    const before = folder.objects()
    await folder.done('init --stable v1')
    assert.deepEqual(folder.changedSince(before), ['VirtualService shop/catalog'])
    await folder.done(cohort)
    await folder.done('abort')
    assert.deepEqual(folder.changedSince(before), ['VirtualService shop/catalog'])
    const { mirrors } = folder.decide('orders.shop.svc.cluster.local')
    assert.deepEqual(
      mirrors.map(mirror => mirror.host),
      [host],
    )
  })
})

describe('a cohort by the labels of its callers', () => {
  it('leaves out the gateways of a block, with which Istio ignores the labels', async () => {
    using folder = new CaseFolder('edits/source-label-gateways')
    const before = folder.texts()
    await folder.done('cohort internal --to v2 --source-label app=web')
    const [copy, base] = virtualServiceIn(folder, 'catalog').spec.http!
    assert.ok(copy!.match!.every(block => !('gateways' in block)))
    assert.deepEqual(base!.match, [{ uri: { prefix: '/' }, gateways: ['mesh'] }])
    assert.equal(leadsTo(folder.decide(host, { caller: workload('web', { app: 'web' }) })), 'catalog v2 100')
    assert.equal(
      leadsTo(folder.decide(host, { caller: workload('web', { app: 'other' }) })),
      'catalog v1 100',
    )
    await removesWithoutTrace(folder, before)
  })
})

describe('status', () => {
  it('counts no share of a route behind a route that takes everything', async () => {
    using folder = new CaseFolder('edits/status-after-catch-all')
    const status = await folder.status()
    assert.deepEqual(counted(status), [])
    assert.deepEqual(ruled(status), ['unreachable-route shop/catalog'])
    assert.match((await folder.done('status')).stdout, /^ {2}v2 +- +- /m)
  })

  for (const edit of edits) {
    it(`and edits say which callers do not see the VirtualService: ${edit}`, async () => {
      using folder = new CaseFolder('edits/status-export-to')
      const { notes } = await folder.status()
      assert.match(
        notes[0]!,
        /^Callers in .*any other namespace are not covered: VirtualService shop\/catalog /,
      )
      const { stderr } = await folder.done(edit)
      assert.ok(stderr.includes(notes[0]!), stderr)
      const [command] = printedIn(stderr)
      assert.doesNotMatch(leadsTo(folder.decide(host, { caller: workload('other') })), /v\d/)
      folder.follow(command!)
      assert.deepEqual((await folder.status()).notes, [])
      assert.match(leadsTo(folder.decide(host, { caller: workload('other') })), /v\d/)
    })
  }
})
