import assert from 'node:assert/strict'
import test from 'node:test'
import { openStore } from '../../plugin/open-store.ts'
import { CanaryError, type ErrorCode } from '../../shared/objects/canary-error.ts'
import { ManifestsFolder } from './manifests-folder.ts'
import { MemoryStore, readExample } from './memory-store.ts'
import { runCommand, words, type Ended } from './run-command.ts'

/** One error: what is wrong in one line, what to do below it, no stack, nothing on stdout. */
function assertOneError({ code, stdout, stderr }: Ended, expected: number, message: RegExp): void {
  assert.equal(code, expected, stderr)
  assert.match(stderr, /^error: .+\n( {2}.*\n)*$/)
  assert.match(stderr, message)
  assert.doesNotMatch(stderr, /^\s+at .*:\d+:\d+\)?$/m)
  assert.equal(stdout, '')
}

for (const [line, message] of [
  ['weigth v2=10', /unknown command 'weigth'\n {2}Did you mean weight\?/],
  [
    'weight v2=10 --forse',
    /unknown option '--forse'\n {2}Did you mean --force\?\n {2}See kubectl canary weight --help/,
  ],
  ['weight v2=10 --serv catalog', /unknown option '--serv'/],
  ['weight', /no weight is given\n {2}For example: kubectl canary weight catalog v2=10\n/],
  ['weight catalog', /catalog: no weight is given\n {2}No Service catalog in namespace \S+\.\n/],
  ['weight v2', /v2: no weight is given\n {2}No Service v2 in namespace \S+\.\n/],
  [
    'weight v2=10 catalog',
    /catalog has no percentage\n {2}Write VERSION=PERCENT, .* A Service is named before them\.\n/,
  ],
  ['weight v2:10', /"v2:10" is not a valid Service name\n {2}Did you mean v2=10\?\n/],
  ['promote', /no version is given\n {2}For example: kubectl canary promote catalog v2\n/],
  ['promote svc/catalog', /no version is given\n {2}No Service catalog in namespace \S+\.\n/],
  ['promote catalog --service shop v2', /two Services are named: catalog, and shop with --service/],
  ['abort catalog.shop --service catalog.web', /two Services are named/],
  ['status catalog.shop -n web', /catalog\.shop is in namespace shop, and -n says web/],
  ['status --service catalog.shop -n web', /catalog\.shop is in namespace shop, and -n says web/],
  ['status catalog search', /too many arguments for 'status'/],
  ['cohort internal catalog search --to v2', /too many arguments for 'cohort'/],
  ['cohort', /missing required argument 'name'/],
  ['promote catalog v2 v3', /too many arguments for 'promote'/],
  [
    'cohort internal',
    /cohort internal needs --to VERSION, or --remove\n {2}For example: kubectl canary cohort internal catalog --to v2\n/,
  ],
  [
    'weight v2=10 --sticky --no-sticky',
    /--sticky cannot be used with --no-sticky\n {2}Leave one of them out\.\n/,
  ],
  [
    'weight v2=10 --no-sticky --sticky',
    /--sticky cannot be used with --no-sticky\n {2}Leave one of them out\.\n/,
  ],
  ['cohort Internal --to v2', /"Internal" is not a valid cohort name/],
  ['cohort internal --remove --to v2', /--to cannot be used with --remove\n {2}Leave one of them out\.\n/],
  ['cohort internal --to v2 --until soon', /--until soon is not a duration or a time/],
  ['init --service catalog', /init needs --stable\n {2}No Service catalog in namespace \S+\.\n/],
  ['init --stable v1 --host a.example.com', /--gateway and --host must be used together/],
  ['weight v2=10 -A', /--all-namespaces cannot be used with weight\n/],
  ['weight v2=10 -n Shop', /"Shop" is not a valid namespace name/],
  ['weight v2=10 -o table', /unknown output format "table"\n {2}Use one of json, yaml, name, jsonpath=, /],
  ['weight v2=10 --dry-run=maybe', /invalid --dry-run value "maybe"/],
  ['weight v2=10 -v x', /-v x is not a number/],
  ['weight v2=10 --service Catalog!', /"Catalog!" is not a valid Service name/],
  ['status -A --service catalog', /--all-namespaces cannot be used with the name of a Service/],
  ['status catalog -A', /--all-namespaces cannot be used with the name of a Service/],
  ['lint k8s -k overlay', /--kustomize cannot be used with other paths/],
  ['lint --dry-run=client', /--dry-run cannot be used with lint, which writes nothing/],
  [
    'run catalog v2 --dry-run=client',
    /--dry-run cannot be used with run\n {2}To play its steps .*: --simulate errors=2\./,
  ],
  ['version -f k8s', /--filename cannot be used with version\n {2}Leave it out\./],
  ['completion bash -o json', /--output cannot be used with completion/],
  ['status --dry-run=client', /--dry-run cannot be used with status, which writes nothing/],
  ['status -o table', /unknown output format "table"\n {2}Use one of wide/],
  ['completion tcsh', /unknown shell "tcsh"\n {2}Use one of bash, fish, powershell, zsh\.\n/],
  ['help nothing', /unknown command "nothing"\n {2}The commands are init, cohort/],
  ['weight v2=10=5', /v2=10=5 has two percentages/],
  ['status -n', /option '-n, --namespace <name>' argument missing/],
] as const) {
  test(`"${line}" is a usage error that says what to do`, async () => {
    assertOneError(await runCommand(words(line), { store: new MemoryStore([]) }), 2, message)
  })
}

