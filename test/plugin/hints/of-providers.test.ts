import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { colours, pods, service, tracks } from '../deployment/pods-world.ts'
import { splitWords } from '../../../plugin/words/shell-words.ts'
import { openStore } from '../../../plugin/open-store.ts'
import { ManifestsFolder } from '../manifests-folder.ts'
import { runCommand } from '../run-command.ts'

const page = ['v1', 'v2', 'v3']
  .map(
    version =>
      service(`error-page-${version}`, `app: error-page, version: ${version}`)
      + pods(`error-page-${version}`, `app: error-page, version: ${version}`),
  )
  .join('')
const versions =
  service('catalog', 'app: catalog')
  + ['v1', 'v2']
    .map(
      version =>
        service(`catalog-${version}`, `app: catalog, version: ${version}`)
        + pods(`catalog-${version}`, `app: catalog, version: ${version}`),
    )
    .join('')
const routes = `---
apiVersion: apisix.apache.org/v2
kind: ApisixRoute
metadata: { name: catalog }
spec:
  ingressClassName: apisix
  http:
    - name: items
      match: { hosts: [shop.example.com], paths: [/items*] }
      backends: [{ serviceName: catalog-v1, servicePort: 80 }]
    - name: rest
      match: { hosts: [shop.example.com], paths: [/*] }
      backends: [{ serviceName: catalog-v1, servicePort: 80 }]
`

interface Hinting {
  readonly name: string
  readonly yaml: string
  /** What is typed before, and then, with the flags that the provider needs. */
  readonly lines: readonly (readonly string[])[]
}

const plain = '--provider deployment'
const stateful = pods('hello', 'app: hello, version: v1').replace('kind: Deployment', 'kind: StatefulSet')

const cases: readonly Hinting[] = [
  {
    name: 'two colours without routes',
    yaml: colours(1, 1),
    lines: [
      [`weight hello green=20 ${plain}`],
      [`weight hello green=20`],
      [`cohort internal hello --to green ${plain}`],
      [`mirror hello green=10 ${plain}`],
      [`init hello --stable green ${plain}`],
      [`promote hello green ${plain}`, `abort hello ${plain}`],
      [`status hello ${plain}`],
    ],
  },
  {
    name: 'two tracks without routes',
    yaml: tracks(3, 0),
    lines: [
      [`cohort internal hello --to canary ${plain}`],
      [`mirror hello canary=10 ${plain}`],
      [`weight hello canary=20 ${plain}`],
      [`weight hello canary=20 ${plain}`, `status hello ${plain}`],
      [`init hello --stable canary ${plain}`],
      [`weight hello canary=10 --route /a ${plain}`],
      [`weight hello canary=10 --sticky --cookie x ${plain}`],
      [`abort hello ${plain}`],
      [`promote hello ${plain}`],
      [`weight hello nothing=10 ${plain}`],
    ],
  },
  {
    name: 'a StatefulSet',
    yaml: service('hello', 'app: hello') + stateful,
    lines: [[`promote hello v2 ${plain}`], [`abort hello ${plain}`]],
  },
  {
    name: 'Services for API7 Cloud',
    yaml: page,
    lines: [
      ['abort error-page-v1 --provider api7'],
      ['weight error-page v2=10 --provider api7'],
      ['init error-page --stable v1 --provider api7', 'weight error-page v2=10', 'weight error-page v2=0'],
      [
        'init error-page --stable v1 --provider api7',
        'weight error-page v2=10',
        'init error-page --stable v2 --provider api7',
      ],
      ['init error-page --stable v1 --provider api7', 'weight error-page v2=10', 'weight error-page v3=10'],
      ['init error-page --stable v1 --provider api7', 'promote error-page v2', 'abort error-page'],
      ['init error-page --stable v1 --provider api7', 'cohort internal error-page --to v2'],
      ['init error-page --stable v1 --provider api7', 'mirror error-page v2=10'],
    ],
  },
  {
    name: 'Services and ApisixRoutes',
    yaml: versions + routes,
    lines: [
      ['mirror catalog v2=10'],
      ['weight catalog v2=10 --sticky'],
      ['weight catalog v2=10', 'abort catalog', 'abort catalog'],
      ['promote catalog v2', 'abort catalog'],
      ['cohort internal catalog --to v2', 'status catalog'],
      ['weight catalog v2=10 --route /absent'],
      ['cohort internal catalog --to v2', 'weight catalog v2=10 --route /items'],
      ['doctor catalog'],
    ],
  },
  {
    name: 'Services without ApisixRoutes',
    yaml: versions,
    lines: [['weight catalog v2=10 --provider apisix'], ['abort catalog --provider apisix']],
  },
]

/** The commands of ours that a text prints; those with a word to fill in are sentences. */
const commandsIn = (text: string): readonly string[] =>
  [...text.matchAll(/kubectl canary ((?:(?!kubectl canary )[^\n])*)/g)]
    .map(([, line]) => line!.replace(/[.;,](?: .*)?$/, '').replace(/ (?:shows?|says?) .*$/, ''))
    .filter(line => !/\b(?:VERSION|PERCENT|NAME|HOST|PATH|CLASS)\b/.test(line) && line.includes(' '))

for (const { name, yaml, lines } of cases)
  describe(`what is printed of ${name} in files`, () => {
    for (const typed of lines)
      it(`is carried out as it stands after ${typed.join(', then ')}`, async () => {
        using folder = new ManifestsFolder()
        folder.write('all.yaml', yaml.replace(/^---\n/, ''))
        const printed: string[] = []
        for (const line of typed) {
          const { stdout, stderr } = await folder.run(line)
          printed.push(...commandsIn(stdout), ...commandsIn(stderr))
        }
        const before = folder.texts()
        for (const command of new Set(printed)) {
          for (const [file, text] of Object.entries(before)) folder.write(file, text)
          const words = splitWords(command)
          assert.ok(words.includes('-f'), `on other objects than the files: ${command}`)
          const { code, stderr } = await runCommand(words, { store: openStore })
          assert.equal(code, 0, `${command}: ${stderr}`)
        }
      })
  })
