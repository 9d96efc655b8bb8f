import assert from 'node:assert/strict'
import test from 'node:test'
import { ManifestsFolder } from '../../plugin/manifests-folder.ts'

const deployment = (name: string, version: string, labels = ''): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec: {selector: {matchLabels: {app: web, version: ${version}}}, template: {metadata: {labels: {app: web, version: ${version}${labels}}}}}\n---\n`
const common = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
${deployment('web', 'v1', ', release: stable')}${deployment('web-v2', 'v2', ', release: next')}`
const subsets = (text: string): string =>
  `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: web}\nspec: {host: web, subsets: [${text}]}\n---\n`
const route = (http: string): string =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web}\nspec: {hosts: [web], http: [${http}]}\n`
const to = (subset: string, match = ''): string =>
  `{${match}route: [{destination: {host: web, subset: ${subset}}}]}`

const several = common
  .concat(
    subsets(
      '{name: stable, labels: {version: v1}}, {name: eu, labels: {version: v2, region: eu}}, {name: us, labels: {version: v2, region: us}}',
    ),
  )
  .concat(route(to('stable')))
const byPath = common
  .concat(subsets('{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}'))
  .concat(route(`${to('v2', 'match: [{uri: {prefix: /api}}], ')}, ${to('v1')}`))

/** The commands that an error offers, each carried out on the same files. */
async function offered(text: string, line: string): Promise<readonly (readonly [string, number])[]> {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', text)
  const { code, stderr } = await folder.run(line)
  assert.equal(code, 2, stderr)
  const commands = stderr.match(/(?<=^ +kubectl canary ).*$/gm) ?? []
  const done = commands.map(async command => {
    using copy = new ManifestsFolder()
    copy.write('all.yaml', text)
    const said = command.replace(` -f ${folder.path}`, '').replaceAll("'", '')
    const { code: result } = await copy.run(said)
    return [said, copy.texts()['all.yaml'] === text ? -1 : result] as const
  })
  return Promise.all(done)
}

test('a version that fits several subsets is asked for with commands that work', async () => {
  for (const [line, ...commands] of [
    ['weight web v2=10', 'weight web eu=10', 'weight web us=10'],
    ['promote web v2', 'promote web eu', 'promote web us'],
    ['mirror web v2=10', 'mirror web eu=10', 'mirror web us=10'],
    ['cohort v2 web --to v2', 'cohort v2 web --to eu', 'cohort v2 web --to us'],
    ['cohort qa web --to=v2', 'cohort qa web --to=eu', 'cohort qa web --to=us'],
  ])
    assert.deepEqual(
      await offered(several, line!),
      commands.map(command => [command, 0]),
      line,
    )
})

test('a version that the command names already is not offered for one that fits several', async () => {
  for (const [line, ...commands] of [
    ['weight web eu=10,v2=5', 'weight web eu=10,us=5'],
    ['weight web v2=5 us=10', 'weight web eu=5 us=10'],
    ['weight web eu=10 --stable v2', 'weight web eu=10 --stable us'],
    [
      'weight web us=90,eu=10 --stable v2',
      'weight web us=90,eu=10 --stable eu',
      'weight web us=90,eu=10 --stable us',
    ],
    ['mirror web eu=10,v2=5', 'mirror web eu=10,us=5'],
    ['weight web eu=10,us=5,v2=1'],
  ])
    assert.deepEqual(
      await offered(several, line!),
      commands.map(command => [command, 0]),
      line,
    )
})

test('a version that one path has in full is offered for the other routes', async () => {
  for (const [line, route] of [
    ['weight web v2=10', 'http[1]'],
    ['promote web v2', 'http[1]'],
    ['weight web v1=10', '/api'],
    ['promote web v1', '/api'],
    ['mirror web v2=10', 'http[1]'],
  ])
    assert.deepEqual(await offered(byPath, line!), [[`${line} --route ${route}`, 0]], line)
})

test('a subset that selects pods by another label than their version is this version', async () => {
  for (const [one, other] of [
    ['v1', 'v2'],
    ['stable', 'next'],
  ] as const) {
    using folder = new ManifestsFolder()
    const rule = subsets(
      `{name: ${one}, labels: {release: stable}}, {name: ${other}, labels: {release: next}}`,
    )
    folder.write('all.yaml', common + rule + route(to(one)))
    const [shown] = JSON.parse((await folder.run('status web -o json')).stdout).services
    assert.deepEqual(
      shown.versions.map(({ name }: { readonly name: string }) => name).toSorted(),
      [one, other].toSorted(),
    )
    const { code, stderr } = await folder.run('weight web v2=10')
    assert.equal(code, 0, stderr)
    assert.match(folder.texts()['all.yaml']!, new RegExp(`subset: ${other}.*weight: 10`))
  }
})
