/**
 * All tests: `npm test`, or `npm test -- test/plan/reading/*.test.ts` for some. A file can also be run by itself, with `node --test FILE`.
 * What `npm test` adds is speed only: files that can share a process do (see batches.ts), and what starts our programs starts the
 * bundles that have just been built.
 */
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { pathToFileURL } from 'node:url'
import { batchesOf, type Batch } from './batches.ts'

const root = join(import.meta.dirname, '../..')

/** Some of our processes wait most of the time. */
const concurrency = 3

/** A file for Node's runner, which starts a process for each. */
function fileOf(folder: string, batch: Batch, i: number): string {
  const paths = batch.map(file => join(root, file))
  if (paths.length === 1) return paths[0]!
  const file = join(folder, `${i}.test.mjs`)
  writeFileSync(file, paths.map(path => `await import(${JSON.stringify(pathToFileURL(path))})\n`).join(''))
  return file
}

function main(patterns: readonly string[]): void {
  const files = globSync(patterns.length > 0 ? patterns : ['test/**/*.test.ts'], { cwd: root })
    .map(file => relative(root, resolve(root, file)))
    .toSorted()
  if (files.length === 0) throw new Error(`no test file is called ${patterns.join(' or ')}`)
  process.env['NODE_COMPILE_CACHE'] = join(root, 'node_modules/.cache/test-code')
  process.env['CANARY_BUILT'] = join(root, 'dist')
  const folder = mkdtempSync(join(tmpdir(), 'canary-batches-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  run({ files: batchesOf(root, files).map((batch, i) => fileOf(folder, batch, i)), concurrency })
    .on('test:fail', ({ todo }) => {
      if (todo === undefined || todo === false) process.exitCode = 1
    })
    .compose(spec)
    .pipe(process.stdout)
}

main(process.argv.slice(2))
