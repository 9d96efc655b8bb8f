/** The chart as it is released: packed, signed, verified, pushed and pulled by Helm, and rendered with its image's digest. */
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { ensureAssets } from '../../cluster/assets.ts'
import { orSkip } from '../../cluster/cluster-test.ts'
import { startRegistry } from '../registry.ts'
import { release, root, version } from '../release.ts'
import { packChart, type Signer } from './package-chart.ts'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'canary-chart-test-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const digest = `sha256:${'ab'.repeat(32)}`
const chartFile = (name: string): string => readFileSync(join(root, 'charts/canary-guard', name), 'utf8')

interface ChartMetadata {
  readonly version: string
  readonly appVersion: string
  readonly home: string
  readonly annotations: Readonly<Record<string, string>>
}

test('both Helms take the packed chart, which names its image by digest', async context => {
  if (!(await orSkip(context, () => ensureAssets(['helm3', 'helm4'])))) return
  const archive = await packChart(folder, digest)
  for (const helm of Object.values(await ensureAssets(['helm3', 'helm4']))) {
    const env = { HOME: folder, PATH: process.env['PATH'] }
    const { stdout } = await run(helm, ['template', 'guard', archive, '--kube-version', '1.36.0'], { env })
    assert.ok(
      stdout.includes(`image: "${release.image}@${digest}"`)
        || stdout.includes(`image: ${release.image}@${digest}`),
    )
    const shown = await run(helm, ['show', 'chart', archive], { env })
    const { annotations } = parse(shown.stdout) as ChartMetadata
    assert.match(annotations['artifacthub.io/images']!, new RegExp(`${release.image}:${version}@${digest}`))
    assert.match((await run(helm, ['show', 'readme', archive], { env })).stdout, new RegExp(digest))
  }
  await assert.rejects(packChart(folder, 'latest'), /latest is not the digest of an image/)
})

/** A key for this test alone. */
function madeKey(): Signer {
  const home = join(folder, 'gnupg')
  mkdirSync(home, { mode: 0o700 })
  const gpg = (words: readonly string[]) =>
    execFileSync('gpg', ['--homedir', home, '--batch', '--passphrase', '', ...words], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  gpg(['--quick-generate-key', 'Release <release@example.com>', 'rsa3072', 'sign', 'never'])
  for (const kind of ['--export', '--export-secret-keys'])
    writeFileSync(join(folder, `keyring${kind}`), gpg([kind]))
  try {
    execFileSync('gpgconf', ['--homedir', home, '--kill', 'gpg-agent'])
  } catch {
    // There is none.
  }
  return { key: 'Release', keyring: join(folder, 'keyring--export-secret-keys') }
}

test('a signed chart is verified by Helm, and a changed one is not', async context => {
  if (!(await orSkip(context, () => ensureAssets(['helm3'])))) return
  if (!hasGpg()) return context.skip('there is no gpg on the PATH (Debian: apt-get install gnupg)')
  const { helm3 } = await ensureAssets(['helm3'])
  const signed = join(folder, 'signed')
  mkdirSync(signed)
  const archive = await packChart(signed, digest, madeKey())
  const verify = () => run(helm3, ['verify', archive, '--keyring', join(folder, 'keyring--export')])
  assert.match((await verify()).stdout, /Release <release@example\.com>/)
  writeFileSync(archive, Buffer.concat([readFileSync(archive), Buffer.from('x')]))
  await assert.rejects(verify(), /sha256 sum does not match/)
  return undefined
})

function hasGpg(): boolean {
  try {
    execFileSync('gpg', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test('a registry takes the chart, and gives it to an install', async context => {
  if (!(await orSkip(context, () => ensureAssets(['helm3', 'crane'])))) return
  const { helm3 } = await ensureAssets(['helm3'])
  using registry = await startRegistry()
  const charts = `oci://${registry.host}/charts`
  const env = { HOME: folder, PATH: process.env['PATH'] }
  await run(helm3, ['push', await packChart(folder, digest), charts, '--plain-http'], { env })
  const words = ['--version', version, '--plain-http', '--kube-version', '1.36.0']
  const { stdout } = await run(helm3, ['template', 'guard', `${charts}/canary-guard`, ...words], { env })
  assert.ok(stdout.includes(digest))
})

test('its metadata is that of the release, and every version has upgrade notes', () => {
  const chart = parse(chartFile('Chart.yaml')) as ChartMetadata
  assert.deepEqual([chart.version, chart.appVersion, chart.home], [version, version, release.repository])
  assert.ok(existsSync(join(root, 'charts/canary-guard/UPGRADING.md')))
  assert.match(chartFile('UPGRADING.md'), new RegExp(`^## ${version.replaceAll('.', '\\.')}$`, 'm'))
  for (const name of ['links', 'changes', 'recommendations'])
    assert.ok(Array.isArray(parse(chart.annotations[`artifacthub.io/${name}`]!)), name)
  const { image } = parse(chartFile('values.yaml')) as { readonly image: { readonly repository: string } }
  assert.equal(image.repository, release.image)
})
