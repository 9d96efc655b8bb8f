import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig, type DefaultTheme, type MarkdownOptions } from 'vitepress'
import { searchOptions } from '../search-options.ts'

/** The path below which the site is served, with a slash at both ends. */
const base = process.env['SITE_BASE'] ?? '/'
const dist = join(import.meta.dirname, '../../dist')
const menu = JSON.parse(readFileSync(join(dist, 'site-pages/menu.json'), 'utf8')) as []

/** The anchors that GitHub gives headings, so that a link works in both places. */
const slugify = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-')

/** In the blocks of a console only commands are coloured: what they print has no syntax. */
const plainOutput: NonNullable<MarkdownOptions['codeTransformers']>[number] = {
  name: 'plain-output',
  line(line) {
    const spans = line.children.flatMap(child => (child.type === 'element' ? [child] : []))
    const text = spans.flatMap(({ children }) =>
      children.map(child => (child.type === 'text' ? child.value : '')),
    )
    if (!/^(?:console|shellsession)$/.test(this.options.lang) || text.join('').startsWith('$ ')) return
    for (const span of spans) delete span.properties['style']
  },
}

/** What is searched has no colours, which take most of the time. */
const withoutColours: NonNullable<DefaultTheme.LocalSearchOptions['_render']> = (text, env, md) => {
  const { highlight } = md.options
  md.options.highlight = null
  try {
    return md.render(text, env)
  } finally {
    md.options.highlight = highlight
  }
}

export default defineConfig({
  title: 'kubectl canary',
  description: 'A kubectl plugin and an admission webhook for canary routing',
  lang: 'en',
  base,
  srcDir: '../dist/site-pages',
  outDir: '../dist/site',
  cacheDir: '../node_modules/.cache/vitepress',
  cleanUrls: false,
  // The texts are those of the repository: they have no components of Vue, and signs in them stand for themselves.
  markdown: {
    html: false,
    anchor: { slugify },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark' },
    codeTransformers: [plainOutput],
    config: md => {
      const { text } = md.renderer.rules
      md.renderer.rules.text = (...words) => text!(...words).replaceAll('{{', '&#123;&#123;')
    },
  },
  vite: { publicDir: join(dist, 'site-public'), build: { chunkSizeWarningLimit: 4096 } },
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}icon.svg` }]],
  themeConfig: {
    siteTitle: 'kubectl canary',
    nav: [
      { text: 'Tutorials', link: '/tutorials/', activeMatch: '/tutorials/' },
      { text: 'Commands', link: '/commands/' },
      { text: 'Rules', link: '/rules/' },
      { text: 'Troubleshooting', link: '/troubleshooting' },
      { text: 'Comparison', link: '/comparison' },
    ],
    sidebar: menu,
    outline: { level: [2, 3] },
    search: { provider: 'local', options: { miniSearch: { searchOptions }, _render: withoutColours } },
    docFooter: { prev: false, next: false },
  },
})
