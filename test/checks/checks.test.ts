import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import test, { suite } from 'node:test'
import { houseRuleBreaches, sourcesIn } from './house-rules.ts'
import { plant } from './planted.ts'
import { repeatedTypeNames } from './type-names.ts'

/** For each rule about imports, files that break it. */
const imports: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'no-circular': {
    'shared/plan/a.ts': "import { b } from './b.ts'\nexport const a = (): number => b()\n",
    'shared/plan/b.ts': "import { a } from './a.ts'\nexport const b = (): number => a()\n",
  },
  'no-orphans': { 'plugin/orphan.ts': 'export const orphan = 1\n' },
  'not-to-unresolvable': {
    'plugin/lost.ts': "import { x } from './nowhere.ts'\nexport const lost: number = x\n",
  },
  'the-core-is-pure': {
    'shared/rules/impure.ts': "import { readFileSync } from 'node:fs'\nexport const impure = readFileSync\n",
  },
  'objects-stand-alone': {
    'shared/objects/o.ts': "import { v } from '../view/v.ts'\nexport const o = v\n",
    'shared/view/v.ts': 'export const v = 1\n',
  },
  'view-knows-objects': {
    'shared/view/w.ts': "import { r } from '../rules/r.ts'\nexport const w = r\n",
    'shared/rules/r.ts': 'export const r = 1\n',
  },
  'routing-knows-objects-and-view': {
    'shared/routing/t.ts': "import { r } from '../rules/r.ts'\nexport const t = r\n",
  },
  'rules-know-objects-and-view': {
    'shared/rules/s.ts': "import { p } from '../plan/p.ts'\nexport const s = p\n",
    'shared/plan/p.ts': 'export const p = 1\n',
  },
  'plan-knows-no-routing-api': {
    'shared/plan/q.ts': "import { z } from '../providers/istio/z.ts'\nexport const q = z\n",
    'shared/providers/istio/z.ts': 'export const z = 1\n',
  },
  'a-provider-stands-alone': {
    'shared/providers/istio/read/p.ts': "import { s } from '../../../rules/z.ts'\nexport const p = s\n",
    'shared/rules/z.ts': 'export const s = 1\n',
  },
  'a-controller-stands-alone': {
    'shared/controllers/flagger/c.ts': "import { s } from '../argo-rollouts/s.ts'\nexport const c = s\n",
    'shared/controllers/argo-rollouts/s.ts': 'export const s = 1\n',
  },
  'workloads-know-no-routing-api': {
    'shared/workloads/w.ts': "import { y } from '../providers/istio/y.ts'\nexport const w = y\n",
    'shared/providers/istio/y.ts': 'export const y = 1\n',
  },
  'resolve-comes-first': {
    'shared/providers/istio/resolve/e.ts': "import { f } from '../edit/f.ts'\nexport const e = f\n",
    'shared/providers/istio/edit/f.ts': 'export const f = 1\n',
  },
  'live-knows-objects-and-view': {
    'shared/live/m.ts': "import { p } from '../plan/p.ts'\nexport const m = p\n",
  },
  'files-stand-alone': {
    'shared/files/f.ts': "import { p } from '../plan/p.ts'\nexport const f = p\n",
  },
  'manifests-know-objects-and-view': {
    'shared/manifests/n.ts': "import { p } from '../plan/p.ts'\nexport const n = p\n",
  },
  'statistics-know-numbers': {
    'shared/statistics/s.ts': "import { r } from '../rules/r.ts'\nexport const s = r\n",
  },
  'a-trial-knows-no-routing-api': {
    'shared/trial/t.ts': "import { p } from '../providers/p.ts'\nexport const t = p\n",
  },
  'metrics-know-the-reading': {
    'shared/metrics/k.ts': "import { p } from '../providers/p.ts'\nexport const k = p\n",
    'shared/providers/p.ts': 'export const p = 1\n',
  },
  'metrics-are-self-contained': {
    'shared/metrics/j.ts': "import { readFileSync } from 'node:fs'\nexport const j = readFileSync\n",
  },
  'nothing-needs-the-site': {
    'test/plan/sees.ts': "import { page } from '../../site/pages/page.ts'\nexport const sees = page\n",
    'site/pages/page.ts': 'export const page = 1\n',
  },
  'views-know-no-store': {
    'shared/view/view.ts': "import { port } from './store.ts'\nexport const view = port\n",
    'shared/view/store.ts': 'export const port = 1\n',
  },
  'rules-neither-edit-nor-route': {
    'shared/rules/topic/edits.ts':
      "import { f } from '../../providers/istio/edit/f.ts'\nexport const edits = f\n",
  },
  'a-rule-stands-alone': {
    'shared/rules/topic/one.ts': "import { other } from './other.ts'\nexport const one = other\n",
    'shared/rules/topic/other.ts': 'export const other = 1\n',
  },
  'readiness-asks-rules-and-the-reading': {
    'shared/readiness/judge.ts': "import { p } from '../plan/judged.ts'\nexport const judge = p\n",
    'shared/plan/judged.ts': 'export const p = 1\n',
  },
  'a-check-stands-alone': {
    'shared/readiness/routes/one.ts': "import { other } from './other.ts'\nexport const one = other\n",
    'shared/readiness/routes/other.ts': 'export const other = 1\n',
  },
  'facts-know-no-rule': {
    'shared/rules/facts/fact.ts': "import { other } from '../topic/other.ts'\nexport const fact = other\n",
  },
  'istio-validation-is-one-rule': {
    'shared/rules/engine.ts': "import { part } from './istio/part.ts'\nexport const engine = part\n",
    'shared/rules/istio/part.ts': 'export const part = 1\n',
  },
  'a-connection-knows-no-object': {
    'shared/live/connection/a.ts': "import { list } from '../read/list.ts'\nexport const a = list\n",
    'shared/live/read/list.ts': 'export const list = 1\n',
  },
  'login-comes-first': {
    'shared/live/connection/login/b.ts': "import { send } from '../send.ts'\nexport const b = send\n",
    'shared/live/connection/send.ts': 'export const send = 1\n',
  },
  'a-correction-stands-alone': {
    'shared/live/corrections/g.ts': "import { send } from '../connection/send.ts'\nexport const g = send\n",
  },
  'a-transport-knows-no-credentials': {
    'shared/live/transport/h.ts': "import { send } from '../connection/send.ts'\nexport const h = send\n",
  },
  'read-write-and-watch-are-apart': {
    'shared/live/write/c.ts': "import { list } from '../read/list.ts'\nexport const c = list\n",
  },
  'a-stream-knows-no-view': {
    'shared/live/watch/stream/d.ts': "import { kept } from '../kept.ts'\nexport const d = kept\n",
    'shared/live/watch/kept.ts': 'export const kept = 1\n',
  },
  'analysis-knows-figures-and-numbers': {
    'shared/analysis/i.ts': "import { p } from '../plan/p.ts'\nexport const i = p\n",
  },
  'analysis-is-self-contained': {
    'shared/analysis/j.ts': "import { hostname } from 'node:os'\nexport const j = hostname\n",
  },
  'yaml-knows-no-manifest': {
    'shared/manifests/yaml/e.ts': "import { found } from '../files/found.ts'\nexport const e = found\n",
    'shared/manifests/files/found.ts': 'export const found = 1\n',
  },
  'an-edit-knows-yaml-only': {
    'shared/manifests/edit/f.ts': "import { found } from '../files/found.ts'\nexport const f = found\n",
  },
  'files-know-no-manifest': {
    'shared/manifests/files/g.ts': "import { n } from '../store.ts'\nexport const g = n\n",
    'shared/manifests/store.ts': 'export const n = 1\n',
  },
  'plugin-and-webhook-are-apart': {
    'plugin/g.ts': "import { h } from '../webhook/h.ts'\nexport const g = h\n",
    'webhook/h.ts': 'export const h = 1\n',
  },
  'webhook-reviews-only': { 'webhook/i.ts': "import { p } from '../shared/plan/p.ts'\nexport const i = p\n" },
  'webhook-serve': {
    'webhook/serve/a.ts': "import { r } from '../review/r.ts'\nexport const a = r\n",
    'webhook/review/r.ts': 'export const r = 1\n',
  },
  'webhook-admission': {
    'webhook/admission/b.ts': "import { o } from '../observe/o.ts'\nexport const b = o\n",
    'webhook/observe/o.ts': 'export const o = 1\n',
  },
  'webhook-review': {
    'webhook/review/c.ts': "import { k } from '../cache/k.ts'\nexport const c = k\n",
    'webhook/cache/k.ts': 'export const k = 1\n',
  },
  'webhook-review-is-pure': {
    'webhook/review/d.ts': "import { hostname } from 'node:os'\nexport const d = hostname\n",
  },
  'webhook-cache': {
    'webhook/cache/e.ts': "import { g } from '../config/g.ts'\nexport const e = g\n",
    'webhook/config/g.ts': 'export const g = 1\n',
  },
  'webhook-certificate': {
    'webhook/certificate/f.ts': "import { n } from '../run/n.ts'\nexport const f = n\n",
    'webhook/run/n.ts': 'export const n = 1\n',
  },
  'webhook-config': {
    'webhook/config/q.ts': "import { n } from '../run/n.ts'\nexport const q = n\n",
  },
  'webhook-observe': {
    'webhook/observe/p.ts': "import { s } from '../serve/s.ts'\nexport const p = s\n",
    'webhook/serve/s.ts': 'export const s = 1\n',
  },
  'webhook-http': {
    'webhook/run/t.ts': "import fastify from 'fastify'\nexport const t = fastify\n",
  },
  'print-knows-values-only': {
    'plugin/print/j.ts': "import { k } from '../commands/k.ts'\nexport const j = k\n",
    'plugin/commands/k.ts': 'export const k = 1\n',
  },
  'edits-know-no-terminal': {
    'plugin/edit/a.ts': "import { b } from '../print/b.ts'\nexport const a = b\n",
    'plugin/print/b.ts': 'export const b = 1\n',
  },
  'reading-knows-no-edit': {
    'plugin/read/c.ts': "import type { D } from '../edit/d.ts'\nexport const c: D = 1\n",
    'plugin/edit/d.ts': 'export type D = number\n',
  },
  'words-stand-alone': {
    'plugin/words/e.ts': "import { f } from '../flags/f.ts'\nexport const e = f\n",
    'plugin/flags/f.ts': 'export const f = 1\n',
  },
  'flags-know-words-only': {
    'plugin/flags/g.ts': "import { h } from '../read/h.ts'\nexport const g = h\n",
    'plugin/read/h.ts': 'export const h = 1\n',
  },
  'commands-know-no-program': {
    'plugin/commands/l.ts': "import { m } from '../cli.ts'\nexport const l = m\n",
    'plugin/cli.ts': 'export const m = 1\n',
  },
  'only-main-names-process': {
    'plugin/commands/n.ts': "import { argv } from 'node:process'\nexport const n = argv\n",
  },
  'runs-know-no-terminal': {
    'plugin/run/r.ts': "import { s } from '../print/s.ts'\nexport const r = s\n",
    'plugin/print/s.ts': 'export const s = 1\n',
  },
  'runs-are-lazy': {
    'plugin/commands/t.ts': "import { w } from '../run/w.ts'\nexport const t = w\n",
    'plugin/run/w.ts': 'export const w = 1\n',
  },
  'rollouts-know-no-store': {
    'shared/rollout/x.ts': "import { y } from '../live/y.ts'\nexport const x = y\n",
    'shared/live/y.ts': 'export const y = 1\n',
  },
  'edits-are-lazy': {
    'plugin/commands/o.ts': "import { q } from './run-edit.ts'\nexport const o = q\n",
    'plugin/commands/run-edit.ts': 'export const q = 1\n',
  },
  'production-imports-no-test': {
    'shared/live/u.ts': "import { f } from '../../test/f.ts'\nexport const u = f\n",
    'test/f.ts': 'export const f = 1\n',
  },
  'no-development-packages': { 'plugin/d.ts': "import { build } from 'esbuild'\nexport const d = build\n" },
  'live-packages': { 'shared/live/x.ts': "import fastify from 'fastify'\nexport const x = fastify\n" },
  'manifests-packages': {
    'shared/manifests/x.ts': "import fastify from 'fastify'\nexport const x = fastify\n",
  },
  'plugin-packages': { 'plugin/x.ts': "import fastify from 'fastify'\nexport const x = fastify\n" },
  'webhook-packages': { 'webhook/x.ts': "import { Command } from 'commander'\nexport const x = Command\n" },
  'heavy-packages-are-lazy': { 'plugin/y.ts': "import { RE2JS } from 're2js'\nexport const y = RE2JS\n" },
}

