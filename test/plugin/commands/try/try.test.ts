import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { Ajv } from 'ajv'
import { ManifestsFolder } from '../../manifests-folder.ts'

const asked = async (folder: ManifestsFolder, ...argv: readonly string[]) => folder.runWords(['try', ...argv])

describe('try', () => {
  it('says which version gets a request, and by which route', async () => {
    using folder = new ManifestsFolder('catalog')
    const { code, stdout } = await asked(folder, 'http://catalog/items')
    assert.equal(code, 0)
    assert.match(stdout, /^GET http:\/\/catalog\/items from a workload in istioinaction\n/)
    assert.match(stdout, /→ v1 +100 % +catalog\.istioinaction, subset version-v1, port 80/)
    assert.match(stdout, /by VirtualService istioinaction\/catalog spec\.http\[0\]/)
  })

  it('lists the routes that were tried before, each with the reason', async () => {
    using folder = new ManifestsFolder('catalog')
    await folder.run('cohort internal --to v2')
    const { stdout } = await asked(folder, 'catalog', '-H', 'x-istio-cohort: other')
    assert.match(
      stdout,
      /no   .*spec\.http\[0\] .*\n {7}header x-istio-cohort must be internal, but is other/,
    )
    assert.match(stdout, /yes  .*spec\.http\[1\]/)
    const own = await asked(folder, 'catalog', '-H', 'x-istio-cohort: internal')
    assert.match(own.stdout, /→ v2 [^]*for cohort internal/)
  })

  it('takes a host that no Service provides for one of a gateway', async () => {
    using folder = new ManifestsFolder('catalog')
    const { stdout } = await asked(folder, 'http://catalog.istioinaction.io/')
    assert.match(
      stdout,
      /by Gateway istioinaction\/catalog-gateway\n[^]*VirtualService istioinaction\/catalog-vs-from-gw/,
    )
  })

  it('says the port that a Service has, where it has not the one that is asked', async () => {
    using folder = new ManifestsFolder('catalog')
    const { stdout } = await asked(folder, 'catalog:9999')
    assert.match(stdout, /→ no answer\n {2}catalog has no port 9999\.\n {2}catalog has port 80\./)
  })
})

describe('the caller of a request that is tried', () => {
  it('decides by its labels', async () => {
    using folder = new ManifestsFolder('flagger')
    const other = await asked(folder, 'catalog')
    assert.match(other.stdout, /label app of the caller must be webapp, but is absent/)
    const webapp = await asked(folder, 'catalog', '--from', 'app=webapp', '-o', 'json')
    const [{ shares }] = JSON.parse(webapp.stdout).trials
    assert.deepEqual(
      shares.map(({ service, percent }: { service: string; percent: number }) => [service, percent]),
      [
        ['catalog', 90],
        ['catalog', 10],
      ],
    )
  })
})

describe('an edit before a request is tried', () => {
  it('is shown beside what there was, and nothing is written', async () => {
    using folder = new ManifestsFolder('catalog')
    const before = folder.texts()
    const { stdout } = await asked(folder, 'catalog', '--with', 'weight v2=10', '--diff')
    assert.match(stdout, /before {2}v1 .*\nafter {3}v1 90 %, v2 10 %/)
    const both = await asked(
      folder,
      'catalog',
      '-H',
      'x-istio-cohort: qa',
      '--with',
      'weight v2=10',
      '--with',
      'kubectl canary cohort qa --to v2',
    )
    assert.match(both.stdout, /→ v2 +100 %[^]*for cohort qa/)
    assert.deepEqual(folder.texts(), before)
  })

  it('is refused where it is none, or would be refused by itself', async () => {
    using folder = new ManifestsFolder('catalog')
    for (const [edit, message] of [
      ['status', /"status" is not an edit of traffic/],
      ['undo', /is not an edit of traffic/],
      ['weight v9=10', /v9/],
      ['weight v2=10 --no-such', /unknown option '--no-such'/],
    ] as const) {
      const { code, stderr } = await asked(folder, 'catalog', '--with', edit)
      assert.notEqual(code, 0)
      assert.match(stderr, message)
    }
  })
})

