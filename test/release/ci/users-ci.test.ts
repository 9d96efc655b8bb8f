/** What people put into their pipelines, run as far as that goes without the services: their shell steps, with a download page of our own. */
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import test, { after, before } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { hostPlatform } from '../../build/executables/platforms.ts'
import { Built, type Ended } from '../../plugin/program/built.ts'
import { archiveNameOf, writeArchives } from '../archives.ts'
import { addressOf, release, root, version } from '../release.ts'

const folder = mkdtempSync(join(tmpdir(), 'canary-users-ci-'))
const bin = join(folder, 'bin')
const page = join(folder, 'page')
/** A folder with two files that have errors. */
const broken = join(folder, 'broken')
const host = hostPlatform()
const skip = host === undefined || host.os === 'windows' ? 'there is no archive for this machine' : false
let built: Built

/** Hands out the files of our page for the addresses of a release, and nothing else. */
const curl = `#!/usr/bin/env bash
for word; do
  if [ "$last" = --output ]; then output=$word; fi
  last=$word
done
prefix='${addressOf('')}'
case $last in "$prefix"*) cp '${page}/'"\${last#"$prefix"}" "$output" ;; *) echo "curl: not of the release: $last" >&2; exit 22 ;; esac
`

before(async () => {
  built = await Built.make()
  for (const path of [bin, page, broken]) mkdirSync(path)
  for (const name of ['apisix-weights-0.yaml', 'http-route-weights-0.yaml'])
    cpSync(join(root, 'test/fixtures/mistakes/broken', name), join(broken, name))
  writeFileSync(join(bin, 'curl'), curl, { mode: 0o755 })
  if (host === undefined) return
  // In the archive is a program that starts what has been built.
  const program = join(folder, 'program')
  writeFileSync(program, `#!/bin/sh\nexec ${built.command.map(word => `'${word}'`).join(' ')} "$@"\n`)
  writeFileSync(join(folder, 'THIRD-PARTY-LICENCES.txt'), 'licences\n')
  const archives = await writeArchives(page, [{ platform: host, path: program }])
  writeFileSync(join(page, 'SHA256SUMS'), archives.map(({ sha256, file }) => `${sha256}  ${file}\n`).join(''))
})
after(() => {
  built.remove()
  rmSync(folder, { recursive: true, force: true })
})

