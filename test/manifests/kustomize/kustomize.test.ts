import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { kustomization, Repository } from './repository.ts'
import { statusInWords } from '../../plugin/print/status-in-words.ts'

const weight = 'weight v2=20 --service store --stable v1 -k @overlays/prod'
const routePatch = (subset: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: store
spec:
  http:
  # the canary of prod
  - route:
    - destination: {host: store, subset: v1}
      weight: 90
    - destination: {host: store, subset: ${subset}}
      weight: 10
`
const withRoutePatch = (subset = 'v2') => ({
  'overlays/prod/route.yaml': routePatch(subset),
  'overlays/prod/kustomization.yaml': kustomization(
    'namespace: store-prod\nresources: [../../base]\npatches:\n- path: route.yaml\n- path: replicas.yaml\n',
  ),
})

describe('lint of a folder with kustomizations', () => {
  it('judges the build of the root, and no patch by itself', async () => {
    using repository = new Repository()
    assert.deepEqual(await repository.run('lint -f @'), {
      code: 0,
      stdout: '',
      stderr: 'Kustomization @overlays/prod is checked as it is built.\nlint: no findings\n',
    })
  })
  it('gives the place of a fault in the patch that says it, and in the base otherwise', async () => {
    using repository = new Repository(withRoutePatch('v3'))
    for (const line of ['lint -f @', 'lint -k @overlays/prod']) {
      const { code, stdout } = await repository.run(line)
      assert.equal(code, 3)
      assert.match(
        stdout,
        /^@overlays\/prod\/route\.yaml:11:\d+: error: VirtualService store-prod\/store .*undefined-subset/,
      )
    }
    using base = new Repository()
    base.write('base/route.yaml', base.text('base/route.yaml').replace('weight: 10', 'weight: 20'))
    assert.match(
      (await base.run('lint -f @')).stdout,
      /^@base\/route\.yaml:23:\d+: error: .*weights-sum-to-100/,
    )
  })
  it('judges each of several overlays', async () => {
    using repository = new Repository({
      ...withRoutePatch('v3'),
      'overlays/dev/kustomization.yaml': kustomization('namespace: store-dev\nresources: [../../base]\n'),
    })
    for (const name of ['hosts', 'ports']) rmSync(join(repository.path, `overlays/prod/${name}.yaml`))
    const { stdout, stderr } = await repository.run('lint -f @ -o json')
    const { findings } = JSON.parse(stdout) as {
      readonly findings: readonly { readonly namespace: string }[]
    }
    assert.deepEqual(
      findings.map(({ namespace }) => namespace),
      ['store-prod'],
    )
    assert.equal(stderr, 'Kustomizations @overlays/dev, @overlays/prod are checked as they are built.\n')
  })
})

describe('lint of kustomizations that are not built', () => {
  it('judges what is whole where a root cannot be built, with one note', async () => {
    const files = {
      'overlays/prod/kustomization.yaml': kustomization(
        'resources: [../../base, "https://example.com/remote?ref=v1"]\npatches: [{path: hosts.yaml}]\n',
      ),
      'overlays/dev/kustomization.yaml': kustomization('resources: [../../base, gone.yaml]\n'),
    }
    using repository = new Repository(files)
    repository.write(
      'base/route.yaml',
      repository.text('base/route.yaml').replace('weight: 10', 'weight: 20'),
    )
    const { code, stdout, stderr } = await repository.run('lint -f @')
    assert.equal(code, 3)
    assert.match(stdout, /weights-sum-to-100/)
    const notes = stderr.split('\n').filter(line => /is not built|cannot be built/.test(line))
    assert.deepEqual(notes, [
      'kustomization @overlays/dev is not built: gone.yaml is not on this machine; its files are checked as they are (and 1 other kustomization as well)',
    ])
    assert.match(stderr, /Deployment store-v2 is taken for a patch: it has no selector/)
  })
  it('needs no program: without one the files are judged as they are', async () => {
    using repository = new Repository({}, { PATH: '/nowhere' })
    const { code, stderr } = await repository.run('lint -f @')
    assert.equal(code, 0)
    assert.match(
      stderr,
      /neither kubectl nor kustomize was found in the PATH; its files are checked as they are/,
    )
  })
  it('takes what a component brings for no object where it is not built', async () => {
    using repository = new Repository(
      {
        'components/other/kustomization.yaml':
          'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [route.yaml]\n',
        'components/other/route.yaml': routePatch('v9').replace('spec:', 'spec:\n  hosts: [store]'),
      },
      { PATH: '/nowhere' },
    )
    const { code, stderr } = await repository.run('lint -f @')
    assert.equal(code, 0)
    assert.match(stderr, /VirtualService store belongs to a component of a kustomization/)
  })
})

describe('a kustomization named with -k', () => {
  it('is shown as it is built', async () => {
    using repository = new Repository()
    const { stdout } = await repository.run('status -k @overlays/prod -o json')
    const { services } = JSON.parse(stdout) as { services: [{ namespace: string; versions: unknown }] }
    assert.equal(services[0].namespace, 'store-prod')
    assert.match(
      statusInWords((await repository.run('status -k @overlays/prod')).stdout),
      /store, store\.example\.com on mesh, istio-ingress\/public\n +everyone → v1 90 %, v2 10 %/,
    )
  })
  it('is edited in the base where the base says the field and nobody else takes it', async () => {
    using repository = new Repository()
    const before = repository.text('base/route.yaml')
    const { code, stdout } = await repository.run(weight)
    assert.equal(code, 0)
    assert.match(stdout, /virtualservice\.networking\.istio\.io\/store configured in @base\/route\.yaml/)
    assert.equal(
      repository.text('base/route.yaml'),
      before
        .replace('weight: 90', 'weight: 80')
        .replace('weight: 10', 'weight: 20')
        .replace(
          'kind: VirtualService\nmetadata:\n  name: store\n',
          'kind: VirtualService\nmetadata:\n  name: store\n  annotations:\n    kubectl-canary/stable: v1\n',
        ),
    )
    assert.match((await repository.run(weight)).stdout, /unchanged/)
  })
  it('is edited in the patch that says the field, whoever else takes the base', async () => {
    using repository = new Repository({
      ...withRoutePatch(),
      'overlays/dev/kustomization.yaml': kustomization('resources: [../../base]\n'),
    })
    const base = repository.text('base/route.yaml')
    const { stdout } = await repository.run(weight)
    assert.match(stdout, /configured in @overlays\/prod\/route\.yaml/)
    assert.equal(repository.text('base/route.yaml'), base)
    const patch = repository.text('overlays/prod/route.yaml')
    assert.match(patch, /# the canary of prod\n(?:.*\n){2} +weight: 80\n.*\n +weight: 20\n/)
    assert.match(
      statusInWords((await repository.run('status -k @overlays/prod')).stdout),
      /everyone → v1 80 %, v2 20 %/,
    )
  })
})

describe('an edit of a kustomization', () => {
  it('is refused in a file that another kustomization takes, which is named', async () => {
    const dev = kustomization('resources: [../../base]\n')
    using repository = new Repository({
      'overlays/dev/kustomization.yaml': dev,
      'all/kustomization.yaml': kustomization('resources: [../overlays/prod, ../overlays/dev]\n'),
    })
    const before = repository.text('base/route.yaml')
    const { code, stderr } = await repository.run(weight)
    assert.equal(code, 3)
    assert.match(stderr, /@base\/route\.yaml is not edited: kustomization @overlays\/dev takes it as well/)
    const shared = await repository.run(weight.replace('overlays/prod', 'base'))
    assert.match(shared.stderr, /kustomizations @overlays\/dev, @overlays\/prod take it as well/)
    assert.match(stderr, /To change it for @overlays\/prod only/)
    // A patch in the base would be for both of them.
    assert.doesNotMatch(shared.stderr, /To change it for @base only/)
    assert.equal(repository.text('base/route.yaml'), before)
  })
  it('is done where one kustomization around it applies the same', async () => {
    using repository = new Repository({
      'all/kustomization.yaml': kustomization('resources: [../overlays/prod]\n'),
    })
    assert.equal((await repository.run(weight)).code, 0)
  })
})

describe('annotations that a kustomization adds', () => {
  it('leave no empty map behind where an edit takes its own away', async () => {
    using repository = new Repository({
      'base/kustomization.yaml': kustomization(
        'commonAnnotations: {team: shop}\nresources: [app.yaml, route.yaml]\n',
      ),
    })
    for (const line of ['weight store v2=10 --stable v1', 'abort store']) {
      const { code, stderr } = await repository.run(`${line} -k @base`)
      assert.equal(code, 0, stderr)
    }
    assert.doesNotMatch(repository.text('base/route.yaml'), /annotations|weight/)
  })
})

describe('a new object of a kustomization', () => {
  it('is added to the file of its neighbour', async () => {
    using repository = new Repository()
    repository.write('base/route.yaml', repository.text('base/route.yaml').split('---\n')[0]!)
    repository.write(
      'overlays/prod/kustomization.yaml',
      kustomization('namespace: store-prod\nresources: [../../base]\n'),
    )
    const { code, stderr } = await repository.run('init --service store --stable v1 -k @overlays/prod')
    assert.equal(code, 0, stderr)
    assert.match(
      repository.text('base/route.yaml'),
      /---\napiVersion: networking\.istio\.io\/v1\nkind: VirtualService\nmetadata:\n {2}name: store\nspec:/,
    )
    assert.match(statusInWords((await repository.run('status -k @overlays/prod')).stdout), /everyone → v1/)
  })
})

describe('the folder after -k', () => {
  it('must be a kustomization, that can be built, and is no -f as well', async () => {
    using repository = new Repository()
    for (const [line, code, message] of [
      ['status -k @nowhere', 1, /@nowhere: no kustomization that can be read is in this folder/],
      ['status -k @overlays/prod -f @base', 2, /--kustomize cannot be used with --filename/],
      [`${weight} --dry-run=server`, 2, /--dry-run=server cannot be used with --kustomize/],
    ] as const) {
      const ended = await repository.run(line)
      assert.match(ended.stderr, message)
      assert.equal(ended.code, code)
    }
    repository.write('overlays/prod/kustomization.yaml', kustomization('resources: [../../base]\nfoo: bar\n'))
    const { code, stderr } = await repository.run('status -k @overlays/prod')
    assert.equal(code, 1)
    assert.match(stderr, /^error: kustomization @overlays\/prod cannot be built: .*foo/)
  })
})
