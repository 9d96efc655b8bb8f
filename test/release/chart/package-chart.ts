/**
 * The chart as it is released: its image by digest, and with a provenance file where HELM_SIGN_KEY names a key (HELM_SIGN_KEYRING its keyring).
 * `npm run pack:chart -- sha256:…` packs it into dist/release.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { ensureAssets } from '../../cluster/assets.ts'
import { release, root, version } from '../release.ts'

const run = promisify(execFile)

/** Who signs a chart. */
export interface Signer {
  readonly key: string
  readonly keyring: string
}

/** Packs into a folder, and returns the path of the archive; its provenance is beside it. */
export async function packChart(folder: string, digest: string, signer?: Signer): Promise<string> {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new Error(`${digest} is not the digest of an image`)
  const { helm3 } = await ensureAssets(['helm3'])
  const draft = mkdtempSync(join(tmpdir(), 'canary-chart-'))
  try {
    const chart = join(draft, 'canary-guard')
    cpSync(join(root, 'charts/canary-guard'), chart, { recursive: true })
    replaceIn(join(chart, 'values.yaml'), /^ {2}digest: ''$/m, `  digest: ${digest}`)
    replaceIn(join(chart, 'README.md'), /^(\| `image\.digest` \| [^|]*\|) {2}\|/m, `$1 \`"${digest}"\` |`)
    const images = `  artifacthub.io/images: |\n    - name: canary-guard\n      image: ${release.image}:${version}@${digest}\n`
    replaceIn(join(chart, 'Chart.yaml'), /^annotations:\n/m, `annotations:\n${images}`)
    await run(helm3, ['lint', '--strict', chart])
    const signing = signer === undefined ? [] : ['--sign', '--key', signer.key, '--keyring', signer.keyring]
    await run(helm3, ['package', chart, '--destination', folder, ...signing])
    return join(folder, `canary-guard-${version}.tgz`)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

function replaceIn(file: string, place: RegExp, text: string): void {
  const before = readFileSync(file, 'utf8')
  const after = before.replace(place, text)
  if (after === before) throw new Error(`${file} has no ${place}`)
  writeFileSync(file, after)
}

if (import.meta.main) {
  const { HELM_SIGN_KEY: key, HELM_SIGN_KEYRING: keyring } = process.env
  const signer = key === undefined || keyring === undefined ? undefined : { key, keyring }
  console.log(await packChart(join(root, 'dist/release'), process.argv[2] ?? '', signer))
}