/** Imports that keep all rules. */
const allowed: Readonly<Record<string, string>> = {
  'shared/objects/o.ts': 'export const o = 1\n',
  'shared/view/v.ts': "import { o } from '../objects/o.ts'\nexport const v = o\n",
  'plugin/p.ts': "import { v } from '../shared/view/v.ts'\nexport const p = v\n",
  'shared/rules/rule.ts': 'export const rule = 1\n',
  'shared/rules/facts/fact.ts': "import { rule } from '../rule.ts'\nexport const fact = rule\n",
  'shared/rules/topic/one.ts': "import { fact } from '../facts/fact.ts'\nexport const one = fact\n",
  'shared/rules/catalogue.ts':
    "export { one } from './topic/one.ts'\nexport { part } from './istio/part.ts'\n",
  'shared/rules/istio/part.ts': 'export const part = 1\n',
  'shared/live/connection/a.ts': 'export const a = 1\n',
  'shared/live/read/list.ts': "import { a } from '../connection/a.ts'\nexport const list = a\n",
  'shared/live/read/all.ts': "import { list } from './list.ts'\nexport const all = list\n",
  'shared/manifests/yaml/e.ts': 'export const e = 1\n',
  'shared/manifests/edit/f.ts': "import { e } from '../yaml/e.ts'\nexport const f = e\n",
}

