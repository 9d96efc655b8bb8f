import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { paintOf } from '../../plugin/print/colour.ts'
import { formatReadiness } from '../../plugin/print/readiness/text.ts'
import { objectsInFile, reportsOn, yaml } from './reports.ts'
import { budget, deployment, disabled, namespace, peer, service, world, virtualService } from './worlds.ts'

/** A service in which much is wrong at once. */
const broken = world(
  {
    rule: disabled,
    service: service('sessionAffinity: ClientIP, selector: {app: catalog}', '{name: api, port: 80}'),
    v2: deployment('catalog-v2', 'app: catalog', { replicas: 1 }),
  },
  peer('mtls: {mode: STRICT}'),
  budget('minAvailable: 3'),
  deployment('loadgenerator', 'app: loadgenerator, version: v1'),
  virtualService().replace('name: catalog,', 'name: later,').replace('2026-01', '2026-02'),
)
const shop = [
  ...objectsInFile('test/fixtures/healthy/online-boutique.yaml'),
  ...yaml(namespace('istio-injection: enabled', 'onlineboutique')),
]
const worlds = {
  'healthy-service': () => reportsOn(world(), { service: 'catalog' }),
  'broken-service': () => reportsOn(broken, { service: 'catalog' }),
  'broken-namespace': () => reportsOn(broken),
  'shop-namespace': () => reportsOn(shop, { namespace: 'onlineboutique' }),
}

/** `GOLDEN=write node --test …` writes the screens anew, for a person to look at. */
for (const [name, reports] of Object.entries(worlds))
  for (const width of [80, 120] as const)
    test(`${name} at ${width} columns looks as it did`, () => {
      const text = formatReadiness(reports(), { paint: paintOf(false), width, all: false })
      const file = join(import.meta.dirname, `../fixtures/doctor/${name}-${width}.txt`)
      if (process.env['GOLDEN'] === 'write') writeFileSync(file, `${text}\n`)
      assert.equal(`${text}\n`, readFileSync(file, 'utf8'))
      const sentences = text.split('\n').filter(line => !/^ +(?:Fix: )?(?:kubectl|echo) /.test(line))
      for (const line of sentences) assert.ok(line.length <= width, line)
    })

test('without a terminal no sentence is broken, so that lines can be searched', () => {
  const text = formatReadiness(reportsOn(broken, { service: 'catalog' }), {
    paint: paintOf(false),
    width: undefined,
    all: false,
  })
  assert.match(text, /^fail {2}mtls .* accepts? only mTLS \(PeerAuthentication default\)$/m)
})
