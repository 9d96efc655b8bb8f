/**
 * The npm package: what `npm run build` made, and documents. It has no dependencies, because all of them are in the bundle; those of the
 * repository's package.json say what a bundle may hold. `npm run pack:npm` packs it into dist/release.
 */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { putPrograms } from '../build/built-programs.ts'
import { release, root } from './release.ts'

/** The fields of package.json that the package keeps. */
const kept = ['name', 'version', 'description', 'license', 'type', 'engines', 'bin'] as const

const documents = ['docs', 'README.md', 'CHANGELOG.md', 'LICENSE', 'SECURITY.md']

/** Packs into a folder, and returns the path of the archive. */
export async function packNpm(folder: string): Promise<string> {
  const draft = mkdtempSync(join(tmpdir(), 'canary-npm-'))
  try {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Readonly<
      Record<string, unknown>
    >
    const fields = {
      ...Object.fromEntries(kept.map(field => [field, manifest[field]])),
      keywords: ['kubernetes', 'kubectl', 'kubectl-plugin', 'istio', 'gateway-api', 'canary'],
      homepage: release.repository,
      repository: { type: 'git', url: `git+${release.repository}.git` },
      bugs: `${release.repository}/issues`,
    }
    writeFileSync(join(draft, 'package.json'), `${JSON.stringify(fields, undefined, 2)}\n`)
    await putPrograms(join(draft, 'dist'))
    for (const document of documents) cpSync(join(root, document), join(draft, document), { recursive: true })
    mkdirSync(folder, { recursive: true })
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
    const { stdout } = await promisify(execFile)(npm, ['pack', '--silent', '--pack-destination', folder], {
      cwd: draft,
    })
    const archive = join(folder, stdout.trim())
    if (!existsSync(archive)) throw new Error(`npm pack wrote no ${archive}`)
    return archive
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

if (import.meta.main) console.log(`packed ${await packNpm(join(root, 'dist/release'))}`)