for (const [line, code, message] of [
  ['weight v9=10', 1, /version v9/],
  ['weight v9=10 --service catalog', 1, /v9.*\n.*v1, v2/],
  ['weight v2=10 --service catalogue', 1, /catalogue[^]*catalog/],
  ['weight v2=10 -n nowhere', 1, /nowhere/],
  ['promote v9 --service catalog', 1, /v9/],
] as const) {
  test(`"${line}" names what is not there`, async () => {
    using folder = new ManifestsFolder('catalog')
    assertOneError(await folder.run(line), code, message)
  })
}

test('a service without a VirtualService is told how to get one', async () => {
  using folder = new ManifestsFolder('shop')
  const { code, stderr } = await folder.run('weight v2=10 -n onlineboutique')
  assert.notEqual(code, 0)
  assert.match(stderr, /kubectl canary init/)
})

test('an ambiguous target lists the candidates as commands to copy', async () => {
  using folder = new ManifestsFolder('forty-routes')
  const { code, stderr } = await folder.run('weight v2=10 -n shop')
  assert.equal(code, 2, stderr)
  assert.match(stderr, /kubectl canary weight catalog v2=10 -n shop -f \S+$/m)
  assert.match(stderr, / weight search v2=10 /m)
})

test('files of several namespaces ask which one is meant, with the commands', async () => {
  using folder = new ManifestsFolder()
  folder.write(
    'a.yaml',
    ['one', 'two']
      .map(
        namespace =>
          `apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: ${namespace}}\nspec: {ports: [{port: 80, name: http}]}\n`,
      )
      .join('---\n'),
  )
  const { code, stderr } = await folder.run('weight v2=10')
  assert.equal(code, 2)
  assert.match(stderr, /kubectl canary weight v2=10 -f \S+ -n one$/m)
})

for (const [title, text, message] of [
  ['a syntax error', 'apiVersion: v1\nkind: [\n', /broken\.yaml:\d+:\d+/],
  ['a tab', 'apiVersion: v1\nkind:\tService\n\tmetadata: {}\n', /broken\.yaml:\d+:\d+/],
  ['binary content', new Uint8Array([0, 255, 254, 1, 2, 0, 7]), /broken\.yaml/],
] as const) {
  test(`a file with ${title} is named, with its place`, async () => {
    using folder = new ManifestsFolder()
    folder.write('broken.yaml', text)
    const { code, stderr } = await folder.run('weight v2=10')
    assert.notEqual(code, 0)
    assert.match(stderr, message)
    assert.doesNotMatch(stderr, /^\s+at /m)
  })
}

test('files in which nothing is read are told to hold nothing, so that a mistyped path is noticed', async () => {
  using folder = new ManifestsFolder()
  folder.write('notes.yaml', '# nothing yet\n')
  const edit = await folder.run('weight v2=10')
  assert.equal(edit.code, 1)
  assert.match(edit.stderr, /^note: No Service, workload or routing object was found in \S+\.\nerror: /)
  assert.match(
    (await folder.run('status')).stderr,
    /^note: No Service, workload.+\nNo routed services found in /,
  )
})

test('a path that does not exist is one error', async () => {
  assertOneError(
    await runCommand(words('status -f /nonexistent/catalog'), { store: openStore }),
    1,
    /\/nonexistent\/catalog/,
  )
})

test('standard input that is not text is one error', async () => {
  const stdin = {
    async *[Symbol.asyncIterator]() {
      yield new Uint8Array([0xff, 0xfe, 0])
    },
  }
  assertOneError(
    await runCommand(words('weight v2=10 -f -'), { store: openStore, stdin }),
    1,
    /standard input is not UTF-8 text/,
  )
})

for (const [code, expected] of Object.entries({
  usage: 2,
  ambiguous: 2,
  refused: 3,
  timeout: 7,
  'not-found': 1,
  unreadable: 1,
  unwritable: 1,
  unreachable: 1,
  unauthorized: 1,
  forbidden: 1,
  rejected: 1,
  failed: 1,
})) {
  test(`trouble of the kind ${code} ends with ${expected}`, async () => {
    const store = new MemoryStore(readExample('catalog'))
    store.beforeApply = () => {
      throw new CanaryError(code as ErrorCode, 'what is wrong', { hints: ['what to do'] })
    }
    const ended = await runCommand(words('weight v2=10'), { store })
    assert.equal(ended.code, expected)
    assert.match(ended.stderr, /error: what is wrong\n {2}what to do\n$/)
    assert.equal(store.isClosed, true)
  })
}

test('an unexpected fault is one line and how to report it; only -v 9 shows the stack', async () => {
  const store = new MemoryStore(readExample('catalog'))
  store.beforeApply = () => {
    throw new TypeError('x is not a function\nsecond line')
  }
  const short = await runCommand(words('weight v2=10'), { store })
  assert.equal(short.code, 1)
  assert.match(short.stderr, /^error: unexpected error: x is not a function\n {2}.*report it.* -v 9\.\n$/)
  const long = await runCommand(words('weight v2=10 -v 9'), { store })
  assert.match(long.stderr, /\n\s+at /)
})

for (const line of ['status', 'weight v2=10']) {
  test(`${line} on nothing but YAML that cannot be read is an error that names the line`, async () => {
    using folder = new ManifestsFolder()
    folder.write('broken.yaml', 'apiVersion: v1\nkind: Service\nmetadata:\n\tname: catalog\n')
    assertOneError(await folder.run(line), 1, /broken\.yaml:4:1: tabs are not allowed as indentation/)
  })
}
