import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kustomization, Repository } from './repository.ts'

const labels = (track: string): string => `{app: web, track: ${track}}`
const deployment = (name: string, track: string, replicas: number): string =>
  `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: ${labels(track)}}
  template:
    metadata: {labels: ${labels(track)}}
    spec: {containers: [{name: web, image: "web:1"}]}
`
const base = `apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80}]
${deployment('web', 'stable', 1)}${deployment('web-canary', 'canary', 0)}`

const file = 'web/prod/kustomization.yaml'
const counts = (stable: number, canary: number): string => `replicas:
- {name: web, count: ${stable}} # as many as nodes
- {name: web-canary, count: ${canary}}
`
const prod = `namespace: prod\nnamePrefix: p-\nresources: [../base]\n`
const files = {
  'web/base/app.yaml': base,
  'web/base/kustomization.yaml': kustomization('resources: [app.yaml]\n'),
  [file]: kustomization(prod + counts(9, 1)),
}
const weight = 'weight canary=20 --service p-web --stable stable -k @web/prod'

describe('numbers of pods that a kustomization sets', () => {
  it('are edited there, for a build takes them after all patches', async () => {
    using repository = new Repository(files)
    const edited = await repository.run(weight)
    assert.equal(edited.code, 0, edited.stderr)
    assert.equal(repository.text(file), kustomization(prod + counts(8, 2)))
    assert.match(
      edited.stdout,
      /deployment\.apps\/p-web-canary configured in @web\/prod\/kustomization\.yaml/,
    )
    assert.match(
      (await repository.run('status -k @web/prod')).stdout,
      /canary +20\.0 %[^]*stable \(stable\) +80\.0 %/,
    )
    assert.equal((await repository.run('abort p-web -k @web/prod')).code, 0)
    assert.equal(repository.text(file), kustomization(prod + counts(9, 0)))
    assert.doesNotMatch(repository.text('web/base/app.yaml'), /kubectl-canary/)
  })
})

describe('numbers of pods beside others', () => {
  it('are no part of a printed patch, which says where to set them', async () => {
    using repository = new Repository({
      ...files,
      'web/dev/kustomization.yaml': kustomization('resources: [../base]\n'),
    })
    assert.match((await repository.run(weight)).stderr, /with --emit-patch kustomize/)
    const { code, stdout, stderr } = await repository.run(`${weight} --emit-patch kustomize`)
    assert.equal(code, 0, stderr)
    assert.doesNotMatch(stdout, /^ +replicas:|kind: Deployment/m)
    const said = stdout.matchAll(/^# replicas in @(\S+) .* Deployment (\S+): set count: (\d+) there\.$/gm)
    assert.deepEqual(
      [...said].map(([, ...words]) => words),
      [
        [file, 'web', '8'],
        [file, 'web-canary', '2'],
      ],
    )
    repository.write(file, kustomization(prod + counts(8, 2)) + stdout)
    assert.match(
      (await repository.run('status -k @web/prod')).stdout,
      /canary +20\.0 %[^]*stable \(stable\) +80\.0 %/,
    )
  })

  it('are edited in the file of the workload where the kustomization does not count it', async () => {
    using repository = new Repository({
      ...files,
      [file]: kustomization(`${prod}replicas: [{name: web-canary, count: 1}]\n`),
      'web/base/app.yaml': base.replace('replicas: 1', 'replicas: 9'),
    })
    const edited = await repository.run(weight)
    assert.equal(edited.code, 0, edited.stderr)
    assert.match(repository.text('web/base/app.yaml'), /replicas: 8[^]*replicas: 0/)
    assert.match(repository.text(file), /web-canary, count: 2/)
  })
})