function bash(words: readonly string[], env: NodeJS.ProcessEnv, cwd = folder): Promise<Ended> {
  return new Promise(resolve => {
    const path = [bin, built.bin, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter)
    execFile(
      'bash',
      [...words],
      { cwd, env: { PATH: path, HOME: folder, ...env } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string; readonly description: string }>>
  readonly runs: {
    readonly steps: readonly {
      readonly uses?: string
      readonly run?: string
      readonly env?: Readonly<Record<string, string>>
    }[]
  }
}
const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as Action

/** Runs the steps of action.yml that are shell, with these inputs. */
async function runAction(
  inputs: Readonly<Record<string, string>>,
): Promise<Ended & { readonly sarif: string | undefined }> {
  const work = mkdtempSync(join(folder, 'work-'))
  writeFileSync(join(work, 'output'), '')
  let ended: Ended = { code: 0, stdout: '', stderr: '' }
  for (const step of action.runs.steps) {
    if (step.run === undefined || ended.code !== 0) continue
    const outputs = Object.fromEntries(
      readFileSync(join(work, 'output'), 'utf8')
        .split('\n')
        .map(line => line.split('=')),
    )
    const filled = Object.entries(step.env ?? {}).map(([name, text]) => [
      name,
      text
        .replace('${{ github.action_path }}', root)
        .replace(
          /\$\{\{ inputs\.([\w-]+) \}\}/,
          (_, input: string) => inputs[input] ?? action.inputs[input]!.default,
        )
        .replace(/\$\{\{ steps\.lint\.outputs\.([\w-]+) \}\}/, (_, output: string) =>
          String(outputs[output]),
        ),
    ])
    const env = {
      ...Object.fromEntries(filled),
      RUNNER_TEMP: work,
      GITHUB_OUTPUT: join(work, 'output'),
    } as NodeJS.ProcessEnv
    const next = await bash(['-e', '-c', step.run], env, work)
    ended = { code: next.code, stdout: ended.stdout + next.stdout, stderr: ended.stderr + next.stderr }
  }
  const sarif = join(work, action.inputs['sarif-file']!.default)
  return { ...ended, sarif: existsSync(sarif) ? readFileSync(sarif, 'utf8') : undefined }
}

test(
  'the action passes what is right, and fails with findings as SARIF and annotations',
  { skip },
  async () => {
    const right = await runAction({ path: join(root, 'examples/catalog') })
    assert.equal(right.code, 0, right.stderr)
    const wrong = await runAction({ path: broken, args: '--complete' })
    assert.equal(wrong.code, 3, wrong.stderr)
    assert.equal(new Set(wrong.stdout.match(/^::error file=[^,]*/gm)).size, 2)
    const { version: sarifVersion, runs } = JSON.parse(wrong.sarif!) as {
      readonly version: string
      readonly runs: readonly { readonly results: readonly unknown[] }[]
    }
    assert.equal(sarifVersion, '2.1.0')
    assert.ok(runs[0]!.results.length > 0)
  },
)

test(
  'what cannot be read, and an archive that is not of the release, fail before anything is uploaded',
  { skip },
  async () => {
    const missing = await runAction({ path: '/nonexistent' })
    assert.equal(missing.code, 1)
    assert.match(missing.stderr, /\/nonexistent/)
    const other = await runAction({ path: '.', version: '9.9.9' })
    assert.match(other.stderr, /not of the release/)
    const archive = join(page, archiveNameOf(host!))
    const bytes = readFileSync(archive)
    writeFileSync(archive, Buffer.concat([bytes, Buffer.from('x')]))
    const changed = await runAction({ path: '.' })
    writeFileSync(archive, bytes)
    assert.notEqual(changed.code, 0)
    assert.match(changed.stderr, /has the SHA-256 .*, the release says/)
  },
)

test('versions and addresses are those of the release, and actions of others are pinned by commit', () => {
  assert.equal(action.inputs['version']!.default, version)
  for (const { uses } of action.runs.steps) if (uses !== undefined) assert.match(uses, /@[0-9a-f]{40}$/)
  const install = readFileSync(join(root, 'release/ci/install.sh'), 'utf8')
  assert.ok(install.includes(`downloads=${addressOf('').replace(version, '$version').replace(/\/$/, '')}\n`))
  const texts = ['gitlab-ci.yml', 'argo-cd-presync.yaml'].map(name =>
    readFileSync(join(root, 'release/ci', name), 'utf8'),
  )
  assert.ok(texts[0]!.includes(`npm install --global ${release.npm}@${version}\n`))
  assert.ok(texts[1]!.includes(`image: ${release.image}:${version}\n`))
})

test('the job for GitLab writes its report, and fails with an error in it', async () => {
  const { 'kubectl-canary-lint': job } = parse(
    readFileSync(join(root, 'release/ci/gitlab-ci.yml'), 'utf8'),
  ) as Readonly<
    Record<
      string,
      {
        readonly script: readonly string[]
        readonly artifacts: { readonly reports: { readonly junit: string } }
      }
    >
  >
  const [install, ...script] = job!.script
  assert.match(install!, /^npm install/)
  const run = (path: string) => bash(['-e', '-c', script.join('\n')], { CANARY_PATH: path })
  assert.equal((await run(join(root, 'examples/catalog'))).code, 0)
  assert.equal((await run(broken)).code, 3)
  assert.match(readFileSync(join(folder, job!.artifacts.reports.junit), 'utf8'), /<testsuites?[ >]/)
})

test('the examples for Argo CD and Flux are objects, and the Job starts the plugin as those of `run --as-job` do', () => {
  const objects = ['argo-cd-presync.yaml', 'flux-dependson.yaml'].flatMap(name =>
    parseAllDocuments(readFileSync(join(root, 'release/ci', name), 'utf8')).map(
      document => document.toJS() as JobObject,
    ),
  )
  assert.deepEqual(
    objects.map(({ kind }) => kind),
    ['Job', 'ServiceAccount', 'RoleBinding', 'Role', 'RoleBinding', 'Kustomization', 'Kustomization'],
  )
  const source = readFileSync(join(root, 'plugin/run/job/manifests.ts'), 'utf8')
  const { metadata, spec } = objects[0]!.spec.template
  assert.equal(metadata.labels['sidecar.istio.io/inject'], 'false')
  const { command, args } = spec.containers[0]!
  assert.ok(source.includes(`command: [${command.map(word => `'${word}'`).join(', ')}]`))
  assert.deepEqual(args, ['lint'])
})

interface JobObject {
  readonly kind: string
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> }
      readonly spec: {
        readonly containers: readonly {
          readonly command: readonly string[]
          readonly args: readonly string[]
        }[]
      }
    }
  }
}

test('pre-commit runs the hook on staged manifests', async context => {
  const hooks = parse(readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8')) as readonly {
    readonly id: string
    readonly entry: string
  }[]
  assert.deepEqual(
    hooks.map(({ id, entry }) => [id, entry]),
    [['kubectl-canary-lint', 'kubectl-canary lint']],
  )
  const preCommit = programOnPath('pre-commit')
  if (preCommit === undefined)
    return context.skip('there is no pre-commit on the PATH (pip install pre-commit)')
  const [hook, work] = [join(folder, 'hook'), join(folder, 'manifests')]
  const git = (cwd: string, ...words: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...words], {
      cwd,
      stdio: 'pipe',
    })
  for (const path of [hook, work]) {
    mkdirSync(path)
    git(path, 'init', '--quiet')
  }
  cpSync(join(root, '.pre-commit-hooks.yaml'), join(hook, '.pre-commit-hooks.yaml'))
  git(hook, 'add', '.')
  git(hook, 'commit', '--quiet', '--message', 'Add the hook')
  cpSync(join(root, 'examples/catalog'), work, { recursive: true })
  const run = (): Promise<Ended> => {
    git(work, 'add', '.')
    return bash(
      ['-c', `'${preCommit}' try-repo '${hook}' kubectl-canary-lint --all-files`],
      { PRE_COMMIT_HOME: join(folder, 'pre-commit') },
      work,
    )
  }
  const right = await run()
  assert.equal(right.code, 0, right.stdout + right.stderr)
  const file = join(work, 'catalog-mesh.yaml')
  writeFileSync(file, readFileSync(file, 'utf8').replace('subset: version-v1', 'subset: version-v9'))
  const wrong = await run()
  assert.equal(wrong.code, 1, wrong.stdout + wrong.stderr)
  assert.match(wrong.stdout, /undefined-subset/)
  return undefined
})

function programOnPath(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map(path => join(path, name))
    .find(path => existsSync(path))
}

test('bash reads the scripts', () => {
  for (const name of ['install.sh', 'lint-action.sh'])
    execFileSync('bash', ['-n', join(root, 'release/ci', name)])
})
