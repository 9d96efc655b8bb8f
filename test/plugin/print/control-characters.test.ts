import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'
import { runCommand } from '../run-command.ts'

/** Line breaks, a colour of ours, a title of a terminal, and a mark that reverses a line. */
const marks = String.raw`\n\r\e[31mX\e]0;t\a\u202e\u009b31m`

const manifests = `
apiVersion: v1
kind: Service
metadata: {name: shop, namespace: web, labels: {app: "${marks}"}}
spec: {selector: {app: shop}, ports: [{name: http, port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: "shop-v1${marks}", namespace: web, annotations: {argocd.argoproj.io/tracking-id: "a${marks}:x"}}
spec: {selector: {matchLabels: {app: shop}}, template: {metadata: {labels: {app: shop, version: "v1${marks}"}}, spec: {containers: [{name: c, image: "i${marks}"}]}}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: shop, namespace: web}
spec: {host: shop, subsets: [{name: "v1${marks}", labels: {version: "v1${marks}"}}, {name: "v2", labels: {version: v2}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: "shop${marks}", namespace: web, annotations: {kubectl-canary/stable: "v1${marks}", argocd.argoproj.io/tracking-id: "a${marks}:x"}}
spec:
  hosts: [shop, "s${marks}"]
  gateways: [mesh, "g${marks}"]
  http:
  - name: "n${marks}"
    match: [{uri: {prefix: "/a${marks}"}, headers: {"x${marks}": {exact: "${marks}"}}, queryParams: {"q${marks}": {exact: "${marks}"}}, sourceLabels: {"l${marks}": "${marks}"}}]
    route: [{destination: {host: shop, subset: "v1${marks}"}, weight: 90}, {destination: {host: shop, subset: "v9${marks}"}, weight: 10}]
    mirrors: [{destination: {host: shop, subset: v2}, percentage: {value: 10}}]
  - name: "r${marks}"
    match: [{uri: {prefix: /redirected}}]
    redirect: {uri: "/${marks}", authority: "${marks}"}
  - rewrite: {uri: "/${marks}"}
    headers: {response: {set: {"h${marks}": "${marks}"}, remove: ["${marks}"]}}
    route: [{destination: {host: shop, subset: "v1${marks}"}, headers: {request: {set: {"h${marks}": "${marks}"}}}}]
`

const raw = '\u001b[31mX'
const commandLines: readonly (readonly string[])[] = [
  ['status'],
  ['status', '-o', 'wide'],
  ['status', '-o', 'json'],
  ['status', '-o', 'yaml'],
  ['status', '-o', 'svg'],
  ['status', '-o', 'dot'],
  ['status', '-o', 'mermaid'],
  ['status', '-o', 'jsonpath={.services[*].versions[*].name}'],
  ['status', raw],
  ['list'],
  ['cohorts'],
  ['doctor', '--all'],
  ['doctor', '-o', 'markdown'],
  ['doctor', '-o', 'sarif'],
  ['lint'],
  ['lint', '-o', 'github'],
  ['lint', '-o', 'junit'],
  ['try', 'http://shop/redirected'],
  ['try', `http://shop/a${raw.replace(' ', '')}`, '-H', `x: ${raw}`, '-n', '10'],
  ['try', 'http://shop/b', '--expect', `v1${raw}`],
  ['try', 'http://shop/b', '--with', 'weight v2=10 --force', '--diff'],
  ['try', 'http://shop/b', '--from', raw],
  ['weight', 'shop', 'v2=10', '--dry-run=client', '--force'],
  ['weight', 'shop', `${raw}=10`],
  ['cohort', 'qa', 'shop', '--to', 'v2', '--header', `a=${raw}`, '--dry-run=client', '--force'],
  ['promote', 'shop', 'v2', '--dry-run=client', '--force'],
  [raw],
]

describe('what objects and words contain never controls a terminal', () => {
  for (const isTTY of [true, false])
    for (const words of commandLines)
      it(`${JSON.stringify(words.join(' '))} ${isTTY ? 'on a terminal' : 'in a pipe'}`, async () => {
        using folder = new ManifestsFolder()
        folder.write('all.yaml', manifests)
        const { stdout, stderr } =
          words[0] === raw ? await runCommand(words, { isTTY }) : await folder.runWords(words, { isTTY })
        assert.notEqual(stdout + stderr, '')
        for (const text of [stdout, stderr]) {
          // A colour of ours ends before the next one begins, and none of them stands before the X of the objects.
          assert.doesNotMatch(text, /\u001b\[31mX/)
          assert.doesNotMatch(text, isTTY ? /\u001b(?!\[(?:3[1-6]|39|1|2|22)m)/ : /\u001b/)
          assert.doesNotMatch(text, /[\0-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]/)
        }
        const isData = ['json', 'yaml', 'sarif', 'junit', 'jsonpath'].some(format =>
          words.at(-1)?.startsWith(format),
        )
        if (!isData) assert.doesNotMatch(stdout + stderr, /\u202e|^X/m)
      })
})