describe('a request that no route or version takes', () => {
  it('says why no version gets a request that is expected somewhere, or is the same after an edit', async () => {
    using folder = new ManifestsFolder('catalog')
    const cases = {
      'http://shop.example.com/': [
        'leaves the mesh',
        'nothing in the mesh provides shop.example.com on port 80',
      ],
      'http://catalog:81/': ['no answer', 'catalog has no port 81'],
      'http://nobody/': ['cannot tell', 'nothing in the files provides nobody on port 80'],
    }
    for (const [url, [what, why]] of Object.entries(cases)) {
      const { code, stderr } = await folder.run(`try ${url} --expect v2`)
      assert.equal(code, 3)
      assert.ok(stderr.includes(`${what} (${why}): GET ${url}`), stderr)
      const { stdout } = await folder.runWords(['try', url, '--with', 'weight v2=10', '--diff'])
      assert.match(stdout, new RegExp(`before {2}${what} \\(.*\\)\nafter {3}${what} \\(.*\\)\nunchanged`))
    }
  })

  it('says of a pattern that a value must match it', async () => {
    using folder = new ManifestsFolder('catalog')
    await folder.runWords(['cohort', 'beta', '--to', 'v2', '--cookie', 'beta=1'])
    const { stdout } = await folder.run('try http://catalog/ -H cookie:beta=2')
    assert.match(stdout, /header cookie must match \S+.*, but is beta=2/)
  })
})

