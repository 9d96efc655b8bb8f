import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'

const workload = (name: string, labels: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec: {selector: {matchLabels: {app: cms}}, template: {metadata: {labels: {app: cms, ${labels}}}}}
`
const service = (more = ''): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: cms, namespace: shop}\nspec: {${more}selector: {app: cms}, ports: [{name: http, port: 80}]}\n`
/** Two roles of one Service on two paths, as subsets. */
const twoRoles = `${service()}${workload('cms-admin', 'role: admin')}${workload('cms-public', 'role: public')}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cms, namespace: shop}
spec:
  host: cms
  subsets:
  - {name: admin, labels: {role: admin}}
  - {name: public, labels: {role: public}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cms, namespace: shop}
spec:
  hosts: [cms]
  http:
  - name: admin
    match: [{uri: {prefix: /admin/}}]
    route:
    - destination: {host: cms, subset: admin}
  - match: [{uri: {prefix: /}}]
    route:
    - destination: {host: cms, subset: public}
`
const folderOf = (text: string): ManifestsFolder => {
  const folder = new ManifestsFolder()
  folder.write('all.yaml', text)
  return folder
}
/** The commands that an error offers, without the program's name and the folder. */
const offered = (folder: ManifestsFolder, stderr: string): readonly string[] =>
  [...stderr.matchAll(/^ +kubectl canary (.*)$/gm)].map(([, line]) => line!.replace(` -f ${folder.path}`, ''))

describe('routes that lead to different versions on purpose, on files', () => {
  it('are named with exit 2, and each command that is offered is carried out', async () => {
    for (const line of ['weight public=10', 'weight public=10 --stable admin', 'cohort qa --to admin']) {
      using folder = folderOf(twoRoles)
      const { code, stderr } = await folder.run(line)
      assert.equal(code, 2, stderr)
      assert.match(stderr, /spec\.http\[0\] \(\/admin\/\*\) to admin; .*spec\.http\[1\] \(\/\*\) to public/)
      assert.deepEqual(folder.texts(), { 'all.yaml': twoRoles })
      const commands = offered(folder, stderr)
      // Of the route that leads to public alone, nobody says who gets the rest.
      assert.equal(commands.length, line === 'weight public=10' ? 1 : 2, stderr)
      for (const command of commands) {
        using again = folderOf(twoRoles)
        const done = await again.run(command)
        assert.equal(done.code, 0, `${command}\n${done.stderr}`)
        assert.match(done.stderr, /Left out and unchanged: VirtualService shop\/cms spec\.http/)
        assert.notDeepEqual(again.texts(), { 'all.yaml': twoRoles })
      }
    }
  })
  it('are as they were, byte for byte, when the canary on one of them is aborted', async () => {
    using folder = folderOf(twoRoles)
    assert.equal((await folder.run('cohort qa --to admin --route /')).code, 0)
    assert.notDeepEqual(folder.texts(), { 'all.yaml': twoRoles })
    assert.equal((await folder.run('cohort qa --remove')).code, 0)
    assert.deepEqual(folder.texts(), { 'all.yaml': twoRoles })
  })
})

describe('an abort with nothing to abort, on files', () => {
  it('exits 0 and says how to go back, with the files', async () => {
    using folder = folderOf(twoRoles.replaceAll('subset: admin}', 'subset: public}'))
    const { code, stderr } = await folder.run('abort')
    assert.equal(code, 0, stderr)
    const command = /To go back to another version: kubectl canary (.*)$/m.exec(stderr)?.[1]
    assert.ok(command !== undefined && command.endsWith(`-f ${folder.path}`), stderr)
    const back = await folder.run(command.replace(` -f ${folder.path}`, ''))
    assert.equal(back.code, 0, back.stderr)
    assert.match(back.stdout, /everyone → admin/)
  })
})

describe('a headless Service', () => {
  const headless = 'clusterIP: None, '
  it('is said not to be split by sidecars, by init and weight', async () => {
    for (const versions of [['v1'], ['v1', 'v2']]) {
      using folder = folderOf(
        `${service(headless)}${versions.map(version => workload(`cms-${version}`, `version: ${version}`)).join('')}`,
      )
      const { code, stderr } = await folder.run('init cms --stable v1')
      assert.equal(code, 0, stderr)
      assert.match(stderr, /headless.*PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES/s)
      assert.equal(stderr.match(/\(headless-not-split\)/g)?.length, 1, stderr)
      if (versions.length > 1) assert.match((await folder.run('weight v2=10')).stderr, /headless-not-split/)
    }
  })
  it('is not spoken of where the Service has an address', async () => {
    using folder = folderOf(`${service()}${workload('cms-v1', 'version: v1')}`)
    assert.doesNotMatch((await folder.run('init cms --stable v1')).stderr, /headless/)
  })
})

it('status warns of a cohort whose end has passed', async () => {
  using folder = folderOf(twoRoles)
  await folder.run('cohort qa --to admin --route / --until 2026-08-02')
  assert.doesNotMatch((await folder.run('status')).stdout, /expired-cohort/)
  folder.write('all.yaml', folder.texts()['all.yaml']!.replaceAll('2026-08-02', '2026-07-02'))
  assert.match((await folder.run('status')).stdout, /warning: .*cohort qa .* ended .*\(expired-cohort\)/)
})