/** For each rule about code, a file that breaks it. */
const code: Readonly<Record<string, string>> = {
  'no-floating-promises':
    "import { setTimeout } from 'node:timers/promises'\nexport function hurry(): void {\n  setTimeout(1)\n}\n",
  'no-misused-promises':
    'export const later = (list: readonly number[]): readonly number[] => list.filter(async item => item > 1)\n',
  'max-lines': 'export const lines = [\n' + '  1,\n'.repeat(250) + ']\n',
  'max-lines-per-function':
    'export function long(): number {\n' + '  Math.random()\n'.repeat(50) + '  return 1\n}\n',
  complexity:
    'export function tangled(n: number): number {\n'
    + Array.from({ length: 12 }, (_, i) => `  if (n === ${i}) return ${i * i}\n`).join('')
    + '  return n\n}\n',
  'max-params': 'export const many = (a: number, b: number, c: number, d: number): number => a + b + c + d\n',
  'consistent-type-imports': "import { Agent } from 'node:http'\nexport const agents: Agent[] = []\n",
  'no-explicit-any': 'export const anything: any = 1\n',
  'no-default-export': 'export default 1\n',
  'no-restricted-globals': 'export const where = process.cwd()\n',
}

void suite('the rules about imports', { concurrency: true }, () => {
  test('every rule about imports finds its planted violation', async () => {
    await using planted = await plant(Object.assign({}, ...Object.values(imports)) as Record<string, string>)
    const { code: exit, output } = await planted.run(
      'depcruise',
      'plugin',
      'webhook',
      'shared',
      'test',
      '--output-type',
      'err',
    )
    const found = new Set([...output.matchAll(/error ([\w-]+): /g)].map(([, rule]) => rule))
    assert.deepEqual(
      Object.keys(imports).filter(rule => !found.has(rule)),
      [],
    )
    assert.notEqual(exit, 0)
  })

  test('every rule about imports has a planted violation, and a sentence that says why', () => {
    const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
      readonly forbidden: readonly {
        readonly name: string
        readonly comment: string
        readonly severity: string
      }[]
    }
    assert.deepEqual(forbidden.map(({ name }) => name).sort(), Object.keys(imports).sort())
    assert.deepEqual(
      forbidden.filter(({ comment, severity }) => comment.length < 30 || severity !== 'error'),
      [],
    )
  })

  test('imports that keep the rules pass', async () => {
    await using planted = await plant(allowed)
    const { code: exit, output } = await planted.run('depcruise', 'plugin', 'shared')
    assert.equal(exit, 0, output)
  })
})