describe('a request that is tried', () => {
  it('is simulated with a fixed seed, by --count or a number behind -n', async () => {
    using folder = new ManifestsFolder('catalog')
    const edit = ['--with', 'weight v2=10'] as const
    const counted = await asked(folder, 'catalog', ...edit, '--count', '1000')
    const short = await asked(folder, 'catalog', ...edit, '-n', '1000')
    assert.match(counted.stdout, /1000 requests, simulated with seed 1:/)
    assert.match(counted.stdout, /v2 +9\d|v2 +1[01]\d/)
    assert.equal(short.stdout, counted.stdout)
    const named = await asked(folder, 'catalog', ...edit, '-n', 'istioinaction', '-n', '1000')
    assert.equal(named.stdout, counted.stdout)
  })

  it('exits 3 where it does not go where it is expected', async () => {
    using folder = new ManifestsFolder('catalog')
    assert.equal((await asked(folder, 'catalog', '--expect', 'v1')).code, 0)
    const { code, stderr } = await asked(folder, 'catalog', '--expect', 'v2')
    assert.equal(code, 3)
    assert.match(stderr, /expected v2, got v1: GET http:\/\/catalog\//)
    assert.equal((await asked(folder, 'catalog', '--expect', 'v1=90,v2=20')).code, 2)
  })

  it('names the workloads that there are where a caller is not there', async () => {
    using folder = new ManifestsFolder('catalog')
    const { code, stderr } = await asked(folder, 'catalog', '--from', 'deploy/nobody')
    assert.equal(code, 1)
    assert.match(
      stderr,
      /deployment nobody not found in namespace istioinaction\n {2}Workloads there: deployment\/catalog/,
    )
    const gateway = await asked(folder, 'catalog.istioinaction.io', '--via', 'other')
    assert.match(gateway.stderr, /Gateway istioinaction\/other not found\n.*istioinaction\/catalog-gateway/)
  })
})

const table = `with: ["cohort internal --to v2"]
tests:
  - name: insiders get v2
    url: http://catalog/items
    headers: {x-istio-cohort: internal}
    expect: v2
  - url: http://catalog/items
    expect: {v1: 100}
  - name: nobody else does
    url: http://catalog.istioinaction.io/
    expect: catalog/v2
`

describe('a table of requests', () => {
  it('has a line for each test, and exits 3 where one fails', async () => {
    using folder = new ManifestsFolder('catalog')
    using other = new ManifestsFolder()
    other.write('table.yaml', table)
    const { code, stdout } = await asked(folder, '--table', `${other.path}/table.yaml`)
    assert.equal(code, 3)
    assert.match(
      stdout,
      /^pass {2}insiders get v2\npass {2}GET http:\/\/catalog\/items\nFAIL {2}nobody else does: expected catalog\/v2, got v1\n/,
    )
    assert.match(stdout, /3 tests, 1 failed/)
    const junit = await asked(folder, '--table', `${other.path}/table.yaml`, '-o', 'junit')
    assert.match(junit.stdout, /<testsuites tests="3" failures="1" errors="0">/)
    assert.match(junit.stdout, /<failure message="expected catalog\/v2, got v1">/)
  })

  it('is refused with its line where its schema does not take it', async () => {
    using folder = new ManifestsFolder('catalog')
    using other = new ManifestsFolder()
    for (const [text, message] of [
      [table.replace('expect: v2', 'expext: v2'), /table\.yaml:6: tests\.0 has an unknown key expext/],
      [table.replace('expect: {v1: 100}', 'expect: {v1: 90}'), /table\.yaml:\d+: expect .* add up to 100/],
      [table.replace('expect: v2', 'expect: v2\n    from: a\n    via: b'), /has both from and via/],
      [table.replace('url: http://catalog/items', 'url: ftp://catalog'), /scheme ftp/],
      ['tests: [', /table\.yaml:1: .*[Ff]low sequence/],
      [
        table.replace('x-istio-cohort: internal', 'a~b: []'),
        /table\.yaml:5: tests\.0\.headers\.a~b must be /,
      ],
      ['tests: []', /tests must NOT have fewer than 1 items/],
    ] as const) {
      other.write('table.yaml', text)
      const { code, stderr } = await asked(folder, '--table', `${other.path}/table.yaml`)
      assert.equal(code, 1, text)
      assert.match(stderr, message)
    }
  })
})

describe('a table that cannot be read', () => {
  it('is an error that says whether it is there', async () => {
    using folder = new ManifestsFolder('catalog')
    const missing = await asked(folder, '--table', `${folder.path}/none.yaml`)
    assert.match(missing.stderr, /none\.yaml cannot be read: no such file/)
    const directory = await asked(folder, '--table', folder.path)
    assert.match(directory.stderr, /cannot be read: it is a folder/)
  })
})

describe('a flag about one request', () => {
  it('is refused beside a table, whatever it would have done', async () => {
    using folder = new ManifestsFolder('catalog')
    using other = new ManifestsFolder()
    other.write('table.yaml', table)
    for (const words of [
      ['-H', 'a: b'],
      ['-X', 'POST'],
      ['--claim', 'a=b'],
      ['--from', 'app=a'],
      ['--via', 'a'],
      ['--expect', 'v1'],
      ['--diff'],
      ['--count', '5'],
      ['-n', '5'],
      ['--seed', '5'],
      ['--live'],
      ['--address', 'a:1'],
      ['--rate', '5'],
      ['--version-header', 'a'],
      ['--version-body', '(a)'],
      ['--insecure'],
    ]) {
      const { code, stderr } = await asked(folder, '--table', `${other.path}/table.yaml`, ...words)
      assert.equal(code, 2, words.join(' '))
      const long = { '-H': '--header', '-X': '--request', '-n': '--count' }[words[0]!] ?? words[0]!
      assert.ok(stderr.includes(`${long} cannot be used with --table`), stderr)
    }
    const beside = await asked(folder, 'http://catalog', '--table', `${other.path}/table.yaml`)
    assert.equal(beside.code, 2)
  })
})

describe('try -o json', () => {
  it('has what its schema says', async () => {
    const schema = JSON.parse(
      readFileSync(new URL('../../../../docs/try-output.schema.json', import.meta.url), 'utf8'),
    ) as object
    const ajv = new Ajv({ strict: true, strictRequired: false, strictTypes: false, allowUnionTypes: true })
    const validate = ajv.compile(schema)
    let count = 0
    for (const example of ['catalog', 'flagger', 'shop']) {
      using folder = new ManifestsFolder(example)
      for (const words of [
        ['catalog', '-H', 'x-istio-cohort: a', '-n', '10'],
        ['catalog:9999'],
        ['https://catalog'],
        ['catalog.istioinaction.io'],
        ['catalog', '--with', 'cohort a --to v2', '--diff'],
      ]) {
        const { code, stdout } = await asked(folder, ...words, '-o', 'json')
        if (code !== 0) continue
        assert.ok(
          validate(JSON.parse(stdout)),
          `${example} ${words.join(' ')}: ${ajv.errorsText(validate.errors)}`,
        )
        count++
      }
    }
    assert.ok(count >= 10, `${count} answers`)
  })
})
