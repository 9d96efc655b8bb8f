/**
 * Prepares a release: `npm run set-version -- 0.2.0` writes the version wherever it stands and gives it the section of the changelog; what is
 * left is to write its upgrade notes, commit, and push the tag v0.2.0, on which .github/workflows/release.yml runs.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { releasedChangelog } from './changelog.ts'
import { root, version } from './release.ts'

/** What stands around the version in each file. */
export const places: Readonly<Record<string, readonly string[]>> = {
  'charts/canary-guard/Chart.yaml': ['\nversion: VERSION\n', '\nappVersion: VERSION\n'],
  'action.yml': ["\n    default: 'VERSION'\n"],
  'release/ci/gitlab-ci.yml': ['kubectl-canary@VERSION\n'],
  'release/ci/argo-cd-presync.yaml': ['canary-guard:VERSION\n'],
  'docs/ci.md': ['kubectl-canary@vVERSION\n', 'rev: vVERSION\n'],
}

interface VersionChange {
  readonly from: string
  readonly to: string
}

/** A file's text with another version; throws where a place is not there. */
export function withVersion(file: string, text: string, { from, to }: VersionChange): string {
  return places[file]!.reduce((edited, place) => {
    const [before, after] = [place.replace('VERSION', from), place.replace('VERSION', to)]
    if (!edited.includes(before)) throw new Error(`${file} has no ${JSON.stringify(before)}`)
    return edited.replace(before, after)
  }, text)
}

function setVersion(next: string): void {
  for (const file of Object.keys(places))
    writeFileSync(
      join(root, file),
      withVersion(file, readFileSync(join(root, file), 'utf8'), { from: version, to: next }),
    )
  const changelog = join(root, 'CHANGELOG.md')
  const today = new Date().toISOString().slice(0, 10)
  writeFileSync(changelog, releasedChangelog(readFileSync(changelog, 'utf8'), next, today))
  execFileSync('npm', ['version', next, '--no-git-tag-version', '--allow-same-version'], {
    cwd: root,
    stdio: 'inherit',
  })
}

if (import.meta.main) {
  const [next = ''] = process.argv.slice(2)
  if (/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(next)) setVersion(next)
  else {
    console.error('error: npm run set-version -- VERSION, for example 0.2.0')
    process.exitCode = 2
  }
}
