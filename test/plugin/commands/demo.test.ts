import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { demoManifests } from '../../../plugin/commands/demo/demo-manifests.ts'
import { connectionWords } from '../../../plugin/commands/demo/live/connection-words.ts'
import { openStore } from '../../../plugin/open-store.ts'
import { answering } from '../../demo/answering.ts'
import { wrongIn } from '../../demo/steps.ts'
import { runCommand, type World } from '../run-command.ts'

const root = mkdtempSync(join(tmpdir(), 'canary-demo-'))
after(() => rmSync(root, { recursive: true, force: true }))
let count = 0
const fresh = (): string => join(root, `demo-${count++}`)

const play = (dir: string, world: World = {}) =>
  runCommand(['demo', '--dir', dir], { store: openStore, now: new Date(), ...world })
const textsIn = (dir: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(dir).map(name => [name, readFileSync(join(dir, name), 'utf8')]))
test('the demo has the files of examples/catalog', () => {
  assert.deepEqual(demoManifests, textsIn(join(import.meta.dirname, '../../../examples/catalog')))
})

test('without a terminal all steps are played, and each ends as it should', async () => {
  const dir = fresh()
  const { code, stdout, stderr } = await play(dir)
  assert.equal(code, 0, stderr)
  assert.doesNotMatch(stderr, /note: the exit code/)
  assert.equal(stdout.match(/^# \d+ of 15: /gm)?.length, 15)
  assert.match(textsIn(dir)['catalog-mesh.yaml']!, /subset: version-v2/)
  assert.match(stdout, new RegExp(`Remove them with rm -r ${dir}`))
})

test('what a demo that says something else is found wrong for', () => {
  assert.match(wrongIn('# 1 of 15: Who?\n$ kubectl canary status\n').join('\n'), /1 steps, not 15/)
})

test('a person goes on, takes a step back byte for byte, and quits', async () => {
  const dir = fresh()
  // Two looks, the edit, back, an answer that means nothing, the edit again, the end.
  const { code, stdout } = await play(dir, answering('', '', '', 'u', 'what?', 'q'))
  assert.equal(code, 0)
  assert.match(stdout, /Step 3 is undone: the files are as before it\./)
  assert.equal(stdout.match(/# 3 of 15: /g)?.length, 2)
  assert.deepEqual(textsIn(dir), demoManifests)
  const again = fresh()
  await play(again, answering('', '', ''))
  assert.match(textsIn(again)['catalog-mesh.yaml']!, /canary-catalog-internal-1/)
})

test('the first step cannot be undone', async () => {
  const { stderr, stdout } = await play(fresh(), answering('u', 'q'))
  assert.doesNotMatch(stderr.split('[Enter]')[1]!, /undo/)
  assert.doesNotMatch(stdout, /is undone/)
})

test('a folder with something in it is left alone, and one that cannot be made is said', async () => {
  const dir = fresh()
  mkdirSync(dir)
  writeFileSync(join(dir, 'mine.yaml'), 'mine')
  const { code, stderr } = await play(dir)
  assert.equal(code, 3)
  assert.match(stderr, /^error: the folder .* is not empty\n {2}Name another one: kubectl canary demo --dir/)
  assert.deepEqual(textsIn(dir), { 'mine.yaml': 'mine' })
  const below = await play(join(dir, 'mine.yaml', 'demo'))
  assert.equal(below.code, 1)
  assert.match(below.stderr, /cannot be made: .*\n {2}Name another one: kubectl canary demo --dir FOLDER/)
  assert.ok(!existsSync(join(dir, 'demo')))
})

test('the commands of the demo are for the cluster and the user that were typed', () => {
  const connection = {
    context: 'east',
    requestTimeout: '5s',
    asUid: '7',
    token: undefined,
    asGroups: ['a', 'b c'],
    insecureSkipTlsVerify: true,
  }
  assert.deepEqual(connectionWords({ connection }), [
    '--context=east',
    '--request-timeout=5s',
    '--as-uid=7',
    '--as-group=a',
    '--as-group=b c',
    '--insecure-skip-tls-verify',
  ])
})

test('only files of an earlier demo are to be removed before the next', async () => {
  const dir = fresh()
  await play(dir, answering('q'))
  const { code, stderr } = await play(dir)
  assert.equal(code, 3)
  assert.match(stderr, new RegExp(`is not empty\\n  Remove it \\(rm -r ${dir}\\), or name another one: `))
  writeFileSync(join(dir, 'notes.txt'), 'of a person')
  const beside = await play(dir)
  assert.equal(beside.code, 3)
  assert.match(beside.stderr, /is not empty\n {2}Name another one: /)
})

test('flags for files and for a cluster are not mixed', async () => {
  for (const [words, said] of [
    [['--live', '--dir', 'x'], '--dir cannot be used with --live'],
    [['--clean', '--dir', 'x'], '--dir cannot be used with --clean'],
    [['--live', '--clean'], '--live cannot be used with --clean'],
    [['--image', 'x'], '--image needs --live'],
    [['--clean', '--image', 'x'], '--image needs --live'],
    [['-n', 'mine'], '-n needs --live: the files have a namespace of their own'],
  ] as const) {
    const { code, stderr } = await runCommand(['demo', ...words])
    assert.equal(code, 2)
    assert.match(stderr, new RegExp(`^error: ${said}\n`))
  }
})

test('credentials that a program hands out are not asked for when a cluster is looked for', async () => {
  const kubeconfig = join(root, 'exec.kubeconfig')
  const started = join(root, 'started')
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'touch', args: [started] }
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': 'cloud',
      contexts: [{ name: 'cloud', context: { cluster: 'cloud', user: 'me' } }],
      clusters: [{ name: 'cloud', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'me', user: { exec } }],
    }),
  )
  const { code, stdout } = await play(fresh(), { env: { KUBECONFIG: kubeconfig } })
  assert.equal(code, 0)
  assert.match(stdout, /^On a cluster with Istio, kubectl canary demo --live plays the same/m)
  assert.ok(!existsSync(started))
})
