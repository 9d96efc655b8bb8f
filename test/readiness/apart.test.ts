import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { ManifestsFolder } from '../plugin/manifests-folder.ts'
import { openStore } from '../../plugin/open-store.ts'
import { runCommand } from '../plugin/run-command.ts'
import schema from '../../docs/doctor-output.schema.json' with { type: 'json' }

const cases = new URL('../fixtures/cases/', import.meta.url)

const doctorOn = (name: string, ...words: readonly string[]) =>
  runCommand(['doctor', ...words, '-f', new URL(name, cases).pathname], { store: openStore })

interface Report {
  readonly kind: string
  readonly name: string
  readonly state: string
  readonly places?: readonly string[]
  readonly checks: readonly { readonly id: string; readonly state: string }[]
}

const reportsOf = (stdout: string): readonly Report[] => JSON.parse(stdout).reports
const faultsIn = ({ places = [], checks }: Report): string =>
  `${places.map(place => place.replace(/.*\//, '')).join(' ')}: ${checks
    .filter(({ state }) => state === 'fail' || state === 'warn')
    .map(({ id }) => id)
    .join(' ')}`

const deployment = (version: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop-${version}, namespace: web}
spec: {selector: {matchLabels: {app: shop, version: ${version}}}, template: {metadata: {labels: {app: shop, version: ${version}}}, spec: {containers: [{name: c, image: i}]}}}
---`
const text = (timeout: number): string => `
apiVersion: v1
kind: Service
metadata: {name: shop, namespace: web}
spec: {selector: {app: shop}, ports: [{name: http, port: 80}]}
---${deployment('v1')}${deployment('v2')}
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: shop, namespace: web}
spec: {host: shop, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: web}
spec: {hosts: [shop.example.com], gateways: [public], http: [{timeout: ${timeout}s, route: [{destination: {host: shop, subset: v1}}]}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: public, namespace: web}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com]}]}
`

describe('files that are not all applied together', () => {
  it('are judged each by itself, as lint judges them', async () => {
    const { code, stdout, stderr } = await doctorOn('environments', '-o', 'json')
    assert.equal(code, 3)
    assert.match(stderr, /3 objects are defined more than once, in .*dev, .*prod, .*staging\./)
    assert.doesNotMatch(stderr, /the last definition is used/)
    assert.deepEqual(
      reportsOf(stdout)
        .filter(({ kind }) => kind === 'Service')
        .map(faultsIn),
      ['dev: routes', 'prod: ', 'staging: subsets'],
    )
    assert.ok(new Ajv2020().validate(schema, JSON.parse(stdout)))
  })

  it('are named in every format', async () => {
    for (const format of [[], ['-o', 'markdown']]) {
      const { stdout } = await doctorOn('environments', 'reviews', ...format)
      assert.match(stdout, /Service shop\/reviews in \S*environments\/staging/)
    }
    const { stdout } = await doctorOn('environments', '-o', 'sarif')
    for (const place of ['dev', 'staging']) assert.match(stdout, new RegExp(`environments/${place}/all.yaml`))
  })
})

describe('files of alternatives', () => {
  it('have no fault that comes from mixing them, and one report for those of which the same is said', async () => {
    const { stdout } = await doctorOn('alternatives-in-one-folder', '-o', 'json')
    assert.deepEqual(
      reportsOf(stdout)
        .filter(({ name }) => name === 'details')
        .map(faultsIn),
      ['dr-all.yaml fault-v1.yaml vs-v2.yaml: ', 'vs-typo.yaml: routes'],
    )
  })

  it('are one where a file only says everything twice', async () => {
    using folder = new ManifestsFolder('catalog')
    const texts = Object.values(folder.texts())
    const all = [...texts, ...texts].join('\n---\n')
    using twice = new ManifestsFolder()
    twice.write('all.yaml', all)
    const { code, stdout } = await twice.run('doctor -o json')
    assert.equal(code, 0)
    assert.deepEqual(
      reportsOf(stdout).map(({ name, places }) => [name, places]),
      [
        ['istioinaction', undefined],
        ['catalog', undefined],
        ['webapp', undefined],
      ],
    )
  })
})

describe('files of several environments', () => {
  it('have fixes that name the files of their own place alone, so that no edit is refused', async () => {
    using folder = new ManifestsFolder()
    folder.write('dev.yaml', text(1))
    folder.write('prod.yaml', text(2))
    const { stdout } = await folder.run('doctor shop')
    const commands = stdout.match(/kubectl canary init .*/g) ?? []
    assert.deepEqual(
      commands.map(command => /-f \S*\/(\w+\.yaml)$/.exec(command)?.[1]),
      ['dev.yaml', 'prod.yaml'],
    )
    for (const command of commands) {
      const { code, stderr } = await runCommand(command.split(' ').slice(2), { store: openStore })
      assert.equal(code, 0, stderr)
    }
  })

  it('are too many to judge above a limit, which is said', async () => {
    using folder = new ManifestsFolder()
    const text = readFileSync(new URL('environments/dev/all.yaml', cases), 'utf8')
    for (let i = 0; i < 65; i++) folder.write(`env-${i}.yaml`, text)
    assert.equal(readdirSync(folder.path).length, 65)
    const { code, stderr } = await folder.run('doctor')
    assert.equal(code, 2)
    assert.match(stderr, /the files are 65 sets of objects that are applied apart/)
  })
})
