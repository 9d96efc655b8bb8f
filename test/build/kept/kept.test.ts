import assert from 'node:assert/strict'
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { entriesBelow, kept, keptFolder, type Making } from './kept.ts'

const cache = mkdtempSync(join(tmpdir(), 'canary-kept-'))
after(() => rmSync(cache, { recursive: true, force: true }))
process.env['XDG_CACHE_HOME'] = cache

let count = 0
/** Makes a file with the number of the making, and a link to it. */
const numbered = (name: string, ...from: readonly string[]): Making => ({
  name,
  from,
  most: 2,
  make: async folder => {
    count++
    writeFileSync(join(folder, 'number'), String(count))
    symlinkSync('number', join(folder, 'link'))
  },
})
const numberOf = async (making: Making): Promise<string> =>
  readFileSync(join(await kept(making), 'link'), 'utf8')

test('what was made of the same is not made again, and what is made of something else is', async () => {
  const first = await numberOf(numbered('same', 'ab', 'c'))
  assert.equal(await numberOf(numbered('same', 'ab', 'c')), first)
  for (const other of [numbered('same', 'a', 'bc'), numbered('same', 'ab', 'C'), numbered('more', 'ab', 'c')])
    assert.notEqual(await numberOf(other), first)
})

for (const [how, damage] of Object.entries({
  shortened: folder => writeFileSync(join(folder, 'number'), ''),
  changed: folder => writeFileSync(join(folder, 'number'), 'x'),
  added: folder => writeFileSync(join(folder, 'more'), ''),
  missing: folder => rmSync(join(folder, 'link')),
  'not what they were': folder => {
    rmSync(join(folder, 'link'))
    symlinkSync('elsewhere', join(folder, 'link'))
  },
  'without what is known of them': folder => appendFileSync(join(folder, '../contents.json'), '}'),
} satisfies Readonly<Record<string, (folder: string) => void>>))
  test(`what has files that are ${how} is made anew`, async () => {
    const making = numbered('damaged', how)
    const before = await numberOf(making)
    damage(await kept(making))
    const next = await numberOf(making)
    assert.notEqual(next, before)
    assert.equal(await numberOf(making), next)
  })

test('where sizes are compared, a file of another size is made anew', async () => {
  const making = { ...numbered('sized'), comparedBy: 'sizes' } as const
  const before = await numberOf(making)
  appendFileSync(join(await kept(making), 'number'), 'x')
  assert.notEqual(await numberOf(making), `${before}x`)
})

test('what could not be made leaves nothing behind, and is made the next time', async () => {
  const making = numbered('failed')
  const failing = async (folder: string): Promise<void> => {
    await making.make(folder)
    throw new Error('no space left')
  }
  await assert.rejects(kept({ ...making, make: failing }), /no space left/)
  assert.deepEqual(
    readdirSync(keptFolder()).filter(name => /^(failed|draft)-/.test(name)),
    [],
  )
  assert.equal(await numberOf(making), String(count))
})

test('whoever makes the same at the same time gets it whole', async () => {
  const numbers = await Promise.all(Array.from({ length: 5 }, () => numberOf(numbered('together'))))
  assert.equal(new Set(numbers).size, 1)
})

test('what was not used for longest goes first, and that of other names stays', async () => {
  const other = await kept(numbered('name-longer'))
  const used = (text: string, seconds: number) =>
    kept(numbered('name', text)).then(folder => {
      utimesSync(join(folder, '..'), seconds, seconds)
      return folder
    })
  const [one, two] = [await used('one', 100), await used('two', 200)]
  assert.equal(await used('one', 300), one)
  const three = await kept(numbered('name', 'three'))
  const left = readdirSync(keptFolder()).filter(name => name.startsWith('name-'))
  assert.deepEqual(
    [other, one, two, three].map(folder => left.some(name => folder.includes(name))),
    [true, true, false, true],
  )
})

test('files behind a link to a folder are not those of the folder', () => {
  const folder = mkdtempSync(join(cache, 'linked-'))
  symlinkSync('/', join(folder, 'all'))
  assert.deepEqual(
    entriesBelow(folder).map(({ name }) => name),
    ['all'],
  )
})