void suite('the rules about code', { concurrency: true }, () => {
  test('every rule about code finds its planted violation', async () => {
    await using planted = await plant(
      Object.fromEntries(Object.entries(code).map(([rule, text]) => [`plugin/${rule}.ts`, text])),
    )
    const { code: exit, output } = await planted.run('oxlint', '--type-aware', '--format', 'unix', 'plugin')
    assert.deepEqual(
      Object.keys(code).filter(rule => !new RegExp(`${rule}\\.ts:.*\\(${rule}\\)`).test(output)),
      [],
      output,
    )
    assert.notEqual(exit, 0)
  })

  test('the type checker finds a planted fault', async () => {
    await using planted = await plant({
      'plugin/wrong.ts': "import { basename } from 'node:path'\nexport const wrong: number = basename('x')\n",
    })
    const { code: exit, output } = await planted.run('tsc', '-p', '.')
    assert.match(output, /plugin\/wrong\.ts.*TS2322/)
    assert.notEqual(exit, 0)
  })

  test('the formatter finds a planted file that is badly laid out, and only that', async () => {
    const long = `export const long = ${JSON.stringify('x'.repeat(70))}.length + 1`.replaceAll('"', "'")
    await using planted = await plant({
      'plugin/tidy.ts': `${long}\n`,
      'plugin/untidy.ts': 'export const untidy = [ 1,\n2 ]\n',
      'test/charts/semicolon.ts': `${long};\n`,
    })
    const { code: exit, output } = await planted.run('prettier', '--check', '.')
    assert.deepEqual(
      [...output.matchAll(/^\[warn\] (\S+\.ts)$/gm)].map(([, file]) => file),
      ['plugin/untidy.ts', 'test/charts/semicolon.ts'],
      output,
    )
    assert.notEqual(exit, 0)
  })
})

