import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { checkLinks } from '../../site/check/dead-links.ts'

function checked(files: Readonly<Record<string, string>>, base = '/'): ReturnType<typeof checkLinks> {
  const folder = mkdtempSync(join(tmpdir(), 'canary-links-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    return checkLinks(folder, base)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('a link to a page, a folder, an anchor or a file that is there is no dead link', () => {
  const { dead } = checked({
    'index.html':
      '<a href="/rules/"></a><a href="rules/one.html#fix"></a><a href="#top"></a><p id="top"></p><img src="/icon.svg">',
    'rules/index.html': '<a href="one.html"></a><a href="../index.html"></a>',
    'rules/one.html': '<h2 id="fix"></h2>',
    'icon.svg': '<svg/>',
  })
  assert.deepEqual(dead, [])
})

test('a page, an anchor or a picture that is not there is named with the page that links to it', () => {
  const { dead } = checked({
    'index.html':
      '<a href="/nowhere.html"></a><a href="one.html#gone"></a><a href="#gone"></a><img src="no.svg">',
    'one.html': '',
  })
  assert.deepEqual(dead, [
    'index.html: /nowhere.html',
    'index.html: one.html#gone',
    'index.html: #gone',
    'index.html: no.svg',
  ])
})

test('addresses of other hosts are listed once, and not taken for dead links', () => {
  const link = '<a href="https://example.com/?a=1&amp;b=2"></a>'
  assert.deepEqual(checked({ 'index.html': link, 'two.html': link }), {
    dead: [],
    external: ['https://example.com/?a=1&b=2'],
  })
})

test('where the site is served below a path, a link without it is dead', () => {
  const { dead } = checked(
    { 'index.html': '<a href="/docs/one.html"></a><a href="/one.html"></a>', 'one.html': '' },
    '/docs/',
  )
  assert.deepEqual(dead, ['index.html: /one.html'])
})
