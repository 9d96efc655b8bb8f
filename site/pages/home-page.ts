import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SitePage } from './site-page.ts'

/** Where releases are found: release/release.json. */
export interface ReleasePlaces {
  readonly published: boolean
  readonly repository: string
  readonly npm: string
  readonly krew: string
  readonly image: string
  readonly charts: string
}

/** The places of releases, from the one file that names them. */
export const readReleasePlaces = (root: string): ReleasePlaces =>
  JSON.parse(readFileSync(join(root, 'release/release.json'), 'utf8')) as ReleasePlaces

/** What the README says, below a head with the ways into the site. */
export function homePage(root: string): SitePage {
  const source = 'README.md'
  const text = readFileSync(join(root, source), 'utf8')
  const [, name = '', lead = '', rest = ''] = /^# (.+)\n\n([^]+?)\n\n([^]*)$/.exec(text) ?? []
  if (rest === '') throw new Error(`${source} does not begin with a heading and a paragraph`)
  return { path: 'index', source, text: [head(name, lead), withRelease(withoutMenu(rest), root)].join('\n') }
}

const head = (name: string, lead: string): string => `---
layout: home
title: ${name}
titleTemplate: Canary routing on Kubernetes
hero:
  name: ${name}
  text: Canary routing, checked before it is written
  tagline: ${JSON.stringify(lead.replaceAll('\n', ' '))}
  actions:
    - { theme: brand, text: Tutorials, link: /tutorials/ }
    - { theme: alt, text: Commands, link: /commands/ }
    - { theme: alt, text: Rules, link: /rules/ }
    - { theme: alt, text: An error?, link: /troubleshooting }
---

`

/** The README lists the documents, because it has no menu. */
const withoutMenu = (text: string): string => text.replaceAll(/ ?(?:\[[^\]]+\]\([^)]+\) · ){3,}.*/g, '')

/** What releases add stands below the ways to install from a clone. */
function withRelease(text: string, root: string): string {
  const section = /^## .*install.*$[^]*?(?=^## )/im.exec(text)
  if (section === null) throw new Error('README.md has no section about installing')
  const end = section.index + section[0].length
  return `${text.slice(0, end)}${releaseText(readReleasePlaces(root))}\n${text.slice(end)}`
}

function releaseText({ published, npm, krew, image, charts }: ReleasePlaces): string {
  return [
    published ? '### From a release' : '### What a release will add',
    '',
    ...(published
      ? []
      : ['Nothing is published yet. A release brings these ways; until then they do not work:', '']),
    '| way | what to run |',
    '|---|---|',
    `| krew | \`kubectl krew install ${krew}\` |`,
    `| npm | \`npm i -g ${npm}\` |`,
    '| executable | one file for each platform, to put on the PATH as `kubectl-canary` |',
    `| image | \`${image}\`: the guard, and the plugin for \`run --as-job\` |`,
    `| chart | \`helm install canary-guard ${charts}/canary-guard\` |`,
    '',
  ].join('\n')
}
