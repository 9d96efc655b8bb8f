import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { exitCodes } from '../../plugin/exit-codes.ts'
import { readErrors } from '../../site/pages/error-messages.ts'
import { errorPage } from '../../site/pages/error-page.ts'

const root = join(import.meta.dirname, '../..')

test('errors are read from the code with their codes and hints, and names stand as …', () => {
  const errors = readErrors(root)
  assert.ok(errors.length > 250, `${errors.length} errors`)
  const noFiles = errors.find(({ message }) => message === '… cannot be created: this cluster has no …')
  assert.equal(noFiles?.code, 'failed')
  const token = errors.find(({ message }) => message.startsWith('the OIDC id token'))
  assert.deepEqual([token?.code, token?.hints], ['unauthorized', ['Log in again.']])
})

test('the page has a section for each error code', () => {
  const { text } = errorPage(root)
  for (const code of Object.keys(exitCodes)) assert.match(text, new RegExp(`^### ${code}$`, 'm'))
})
