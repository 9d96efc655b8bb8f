import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { exitCodes } from '../../plugin/exit-codes.ts'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { describedForLint } from '../../shared/rules/described.ts'
import { buildSite, siteFolder } from '../../site/build-site.ts'
import type { CheckedLinks } from '../../site/check/dead-links.ts'
import { searchOptions } from '../../site/search-options.ts'
import { describedCommands } from '../build/texts/commands-text.ts'

/** What is used here of the index that VitePress builds, and searches in the browser. */
interface SearchIndex {
  search(words: string, options: object): readonly { readonly id: string }[]
}

let links: CheckedLinks
let index: SearchIndex

/** The first pages that a person sees who types these words. */
const found = (words: string): readonly string[] =>
  index
    .search(words, searchOptions)
    .slice(0, 8)
    .map(({ id }) => id)

before(async () => {
  links = await buildSite()
  const [chunk] = globSync('assets/chunks/@localSearchIndex*.js', { cwd: siteFolder })
  // The folder of built files does not say that they are modules.
  const module = `data:text/javascript,${encodeURIComponent(textOf(chunk!))}`
  const { default: json } = (await import(module)) as { readonly default: string }
  const ofVitePress = createRequire(import.meta.resolve('vitepress'))
  const MiniSearch = ofVitePress('minisearch') as { loadJSON(json: string, options: object): SearchIndex }
  index = MiniSearch.loadJSON(json, { fields: ['title', 'titles', 'text'], storeFields: ['title', 'titles'] })
})

const rules = describedForLint(catalogue).map(({ id }) => id)
const commands = describedCommands().map(({ name }) => name)
const pages = (): readonly string[] => globSync('**/*.html', { cwd: siteFolder })
const textOf = (page: string): string => readFileSync(join(siteFolder, page), 'utf8')

describe('the built site', () => {
  it('has no link that leads nowhere', () => assert.deepEqual(links.dead, []))

  it('has a page for each command', () =>
    assert.deepEqual(
      commands.filter(name => !existsSync(join(siteFolder, `commands/${name}.html`))),
      [],
    ))

  it('has a page for each rule: why it is there, a wrong and a right example, how to fix it and how to switch it off', () => {
    const needed = ['why', 'wrong', 'right', 'how-to-fix-it', 'how-to-switch-it-off']
    const lacking = rules.flatMap(id => {
      const text = textOf(`rules/${id}.html`)
      return needed.filter(anchor => !text.includes(`id="${anchor}"`)).map(anchor => `${id}: ${anchor}`)
    })
    assert.deepEqual(lacking, [])
  })

  it('has a page for each document of the repository', () => {
    const documents = globSync('docs/{,decisions/,tutorials/}*.md', {
      cwd: join(import.meta.dirname, '../..'),
    })
    assert.ok(pages().length >= documents.length + rules.length + commands.length)
  })
})

describe('what the built site loads', () => {
  it('is nothing of another host', () => {
    const loaded = pages().flatMap(page =>
      [
        ...textOf(page).matchAll(
          /<(?:script|link|img|iframe|source|object)\b[^>]*?(?:src|href)="([a-z]*:?\/\/[^"]*)"/g,
        ),
      ].map(([, address]) => `${page}: ${address}`),
    )
    assert.deepEqual(loaded, [])
    for (const style of globSync('**/*.css', { cwd: siteFolder }))
      assert.doesNotMatch(textOf(style), /url\(["']?(?:https?:)?\/\/|@import/, style)
  })

  it('has no tracker, and no script that asks another host', () => {
    for (const script of globSync('assets/{,chunks/}*.js', { cwd: siteFolder })) {
      assert.doesNotMatch(
        textOf(script),
        /sendBeacon|new (?:WebSocket|EventSource)\b|gtag|analytics\.js/,
        script,
      )
      assert.doesNotMatch(
        textOf(script),
        /(?:fetch|import|open)\((?:["'`]GET["'`],)?["'`](?:https?:)?\/\//,
        script,
      )
    }
    // The theme asks a host for the icons of social links, of which there are none.
    for (const page of pages()) assert.doesNotMatch(textOf(page), /VPSocialLink/, page)
  })
})

describe('the search of the site', () => {
  it('finds the page of each rule by its id first', () =>
    assert.deepEqual(
      rules.filter(id => !(found(id)[0] ?? '').startsWith(`/rules/${id}.html`)),
      [],
    ))

  it('finds each command by its name', () =>
    assert.deepEqual(
      commands.filter(name => !found(name).some(id => id.startsWith(`/commands/${name}.html`))),
      [],
    ))

  it('finds each error code', () =>
    assert.deepEqual(
      Object.keys(exitCodes).filter(code => !found(code).includes(`/troubleshooting.html#${code}`)),
      [],
    ))

  it('finds an error by some of its words', () => {
    assert.ok(
      found('weights add up to which is more than 100').some(id => id.startsWith('/troubleshooting.html')),
    )
    assert.ok(
      found('canary-guard could not review this').includes('/troubleshooting.html#answers-of-the-guard'),
    )
  })
})
