import assert from 'node:assert/strict'
import test from 'node:test'
import { fc } from '../../properties.ts'
import { ManifestsFolder } from '../manifests-folder.ts'
import { catalogFolder } from './catalog-files.ts'
import { statusInWords } from '../print/status-in-words.ts'

const lone = `http:
- name: items   # the API
  match:
  - uri: {prefix: /items}
  route:
  - destination: {host: catalog, subset: v1}
    # nothing else
  # up to here
- route:
  - destination:
      host: catalog
      subset: v1
`

test('mirror on files adds the mirror to each route, and --off gives the files back byte for byte', async () => {
  using folder = catalogFolder(lone)
  const before = folder.texts()
  const { code, stdout, stderr } = await folder.run('mirror catalog v2=25 -n shop')
  assert.deepEqual(
    [code, stdout],
    [
      0,
      `catalog: everyone → v1; 25 % mirrored to v2
virtualservice.networking.istio.io/catalog configured in ${folder.path}/route.yaml
`,
    ],
  )
  assert.equal(
    stderr,
    'note: v2 gets copies of requests that change data (POST, PUT, PATCH, DELETE), too: what it then writes or sends is real. The answers to copies are dropped. Their Host header may end in -shadow, depending on the proxy.\n',
  )
  assert.equal(
    folder.texts()['route.yaml']!.split('spec:\n')[1],
    `  hosts: [catalog]
  http:
  - name: items   # the API
    match:
    - uri: {prefix: /items}
    route:
    - destination: {host: catalog, subset: v1}
      # nothing else
    mirror:
      host: catalog
      subset: v2
    mirrorPercentage:
      value: 25
    # up to here
  - route:
    - destination:
        host: catalog
        subset: v1
    mirror:
      host: catalog
      subset: v2
    mirrorPercentage:
      value: 25
`,
  )
  assert.deepEqual((await folder.run('mirror --off -n shop')).code, 0)
  assert.deepEqual(folder.texts(), before)
})

test('mirror --off on files names what it removes, and is unchanged the second time', async () => {
  using folder = catalogFolder(lone)
  await folder.run('mirror catalog v2=25 -n shop')
  const off = await folder.run('mirror --off -n shop')
  assert.deepEqual(
    [off.code, off.stdout, off.stderr],
    [
      0,
      `catalog: everyone → v1
virtualservice.networking.istio.io/catalog configured in ${folder.path}/route.yaml
`,
      'note: The mirror to v2 is removed (VirtualService shop/catalog spec.http[0] and VirtualService shop/catalog spec.http[1]).\n',
    ],
  )
  const again = await folder.run('mirror --off -n shop')
  assert.deepEqual([again.code, again.stdout], [0, 'unchanged\n'])
})

test('mirror on files says in status which mirrors were written by hand, and on which routes they are', async () => {
  using folder = catalogFolder(
    `${lone}  mirror: {host: catalog, subset: v3}\n  mirrorPercentage: {value: 0.5}\n`,
  )
  await folder.run('mirror v2=25 -n shop')
  const { stdout } = await folder.run('status -n shop')
  assert.match(
    statusInWords(stdout),
    / {2}catalog on mesh\n {4}everyone, \/items\* +→ v1 100 %\n {4}everyone +→ v1 100 %\n {4}mirror +→ v2 25 %\n {4}mirror +→ v3 0\.5 % {2}on everything else {2}written by hand/,
  )
  const json = JSON.parse((await folder.run('status -n shop -o json')).stdout) as {
    readonly services: readonly { readonly entryPoints: readonly { readonly mirrors: unknown }[] }[]
  }
  assert.deepEqual(json.services[0]!.entryPoints[0]!.mirrors, [
    { version: 'v2', percent: 25, byHand: false },
    { version: 'v3', percent: 0.5, byHand: true, takes: [''] },
  ])
  assert.match((await folder.run('list -n shop')).stdout, /MIRRORS.*\ncatalog +v1 +v1=100 +- +v2=25,v3=0\.5 /)
})

test('mirror on files gives files back byte for byte in any order with cohorts, whatever is mirrored by hand in blocks', async () => {
  const hand = fc.constantFrom(
    '',
    '  mirrors:\n  - destination:\n      host: catalog\n      subset: v2\n',
    '  mirrors:   # copies\n  - destination: {host: orders}\n    percentage: {value: 3}   # few\n',
    '  mirror:\n    host: orders\n  mirrorPercent: 7\n',
    '  mirror: {host: catalog, subset: v2}   # ours, too\n  mirrorPercentage: {value: 5}\n',
  )
  const add = ['mirror catalog v2=25 -n shop', 'cohort internal catalog --to v2 -n shop']
  const take = ['mirror catalog --off -n shop', 'cohort internal catalog --remove -n shop']
  await fc.assert(
    fc.asyncProperty(
      hand,
      fc.shuffledSubarray([0, 1], { minLength: 1 }),
      fc.boolean(),
      async (more, order, turn) => {
        using folder = catalogFolder(lone + more)
        const before = folder.texts()
        const ends = turn ? order.toReversed() : order
        for (const line of [...order.map(i => add[i]!), ...ends.map(i => take[i]!)]) {
          const { code, stderr } = await folder.run(line)
          assert.equal(code, 0, `${line}: ${stderr}`)
        }
        assert.deepEqual(folder.texts(), before)
      },
    ),
    { numRuns: 40 },
  )
})

test('mirror on files shows the change with --dry-run, prints patches, and data with -o', async () => {
  using folder = new ManifestsFolder('catalog')
  const before = folder.texts()
  const dry = await folder.run('mirror v2=25 --dry-run=client')
  assert.match(dry.stdout, /\n\+ {4}mirrorPercentage:\n\+ {6}value: 25\n/)
  const name = await folder.run('mirror v2=25 --dry-run=client -o name')
  assert.match(name.stdout, /virtualservice\.networking\.istio\.io\/catalog/)
  const patch = await folder.run('mirror v2=25 --emit-patch merge')
  assert.match(patch.stdout, /mirrorPercentage:\n\s+value: 25/)
  assert.deepEqual(folder.texts(), before)
})

test('mirror on files names whole commands where no percentage is given, and refuses words beside --off', async () => {
  using folder = new ManifestsFolder('catalog')
  const bare = await folder.run('mirror')
  assert.deepEqual(
    [bare.code, bare.stderr],
    [
      2,
      `error: no percentage is given\n  For example: kubectl canary mirror catalog v2=25 -f ${folder.path}\n`,
    ],
  )
  const both = await folder.run('mirror v2=5 --off')
  assert.equal(both.code, 2)
  assert.match(both.stderr, /--off ends all mirrors and cannot be used with v2=5/)
})