void suite('the house rules', () => {
  test('a folder of fifteen files and a file named for nothing are found', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 15 }, (_, i) => [`shared/rules/rule-${i}.ts`, 'export {}\n']),
    )
    await using planted = await plant({ ...files, 'plugin/utils.ts': 'export {}\n' })
    const breaches = houseRuleBreaches(planted.folder, ['shared', 'plugin'])
    assert.deepEqual(
      breaches.map(breach => breach.split(':')[0]),
      [join('shared', 'rules'), join('plugin', 'utils.ts')],
    )
  })

  test('a type name with two meanings is found, a local one of several files is not', async () => {
    await using planted = await plant({
      'shared/view/answer.ts': 'export interface Answer {}\ninterface Flags {}\n',
      'plugin/answer.ts': 'export type Answer = string\ninterface Flags {}\n',
      'webhook/seen.ts': 'export class Seen {}\n',
      'shared/live/seen.ts': 'interface Seen {}\nexport type { Answer } from "../view/answer.ts"\n',
    })
    const files = sourcesIn(planted.folder, ['shared', 'plugin', 'webhook'])
    assert.deepEqual(repeatedTypeNames(planted.folder, files), [
      'plugin/answer.ts: the type Answer is also declared in shared/view/answer.ts: give each meaning its own name',
      'shared/live/seen.ts: the type Seen is also declared in webhook/seen.ts: give each meaning its own name',
    ])
  })
})
