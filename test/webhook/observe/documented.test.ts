/** What docs/webhook.md says about the log and the metrics. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pino, type Logger } from 'pino'
import type { Counter } from 'prom-client'
import { guardedRules } from '../../../shared/rules/catalogue.ts'
import type { Judge } from '../../../shared/rules/introduced.ts'
import { LiveView } from '../../../shared/view/snapshot.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import { Audit } from '../../../webhook/observe/audit.ts'
import { createMetrics } from '../../../webhook/observe/metrics.ts'
import { answerReview, type Reviewer } from '../../../webhook/admission/answer-review.ts'
import { recordReview } from '../../../webhook/observe/record-review.ts'
import { plantedJudge } from '../planted-rules.ts'
import { destinationRule, namespaceObject, reviewOf, service, virtualService } from '../requests.ts'
import { pathsIn, replaced } from '../admission/malformed.ts'
import { reviewerOf } from '../admission/reviewers.ts'

const docs = await readFile(join(import.meta.dirname, '../../../docs/webhook.md'), 'utf8')
const quotedIn = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, quoted]) => quoted!)
const prefix = 'canary_guard_'

/** The rows of the table of metrics: names, and labels without their values. */
const rows = docs
  .split('| metric (')[1]!
  .split('\n\n')[0]!
  .split('\n')
  .slice(2)
  .map(row => row.split('|'))
  .map(([, names = '', labels = '']) => ({
    names: quotedIn(names),
    labels: quotedIn(labels.replace(/\(.*?\)|:.*/g, '')),
  }))

function logged(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = []
  return {
    lines,
    log: pino({ base: null, timestamp: false, level: 'trace' }, { write: text => void lines.push(text) }),
  }
}

/** The lines that reviews of these bodies leave. */
async function linesOf(
  bodies: readonly unknown[],
  fields: Parameters<typeof reviewerOf>[0] = {},
): Promise<readonly string[]> {
  const { log, lines } = logged()
  const metrics = createMetrics()
  const reviewer: Reviewer = reviewerOf({
    onReviewed: decided => recordReview(decided, { log, metrics }),
    ...fields,
  })
  for (const body of bodies) await answerReview(Buffer.from(JSON.stringify(body)), 1000, reviewer)
  return lines
}

describe('the metrics of points in time', () => {
  it('say that they are Unix times', async () => {
    const text = await createMetrics().registry.metrics()
    const helps = text.split('\n').filter(line => /^# HELP \S+_timestamp_seconds /.test(line))
    assert.ok(helps.length >= 3)
    for (const help of helps) assert.match(help, /as Unix time\.$/)
  })
})

describe('the manual', () => {
  it('names every metric and no other', () => {
    const named = rows.flatMap(({ names }) => names.map(name => prefix + name))
    const made = createMetrics()
      .registry.getMetricsAsArray()
      .map(({ name }) => name)
      .filter(name => name.startsWith(prefix))
    assert.deepEqual(named.toSorted(), made.toSorted())
  })
  it('names the labels of every metric', () => {
    const { registry } = createMetrics()
    for (const { names, labels } of rows) {
      const made = names.flatMap(
        name =>
          (registry.getSingleMetric(prefix + name) as Counter & { readonly labelNames: readonly string[] })
            .labelNames,
      )
      assert.deepEqual([...new Set(made)].toSorted(), labels.toSorted(), names.join())
    }
  })
  it('names every reason of an error, each of which is counted from 0 on', async () => {
    const [, named = ''] = /`errors_total` \| `reason`:(.*?)\|/.exec(docs)!
    const { values } = await createMetrics().errors.get()
    assert.deepEqual(
      values.map(({ labels: { reason }, value }) => `${reason} ${value}`).toSorted(),
      quotedIn(named)
        .map(reason => `${reason} 0`)
        .toSorted(),
    )
  })
  it('names every field of the log line of a review and no other', async () => {
    const [, promised = ''] = /The log has one line per review([^]*?)\n\n/.exec(docs)!
    const named = quotedIn(promised.replace(/\(.*?\)/gs, ''))
    const exempt = { annotations: { 'kubectl-canary/exempt': 'weights-sum-to-100: load test' } }
    const lines = await linesOf([
      reviewOf({ after: virtualService({ v1: 100 }) }),
      reviewOf({ after: virtualService({ v1: 90, v2: 20 }, exempt) }),
      reviewOf({ after: virtualService({ v1: 100 }), fields: { operation: 'EXPLODE' } }),
      reviewOf({
        before: virtualService({ v1: 100 }),
        fields: { userInfo: { username: 'system:serviceaccount:kube-system:namespace-controller' } },
      }),
    ])
    const fields = new Set(lines.flatMap(line => Object.keys(JSON.parse(line) as object)))
    for (const always of ['level', 'msg']) fields.delete(always)
    assert.deepEqual([...fields].toSorted(), named.toSorted())
  })
})

const secret = 'hunter2'
const spiced = reviewOf({
  before: virtualService({ v1: 100 }, { annotations: { token: secret } }),
  after: {
    ...virtualService({ v1: 90, v2: 20 }, { annotations: { token: secret }, labels: { token: secret } }),
    data: { token: secret },
  } as never,
})
const linesWithSecret = (lines: readonly string[]): readonly string[] =>
  lines.filter(line => line.includes(secret))

/** Whether the secret is said in who asked and for what, which the line is about. */
const isAboutSecret = (body: unknown): boolean =>
  /"(uid|name|namespace|username|operation|resource|kind|version|group)":[^,]*hunter2/.test(
    JSON.stringify(body),
  )

/** A rule that fails on every object. */
const failing: Judge = {
  ...plantedJudge,
  rules: [
    {
      ...plantedJudge.rules[0]!,
      check: (_view: unknown, subject: object) => {
        throw new TypeError(`cannot read ${Object.keys(subject).join()}`)
      },
    },
  ],
}

describe('the log at level trace', () => {
  it('contains nothing of an object, however a review is malformed', async () => {
    const bodies = pathsIn(spiced)
      .filter(path => path.length <= 4)
      .flatMap(path =>
        [null, [secret], { [secret]: secret }, undefined].map(by => replaced(spiced, path, by)),
      )
      .filter(body => body !== undefined && !isAboutSecret(body))
    const lines = await linesOf(bodies)
    assert.ok(lines.length > 50)
    assert.deepEqual(linesWithSecret(lines), [])
  })
  it('contains nothing of an object when a rule fails on it, or when a read fails', async () => {
    const judge: Judge = { ...plantedJudge, rules: guardedRules }
    const lines = [
      ...(await linesOf([spiced], { judge: failing })),
      ...(await linesOf([spiced], { judge })),
      ...(await linesOf([spiced], { readApi: () => Promise.reject(new Error('the answer is not JSON')) })),
    ]
    assert.equal(lines.length, 3)
    assert.deepEqual(linesWithSecret(lines), [])
  })
  it('contains only the findings of the audit', async () => {
    const view = new LiveView()
    const { log, lines } = logged()
    for (const object of [
      namespaceObject(),
      service(),
      destinationRule(['v1', 'v2']),
      virtualService({ v1: 90, v2: 20 }, { annotations: { token: secret } }),
    ])
      view.put(object)
    await new Audit({
      exemptions: () => defaultConfig.exemptions,
      view,
      judge: () => plantedJudge,
      log,
      metrics: createMetrics(),
    }).run(new AbortController().signal)
    assert.ok(lines.some(line => line.includes('weights-sum-to-100')))
    assert.deepEqual(linesWithSecret(lines), [])
  })
})
