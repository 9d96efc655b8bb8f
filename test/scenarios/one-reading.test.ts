import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CaseFolder, counted, leadsTo, printedIn, ruled } from './case-folder.ts'
import { statusInWords } from '../plugin/print/status-in-words.ts'

const host = 'catalog.shop.svc.cluster.local'
const edits = ['cohort internal --to v2 --stable v1', 'weight v2=10 --stable v1', 'promote v2'] as const

/** What the version table of `status` says of each version: `v1 90 %`. */
const tableOf = (text: string): readonly string[] =>
  [...text.matchAll(/^ {2}(v\d)(?: \(stable\))? {2,}(\S+(?: %)?)/gm)].map(
    ([, version, share]) => `${version} ${share}`,
  )

/** The edit that a finding describes as `Set spec.a[0]: 1, spec.b[1]: 2.`, as steps of a patch. */
function followEdit(folder: CaseFolder, text: string): void {
  const [, list] = /Set (spec\..*)\.$/m.exec(text)!
  const steps = list!.split(', ').map(item => {
    const [path, value] = item.split(': ')
    const pointer = `/${path!.replaceAll(/\[(\d+)\]/g, '.$1').replaceAll('.', '/')}`
    return { op: 'replace', path: pointer, value: Number(value) }
  })
  folder.follow(
    `kubectl patch virtualservices.networking.istio.io catalog -n shop --type=json -p='${JSON.stringify(steps)}'`,
  )
}

describe('a Gateway that serves none of the hosts', () => {
  it('is named, and no share is counted for its routes', async () => {
    using folder = new CaseFolder('one-reading/gwns')
    const status = await folder.status()
    assert.deepEqual(ruled(status), ['unknown-gateway shop/catalog'])
    assert.equal(status.entryPoints[0]?.idle?.rule, 'unknown-gateway')
    assert.ok(status.entryPoints[0]?.splits.every(({ reached }) => !reached))
    assert.deepEqual(counted(status), [])
    assert.deepEqual(tableOf((await folder.done('status')).stdout), ['v1 -', 'v2 -'])
    assert.deepEqual(await folder.lint(), ['unknown-gateway shop/catalog'])
  })

  it('has no cohort in status either, and an edit names the rule', async () => {
    using folder = new CaseFolder('one-reading/gwns')
    const { stdout, stderr } = await folder.done(edits[0])
    assert.doesNotMatch(stdout, /→/)
    assert.match(stderr, /VirtualService shop\/catalog .*\(unknown-gateway\)/)
    const { entryPoints } = await folder.status()
    assert.deepEqual(
      entryPoints[0]?.cohorts.map(({ name, reached }) => [name, reached]),
      [['internal', false]],
    )
    assert.doesNotMatch((await folder.done('status')).stdout, /internal/)
  })

  it('covers callers in the mesh after the command that is printed', async () => {
    using folder = new CaseFolder('one-reading/gwns')
    const [command, ...more] = printedIn((await folder.done('status')).stdout)
    assert.deepEqual(more, [])
    await folder.carryOut(command!)
    const status = await folder.status()
    assert.deepEqual(status.notes.flatMap(printedIn), [])
    assert.deepEqual(counted(status), ['v1 100'])
    assert.equal(leadsTo(folder.decide(host)), 'catalog v1 100')
  })
})

describe('weights that do not add up to 100', () => {
  for (const [name, shares, weights, said] of [
    ['half', 'v1 50, v2 50', [50, 50], 'v1 50 %, v2 50 %'],
    ['thirds', 'v1 66.7, v2 33.3', [67, 33], 'v1 66.7 %, v2 33.3 %'],
  ] as const) {
    it(`are shown as they take effect, and the fix keeps their proportion: ${name}`, async () => {
      using folder = new CaseFolder(`one-reading/${name}`)
      const status = await folder.status()
      assert.deepEqual(counted(status), [shares])
      assert.deepEqual(ruled(status), ['weights-sum-to-100 shop/catalog'])
      assert.ok(statusInWords((await folder.done('status')).stdout).includes(`everyone → ${said}`))
      followEdit(folder, (await folder.run('lint')).stdout)
      assert.deepEqual(await folder.lint(), [])
      assert.deepEqual(counted(await folder.status()), [`v1 ${weights[0]}, v2 ${weights[1]}`])
    })

    it(`are said alike by an edit that leaves them: ${name}`, async () => {
      using folder = new CaseFolder(`one-reading/${name}`)
      const { stdout, stderr } = await folder.done(edits[0])
      assert.ok(stdout.includes(`everyone else → ${said}`), stdout)
      assert.match(stderr, /\(weights-sum-to-100\)/)
      assert.deepEqual(counted(await folder.status()), [shares])
    })
  }
})

describe('a VirtualService that only some callers see', () => {
  it('is said to leave out the others, with the edit that includes them', async () => {
    using folder = new CaseFolder('one-reading/hidden')
    const printed = (await folder.status()).notes.flatMap(printedIn)
    assert.deepEqual(printed, [
      'VirtualService other/catalog is not exported to them. To include them: set its spec.exportTo to ["*"]',
    ])
    assert.equal(leadsTo(folder.decide(host)), 'catalog 100')
    folder.follow(printed[0]!)
    assert.deepEqual((await folder.status()).notes, [])
    assert.equal(leadsTo(folder.decide(host)), 'catalog v1 50, catalog v2 50')
  })

  for (const edit of edits) {
    it(`is so in the notes of an edit: ${edit}`, async () => {
      using folder = new CaseFolder('one-reading/hidden')
      const { notes } = await folder.status()
      const { stderr } = await folder.done(edit)
      for (const note of notes) assert.ok(stderr.includes(note), stderr)
    })
  }
})

