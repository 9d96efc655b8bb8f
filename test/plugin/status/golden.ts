import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../../fixtures/screens')

/**
 * Compares a text with the file of that name; `UPDATE_SCREENS=1 node --test FILE` writes the files anew, and the diff
 * is to be read.
 */
export function assertGolden(name: string, text: string): void {
  const file = join(folder, name)
  if (process.env['UPDATE_SCREENS'] === '1') writeFileSync(file, text)
  assert.equal(text, readFileSync(file, 'utf8'), `${name} differs from test/fixtures/screens`)
}
