import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openStore } from '../../../plugin/open-store.ts'
import { runCommand, words } from '../run-command.ts'

const service = (more: string) => `# what people call
apiVersion: v1
kind: Service
metadata: { name: hello } # no namespace
spec:
  selector: { app: hello${more} }
  ports: [ { port: 80 } ]
`

const pods = (name: string, labels: string, replicas: string) => `---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
${replicas}  selector: { matchLabels: { ${labels} } }
  template: # as always
    metadata: { labels: { ${labels} } }
    spec: { containers: [ { name: app, image: "${name}:1" } ] }
`

const ratio =
  service('')
  + pods('hello', 'app: hello, track: stable', '  replicas: 4 # four\n')
  + pods('hello-canary', 'app: hello, track: canary', '  replicas: 0\n')

/** Runs commands one after the other on a file; gives the file after each. */
async function after(yaml: string, ...lines: readonly string[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'canary-pods-'))
  const file = join(folder, 'hello.yaml')
  try {
    await writeFile(file, yaml)
    const texts: string[] = []
    for (const line of lines) {
      const { code, stderr } = await runCommand(words(`${line} -f ${file} --provider deployment`), {
        store: openStore,
      })
      assert.equal(code, 0, `${line}: ${stderr}`)
      texts.push(await readFile(file, 'utf8'))
    }
    return texts
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

test('a weight changes the numbers in a file, and abort gives it back byte for byte', async () => {
  const [weighed, again, ended] = await after(
    ratio,
    'weight hello canary=25',
    'weight hello canary=25',
    'abort hello',
  )
  assert.match(weighed!, /replicas: 3 # four/)
  assert.match(weighed!, /kubectl-canary\/stable: stable/)
  assert.equal(again, weighed)
  assert.equal(ended, ratio)
})

test('replicas that a file leaves out are left out again', async () => {
  const yaml =
    service('')
    + pods('hello', 'app: hello, track: stable', '')
    + pods('hello-canary', 'app: hello, track: canary', '  replicas: 0\n')
  const [, ended] = await after(yaml, 'weight hello canary=100 --stable stable', 'abort hello')
  assert.equal(ended, yaml)
})

test('an affinity is set and taken away byte for byte', async () => {
  const [kept, ended] = await after(ratio, 'weight hello canary=25 --sticky --ttl 1h', 'abort hello')
  assert.match(kept!, /sessionAffinity: ClientIP/)
  assert.match(kept!, /timeoutSeconds: 3600/)
  assert.equal(ended, ratio)
})

test('a promotion changes replicas, and a switch one word', async () => {
  const [promoted] = await after(ratio, 'promote hello canary')
  assert.equal(
    promoted,
    ratio.replace('replicas: 4 # four', 'replicas: 0 # four').replace('replicas: 0\n', 'replicas: 4\n'),
  )
  const colours =
    service(', version: blue')
    + pods('hello-blue', 'app: hello, version: blue', '  replicas: 2\n')
    + pods('hello-green', 'app: hello, version: green', '  replicas: 2\n')
  const [switched, back] = await after(colours, 'promote hello green', 'promote hello blue')
  assert.equal(switched, colours.replace('version: blue }', 'version: green }'))
  assert.equal(back, colours)
})

test('files in which versions have no routes name both ways on, and the one without a mesh works', async () => {
  const versioned =
    service('')
    + pods('hello', 'app: hello, version: v1', '  replicas: 4\n')
    + pods('hello-v2', 'app: hello, version: v2', '  replicas: 1\n')
  const folder = await mkdtemp(join(tmpdir(), 'canary-pods-'))
  const file = join(folder, 'hello.yaml')
  const run = (line: string) => runCommand(words(line), { store: openStore })
  try {
    await writeFile(file, versioned)
    const { code, stderr } = await run(`weight hello v2=40 -f ${file}`)
    assert.equal(code, 1)
    const [, mesh, plain] =
      /kubectl canary (init .*)\n {2}Without a mesh, by the number of pods: kubectl canary (.*)\n$/.exec(
        stderr,
      ) ?? []
    assert.ok(mesh !== undefined && plain !== undefined, stderr)
    const { code: ended } = await run(plain)
    assert.equal(ended, 0)
    assert.match(await readFile(file, 'utf8'), /name: hello-v2\nspec:\n {2}replicas: 2\n/)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('the selector is not switched to a version that is scaled to zero, and its fix works', async () => {
  const blueGreen =
    service(', color: blue')
    + pods('hello-blue', 'app: hello, color: blue', '  replicas: 3\n')
    + pods('hello-green', 'app: hello, color: green', '  replicas: 0\n')
  const folder = await mkdtemp(join(tmpdir(), 'canary-pods-'))
  const file = join(folder, 'hello.yaml')
  const promote = () =>
    runCommand(words(`promote hello green --provider deployment -f ${file}`), { store: openStore })
  try {
    await writeFile(file, blueGreen)
    const { code, stderr } = await promote()
    assert.equal(code, 3, stderr)
    assert.equal(
      stderr,
      `error: version green has no pods: Deployment default/hello-green has 0 replicas
  Set spec.replicas: 3 in Deployment default/hello-green, then repeat this command.
`,
    )
    assert.equal(await readFile(file, 'utf8'), blueGreen)
    await writeFile(file, blueGreen.replace('replicas: 0', 'replicas: 3'))
    assert.equal((await promote()).code, 0)
    assert.match(await readFile(file, 'utf8'), /selector: \{ app: hello, color: green \}/)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
