/** What a proxy answered, held against what we say of the request. */
import assert from 'node:assert/strict'
import type { Decision } from '../../../shared/routing/request/decision.ts'
import { statusOfFailure } from '../../../shared/routing/request/decision.ts'
import type { Request, RequestCaller } from '../../../shared/routing/request/request.ts'
import { asMatched } from '../../../shared/routing/request/normalize-path.ts'
import type { RawRequest, RawResponse } from '../connection.ts'

/** A request as the evaluator takes it. */
export function requestOf({ method, target, headers }: RawRequest, caller: RequestCaller): Request {
  const [path = '', query] = target.split('?')
  const named = Object.fromEntries(headers)
  return {
    caller,
    host: named['host']!,
    port: 80,
    method,
    path,
    headers: named,
    ...(query !== undefined && { query }),
  }
}

/** Who answers at a destination: `shop/catalog`. */
export function serviceAt(host: string): string {
  const [name, namespace] = host.split('.')
  return `${namespace}/${name}`
}

/** Throws where the answer is none of those that the decision leaves open. */
export function assertDecided(decision: Decision, request: Request, response: RawResponse): void {
  const { kind, status } = decision
  const why = JSON.stringify({ request, decision, response }, undefined, 1)
  if (kind === 'none') assert.equal(response.status, 404, why)
  else if (kind === 'direct') assert.equal(response.status, status, why)
  else if (kind === 'redirect')
    assert.deepEqual(
      [response.status, response.headers['location']],
      [decision.redirect!.code, locationOf(decision, request)],
      why,
    )
  else assertForwarded(decision, { request, response, why })
}

const sentPath = (request: Request, path = asMatched(request).path): string =>
  `${path}${request.query === undefined ? '' : `?${request.query}`}`

function locationOf({ redirect }: Decision, request: Request): string {
  const { scheme = 'http', host = request.host, port, path } = redirect!
  return `${scheme}://${host}${port === undefined ? '' : `:${port}`}${sentPath(request, path)}`
}

interface Forwarded {
  readonly request: Request
  readonly response: RawResponse
  readonly why: string
}

function assertForwarded({ destinations, rewrite }: Decision, { request, response, why }: Forwarded): void {
  const answers = destinations.map(({ host, failure }) =>
    failure === undefined ? serviceAt(host) : String(statusOfFailure(failure)),
  )
  const isAnswered = response.status === 200
  assert.ok(answers.includes(isAnswered ? response.headers['x-answered-by']! : String(response.status)), why)
  if (!isAnswered) return
  assert.equal(response.headers['x-sent-path'], sentPath(request, rewrite?.path), why)
  assert.equal(response.headers['x-sent-authority'], rewrite?.authority ?? request.host, why)
}

/** Of n draws with this chance, a count outside of five standard deviations comes once in two million runs. */
export function assertPart(
  count: number,
  { of: n, percent }: { readonly of: number; readonly percent: number },
): void {
  const p = percent / 100
  const bound = 5 * Math.sqrt(n * p * (1 - p))
  assert.ok(Math.abs(count - n * p) <= bound, `${count} of ${n} is not ${percent} % (± ${Math.round(bound)})`)
}
