import assert from 'node:assert/strict'
import test from 'node:test'
import { paintOf } from '../../../plugin/print/colour.ts'
import { formatDiff } from '../../../plugin/print/diff.ts'
import { formatTable } from '../../../plugin/print/table.ts'
import { formatAge } from '../../../plugin/print/services/span.ts'
import { formatTraffic } from '../../../plugin/print/services/traffic.ts'
import { MemoryStore, readExample } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'

async function released(): Promise<MemoryStore> {
  const store = new MemoryStore(readExample('catalog'))
  await runCommand(['cohort', 'internal', '--to', 'v2', '--until', '2d', '--reason', 'they asked for it'], {
    store,
  })
  await runCommand(words('weight v2=10'), { store })
  return store
}

test('status shows per service and entry point who gets what', async () => {
  const { code, stdout } = await runCommand(words('status'), { store: await released() })
  assert.equal(code, 0)
  assert.equal(
    stdout,
    `catalog in namespace istioinaction, stable is v1
last change 0s ago by alice: weight v1=90,v2=10 (revision 2)

  VERSION       READY   SUBSET       SHARE    COHORTS    WORKLOAD                IMAGE
  v1 (stable)   1/1     version-v1   90.0 %   -          Deployment/catalog      istioinaction/catalog:latest
  v2            1/1     version-v2   10.0 %   internal   Deployment/catalog-v2   istioinaction/catalog:latest

  catalog on mesh
    cohort internal → v2  100.0 %  ████████████████████  x-istio-cohort: internal  for 2d more
    everyone else   → v1   90.0 %  ██████████████████░░
                      v2   10.0 %  ██░░░░░░░░░░░░░░░░░░
  catalog.istioinaction.io on catalog-gateway
    cohort internal → v2  100.0 %  ████████████████████  x-istio-cohort: internal  for 2d more
    everyone else   → v1   90.0 %  ██████████████████░░
                      v2   10.0 %  ██░░░░░░░░░░░░░░░░░░
`,
  )
})

test('a route that names no subset gives no version 0 %, for it gives all of them some', () => {
  const splits = [{ takes: '', shares: [{ version: 'any of v1, v2', percent: 100 }], reached: true }]
  const text = formatTraffic(
    [
      {
        service: 'web',
        namespace: 'shop',
        notes: [],
        findings: [],
        versions: [
          { name: 'v1', ready: 1, wanted: 1 },
          { name: 'v2', ready: 1, wanted: 1 },
        ],
        entryPoints: [
          {
            ref: { kind: 'VirtualService', namespace: 'shop', name: 'web' },
            hosts: ['web'],
            gateways: ['mesh'],
            cohorts: [],
            splits,
            mirrors: [],
          },
        ],
      },
    ],
    { paint: paintOf(false), wide: false, now: new Date(0), live: false },
  )
  assert.match(text, /v1 +any +-\n +v2 +any +-\n/)
})

test('status -o wide adds objects, subsets, ages and reasons', async () => {
  const { stdout } = await runCommand(words('status -o wide'), {
    store: await released(),
    now: new Date('2026-08-04T12:00:00Z'),
  })
  assert.match(stdout, /version-v2/)
  assert.match(stdout, /virtualservice\.networking\.istio\.io\/catalog-vs-from-gw -n istioinaction/)
  assert.match(stdout, /ended 24h ago {2}since 3d {2}“they asked for it”/)
})

test('status -o json is data, -o name names the services', async () => {
  const { services } = JSON.parse(
    (await runCommand(words('status -o json'), { store: await released() })).stdout,
  ) as { readonly services: readonly { readonly service: string; readonly stable: string }[] }
  assert.deepEqual(
    services.map(({ service, stable }) => ({ service, stable })),
    [{ service: 'catalog', stable: 'v1' }],
  )
  assert.equal(
    (await runCommand(words('status -o name'), { store: await released() })).stdout,
    'service/catalog\n',
  )
})

test('cohorts lists each once, however many routes carry it', async () => {
  const { stdout } = await runCommand(words('cohorts -o wide'), { store: await released() })
  assert.equal(
    stdout,
    `SERVICE   COHORT     VERSION   OWNER   AGE   ENDS    CONDITIONS                 REASON
catalog   internal   v2        alice   0s    in 2d   x-istio-cohort: internal   they asked for it
`,
  )
})

test('nothing to show is said on stderr, and stdout stays empty', async () => {
  const { code, stdout, stderr } = await runCommand(words('status'), { store: new MemoryStore([]) })
  assert.deepEqual({ code, stdout }, { code: 0, stdout: '' })
  assert.match(stderr, /^No routed services found in namespace istioinaction\.\n/)
})

test('colour is only for terminals, and NO_COLOR is kept', async () => {
  const store = await released()
  const coloured = async (world: object): Promise<boolean> =>
    (await runCommand(words('status'), { store, ...world })).stdout.includes('\u001b[')
  assert.equal(await coloured({ isTTY: true }), true)
  assert.equal(await coloured({ isTTY: false }), false)
  assert.equal(await coloured({ isTTY: true, env: { NO_COLOR: '1' } }), false)
  assert.equal(await coloured({ isTTY: true, env: { TERM: 'dumb' } }), false)
})

test('a service that no route leads to says what that means', () => {
  const text = formatTraffic(
    [{ service: 'web', namespace: 'shop', versions: [], entryPoints: [], notes: ['a note'], findings: [] }],
    { paint: paintOf(false), wide: false, now: new Date(0), live: true },
  )
  assert.match(text, /No route leads to this service/)
  assert.match(text, /^note: a note$/m)
})

test('columns are as wide as their widest cell, counted as a terminal shows it', () => {
  const { bold } = paintOf(true)
  assert.equal(
    formatTable(
      ['A', 'B'],
      [
        [bold('xx'), 'y'],
        ['→→→→', ''],
      ],
    ),
    `A      B\n${bold('xx')}     y\n→→→→`,
  )
})

test('a diff is painted line by line', () => {
  const { bold, cyan, green, red } = paintOf(true)
  assert.equal(
    formatDiff('--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z', paintOf(true)),
    [bold('--- a'), bold('+++ b'), cyan('@@ -1 +1 @@'), red('-x'), green('+y'), ' z'].join('\n'),
  )
})

test('ages are in the short form of kubectl', () => {
  const now = new Date('2026-08-10T00:00:00Z')
  assert.deepEqual(
    [
      '2026-08-09T23:59:15Z',
      '2026-08-09T23:48:00Z',
      '2026-08-09T19:00:00Z',
      '2026-08-07T00:00:00Z',
      'nonsense',
    ].map(since => formatAge(since, now)),
    ['45s', '12m', '5h', '3d', 'nonsense'],
  )
})