describe('a route behind a route that takes everything', () => {
  it('has no share and is named', async () => {
    using folder = new CaseFolder('one-reading/prefix')
    const status = await folder.status()
    assert.deepEqual(counted(status), ['v1 100'])
    assert.deepEqual(ruled(status), ['unreachable-route shop/catalog'])
    assert.deepEqual(tableOf((await folder.done('status')).stdout), ['v1 100.0 %', 'v2 0.0 %'])
  })

  it('leaves no doubt about which version is stable', async () => {
    using folder = new CaseFolder('one-reading/prefix')
    const { stdout } = await folder.done('weight v2=10')
    assert.match(stdout, /^catalog: everyone → v1 90 %, v2 10 %$/m)
    assert.equal(leadsTo(folder.decide(host, { path: '/api' })), 'catalog v1 90, catalog v2 10')
  })
})

describe('a subset that callers do not see', () => {
  it('is no version for them, and their requests are shown as failing', async () => {
    using folder = new CaseFolder('one-reading/sidecar')
    const { versions, entryPoints, findings } = await folder.status()
    assert.ok(versions.find(({ name }) => name === 'v3')?.unseenBy?.includes('shop'))
    const share = entryPoints[0]?.splits[0]?.shares.find(({ version }) => version === 'v3')
    assert.equal(share?.failsFor?.rule, 'subset-hidden-from-clients')
    assert.ok(share.failsFor.callers.includes('shop'))
    assert.ok(findings.some(({ rule }) => rule === 'subset-hidden-from-clients'))
  })

  it('is added to the DestinationRule that they apply before they are sent there', async () => {
    using folder = new CaseFolder('one-reading/sidecar')
    const before = folder.objects()
    assert.match(leadsTo(folder.decide(host)), /catalog v3 10 NC/)
    const { stdout } = await folder.done('weight v3=10')
    assert.match(stdout, /^catalog: everyone → v1 90 %, v3 10 %$/m)
    assert.ok(folder.changedSince(before).includes('DestinationRule shop/catalog'))
    for (const namespace of ['web', 'other', 'shop']) {
      const caller = { kind: 'workload', namespace, labels: {} } as const
      assert.equal(leadsTo(folder.decide(host, { caller })), 'catalog v1 90, catalog v3 10', namespace)
    }
    assert.match((await folder.done('weight v3=10')).stdout, / unchanged$/m)
  })
})

describe('two VirtualServices for one host in the mesh', () => {
  const [older, newer] = ['2024-01-01T00:00:00Z', '2025-01-01T00:00:00Z']
  const timed = (one: string, other: string): CaseFolder => {
    const folder = new CaseFolder('one-reading/two-for-one-host')
    const text = folder.texts()['all.yaml']!.replace(older, 'one').replace(newer, 'other')
    folder.write('all.yaml', text.replace('"one"', one).replace('"other"', other))
    return folder
  }

  for (const [title, one, other, inForce] of [
    ['the older one', `"${older}"`, `"${newer}"`, 'catalog'],
    ['the older one, whatever its name', `"${newer}"`, `"${older}"`, 'catalog-2'],
    ['the first in the files where none has an age', 'null', 'null', 'catalog'],
  ] as const) {
    it(`are counted by what Istio takes: ${title}`, async () => {
      using folder = timed(one, other)
      const ignored = inForce === 'catalog' ? 'catalog-2' : 'catalog'
      const status = await folder.status()
      assert.deepEqual(counted(status), [inForce === 'catalog' ? 'v1 100' : 'v1 50, v2 50'])
      assert.deepEqual(
        status.entryPoints
          .filter(({ idle }) => idle !== undefined)
          .map(({ ref, idle }) => [ref.name, idle?.rule]),
        [[ignored, 'conflicting-virtual-services']],
      )
      assert.deepEqual(await folder.lint(), [`conflicting-virtual-services shop/${ignored}`])
      const before = folder.objects()
      const { stderr } = await folder.done('weight v2=10 --stable v1')
      assert.deepEqual(folder.changedSince(before), [`VirtualService shop/${inForce}`])
      assert.match(stderr, new RegExp(`VirtualService shop/${ignored} .*\\(conflicting-virtual-services\\)`))
      assert.equal(stderr.includes('files do not tell their ages'), one === 'null')
      assert.equal((await folder.run('status')).stdout.includes('do not tell their ages'), one === 'null')
      assert.equal(leadsTo(folder.decide(host)), 'catalog v1 90, catalog v2 10')
    })
  }
})

describe('a route to a subset that nobody defines', () => {
  it('is shown as failing, and the subset is no version', async () => {
    using folder = new CaseFolder('one-reading/undefined')
    const status = await folder.status()
    assert.deepEqual(ruled(status), ['undefined-subset shop/catalog'])
    assert.deepEqual(
      status.versions.map(({ name }) => name),
      ['v1', 'v2'],
    )
    assert.deepEqual(counted(status), ['v1 50'])
    assert.equal(status.entryPoints[0]?.splits[0]?.shares[1]?.fault, 'undefined-subset')
    assert.match(statusInWords((await folder.done('status')).stdout), /v9 50 % {2}\(503, undefined-subset\)/)
  })

  it('leads somewhere after the command that is printed', async () => {
    using folder = new CaseFolder('one-reading/undefined')
    const [command] = printedIn((await folder.run('lint')).stdout)
    folder.follow(command!)
    assert.doesNotMatch((await folder.lint()).join('\n'), /undefined-subset/)
  })
})
