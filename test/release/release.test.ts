/** What a release says of itself agrees everywhere, and its pipeline runs scripts that there are. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { parse } from 'yaml'
import { notesOf, releasedChangelog } from './changelog.ts'
import { release, root, version } from './release.ts'
import { places, withVersion } from './set-version.ts'

const text = (file: string): string => readFileSync(join(root, file), 'utf8')
const files = [
  'README.md',
  'SECURITY.md',
  'CODE_OF_CONDUCT.md',
  'action.yml',
  '.pre-commit-hooks.yaml',
  'Dockerfile',
  ...globSync(['docs/**/*.md', 'charts/**/*.{yaml,md}', 'release/**/*.{sh,yml,yaml}', '.github/**/*.yml'], {
    cwd: root,
  }),
]

test('every address of ours is one of release/release.json', () => {
  const known = [release.repository, release.image, release.charts, release.charts.replace('oci://', '')]
  const owner = release.repository.replace(/\/[^/]+$/, '')
  let found = 0
  for (const file of files)
    for (const [address] of text(file).matchAll(
      /(?:https:\/\/github\.com|(?:oci:\/\/)?ghcr\.io)\/kubectl-canary[^\s)"'`:@]*/g,
    )) {
      found++
      assert.ok(address === owner || known.some(start => address.startsWith(start)), `${file}: ${address}`)
    }
  assert.ok(found > 10)
})

test('as long as nothing is published, the README names no download', () => {
  if (release.published) return
  assert.doesNotMatch(text('README.md'), /releases\/download|krew install|npm (i|install) -g|ghcr\.io/)
})

test('the version stands alike in all files, and one command changes it in all', () => {
  for (const file of Object.keys(places)) {
    const next = withVersion(file, text(file), { from: version, to: '9.8.7' })
    assert.equal(withVersion(file, next, { from: '9.8.7', to: version }), text(file), file)
  }
  assert.throws(
    () => withVersion('action.yml', 'nothing', { from: version, to: '9.8.7' }),
    /action\.yml has no/,
  )
})

test('a release takes what the changelog has, and begins a new section', () => {
  const before = '# Changelog\n\n## Unreleased\n\n- One.\n\n## 0.0.1 (2026-01-01)\n\n- Zero.\n'
  const after = releasedChangelog(before, '0.1.0', '2026-02-01')
  assert.equal(notesOf(before, '0.1.0'), '- One.\n')
  assert.equal(notesOf(after, '0.1.0'), '- One.\n')
  assert.equal(notesOf(after, '0.0.1'), '- Zero.\n')
  assert.match(after, /## Unreleased\n\n## 0\.1\.0 \(2026-02-01\)/)
})

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { readonly uses?: string; readonly run?: string }[] }>
  >
}

for (const file of ['.github/workflows/ci.yml', '.github/workflows/release.yml'])
  test(`${file} pins its actions by commit, and runs what there is`, () => {
    const workflow = parse(text(file)) as Workflow
    assert.deepEqual(workflow.permissions, { contents: 'read' })
    const { scripts } = JSON.parse(text('package.json')) as {
      readonly scripts: Readonly<Record<string, string>>
    }
    for (const { uses, run = '' } of Object.values(workflow.jobs).flatMap(({ steps }) => steps)) {
      if (uses !== undefined) assert.match(uses, /@[0-9a-f]{40}$/)
      for (const [, name] of run.matchAll(/npm run ([\w:-]+)/g)) assert.ok(scripts[name!], name)
      for (const [, script] of run.matchAll(/bash ((?:\.ci|release)\/\S+)/g))
        execFileSync('bash', ['-n', join(root, script!)])
    }
    for (const line of text(file).matchAll(/uses: .*/g))
      assert.match(line[0], /@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

test('issue forms can be read', () => {
  for (const form of ['bug', 'feature']) {
    const { name, description, body } = parse(text(`.github/ISSUE_TEMPLATE/${form}.yml`)) as {
      readonly name: string
      readonly description: string
      readonly body: readonly object[]
    }
    assert.ok(name && description && body.length > 0)
  }
})
