import { titleOf, type SitePage } from './site-page.ts'

/** A line of the menu at the side, as VitePress takes it. */
export interface MenuItem {
  readonly text: string
  readonly link?: string
  readonly items?: readonly MenuItem[]
  readonly collapsed?: boolean
}

/** The guides in the order in which people need them; others come after these. */
const guides = [
  'doctor',
  'status',
  'try',
  'lint',
  'run',
  'analysis',
  'metrics',
  'history',
  'providers',
  'controllers',
]

/** Pages with a title that is too long for a menu. */
const shortTitles: Readonly<Record<string, string>> = {
  'guide/analysis': 'How a version is judged',
  'guide/controllers': 'Argo Rollouts and Flagger',
  'guide/doctor': 'doctor: is it ready?',
  'guide/run': 'run: progressive delivery',
  'guide/try': 'try: what happens to a request',
  'guide/webhook': 'The webhook',
}

/** The menu of the site, from its pages. */
export function menuOf(pages: readonly SitePage[]): readonly MenuItem[] {
  const below = (folder: string): readonly SitePage[] =>
    pages.filter(({ path }) => path.startsWith(`${folder}/`) && path !== `${folder}/index`)
  const guard = ['guide/webhook', 'guide/chart']
  const others = below('guide')
    .filter(({ path }) => !guard.includes(path))
    .toSorted((a, b) => placeIn(a) - placeIn(b) || a.path.localeCompare(b.path, 'en'))
  const named = (paths: readonly string[]): readonly SitePage[] =>
    paths.flatMap(path => pages.filter(page => page.path === path))
  return [
    { text: 'Tutorials', link: '/tutorials/', items: below('tutorials').map(itemOf) },
    { text: 'Guides', items: others.map(itemOf) },
    { text: 'The guard', items: named(guard).map(itemOf) },
    {
      text: 'Reference',
      items: [
        ...named(['troubleshooting', 'comparison']).map(itemOf),
        { text: 'Commands', link: '/commands/', collapsed: true, items: below('commands').map(itemOf) },
        { text: 'Rules', link: '/rules/', collapsed: true, items: below('rules').map(itemOf) },
      ],
    },
    {
      text: 'Project',
      items: [
        ...below('project').map(itemOf),
        { text: 'Decisions', collapsed: true, items: below('decisions').map(itemOf) },
      ],
    },
  ]
}

const itemOf = (page: SitePage): MenuItem => ({
  text: shortTitles[page.path] ?? titleOf(page),
  link: `/${page.path}`,
})

function placeIn({ path }: SitePage): number {
  const place = guides.indexOf(path.replace('guide/', ''))
  return place < 0 ? guides.length : place
}
