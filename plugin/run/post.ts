import { setTimeout as sleep } from 'node:timers/promises'
import { isWebAddress, variablesIn, withVariables } from '../../shared/objects/text/kept-url.ts'
import { presentOf, type RolloutStatus } from '../../shared/rollout/rollout-state.ts'
import type { HookMoment, RolloutHook } from '../../shared/rollout/rollout-plan.ts'
import type { RolloutRecord } from '../../shared/rollout/rollout-record.ts'

/** A URL as a plan has it, with variables, and what they are in this process. */
export interface PostTarget {
  readonly url: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** What came of a POST. */
export interface Posted {
  readonly ok: boolean
  /** `503 Service Unavailable`, or why there was no answer. */
  readonly said: string
}

/** A receiver that is slow must not stop a rollout. */
const timeout = 10_000
const tries = 2
const waitBeforeRetry = 1000

/** Posts JSON to a URL of a plan, as `post` does; not ok where a variable of it is not set. */
export async function postTo({ url, env }: PostTarget, body: string, signal: AbortSignal): Promise<Posted> {
  const missing = unsetIn(url, env)
  if (missing !== undefined) return { ok: false, said: `the environment variable ${missing} is not set` }
  const address = withVariables(url, name => env[name]!)
  return isWebAddress(address) ? post(address, body, signal) : { ok: false, said: 'it is not a URL' }
}

/** The first variable of a URL that is not set. */
export const unsetIn = (url: string, env: PostTarget['env']): string | undefined =>
  variablesIn(url).find(name => (env[name] ?? '') === '')

/**
 * Posts JSON; anything but an answer of 2xx is not ok. Where nobody answers it is tried once more. A redirection is not
 * followed: a page to log in would answer 200. A name and a password in the URL are sent as basic authentication.
 */
export async function post(url: string, body: string, signal: AbortSignal): Promise<Posted> {
  const { address, authorization } = addressOf(url)
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await fetch(address, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/json', ...authorization },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      })
      await answer.body?.cancel()
      return { ok: answer.ok, said: `${answer.status} ${answer.statusText}`.trim() }
    } catch (error) {
      signal.throwIfAborted()
      if (attempt === tries) return { ok: false, said: reasonOf(error) }
      await sleep(waitBeforeRetry, undefined, { signal })
    }
  }
}

/** `fetch` takes no URL with a password, and repeats it in its message. */
function addressOf(text: string): {
  readonly address: URL
  readonly authorization?: { authorization: string }
} {
  const address = new URL(text)
  const { username, password } = address
  address.username = ''
  address.password = ''
  if (username === '' && password === '') return { address }
  const pair = [username, password].map(decoded).join(':')
  return { address, authorization: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** What Node says of a failed request is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${timeout / 1000} s`
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  return cause.message || String(Reflect.get(cause, 'code'))
}

/** The URL without what may be a secret in it: a password, the query, and long keys in the path, as chat tools have them. */
export function shownUrl(text: string): string {
  // A URL that is a variable alone.
  if (!URL.canParse(text)) return text
  const { protocol, host, pathname } = new URL(text)
  const path = pathname.replaceAll(/[^/]{20,}/g, part => (/\d/.test(part) ? '…' : part))
  return `${protocol}//${host}${path === '/' ? '' : path.replaceAll('%7B', '{').replaceAll('%7D', '}')}`
}

/** A command as it is shown and kept: the passwords in its URLs are left out. */
export const withoutPasswords = (command: string): string =>
  command.replaceAll(/(https?:\/\/)[^/@\s'"]+@/g, '$1')

/** The phase of a Flagger canary that a run corresponds to (docs.flagger.app/usage/webhooks). */
function phaseOf({ state: { status, progress } }: RolloutRecord): string {
  if (status === 'running' && progress.length === 1 && progress[0]?.since === undefined) return 'Initialized'
  return phases[status] ?? 'Failed'
}

const phases: Readonly<Partial<Record<RolloutStatus, string>>> = {
  running: 'Progressing',
  confirming: 'WaitingPromotion',
  promoting: 'Promoting',
  promoted: 'Succeeded',
}

/** What a template may name: of a hook, with a moment of the run, and of a Job, without. */
export const templateFieldsOf = (
  record: RolloutRecord,
  news?: { readonly moment: string; readonly message: string; readonly now: Date },
): Readonly<Record<string, string>> => ({
  service: record.service,
  namespace: record.namespace,
  version: record.version,
  stable: record.stable,
  status: record.state.status,
  phase: phaseOf(record),
  step: String(record.state.stage + 1),
  steps: String(record.plan.stages.length),
  percent: String(record.plan.stages[record.state.stage]?.percent ?? 100),
  failures: String(record.state.failures),
  run: record.id,
  by: record.by ?? '',
  ...(news !== undefined && { moment: news.moment, message: news.message, time: news.now.toISOString() }),
})

/** A template with its fields filled in, so that each can stand between the quotes of a JSON string. */
export const filled = (template: string, fields: Readonly<Record<string, string>>): string =>
  template.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) =>
    Object.hasOwn(fields, name) ? JSON.stringify(fields[name]).slice(1, -1) : whole,
  )

/** Whether nothing went wrong with a run, and nobody ended it in another way than it was meant to end. */
export const isGood = (status: RolloutStatus): boolean =>
  !['failed', 'no-data', 'timed-out', 'aborted', 'stopped', 'rolling-back'].includes(status)

/** The body for a hook: its template, else what Flagger's event webhooks get. */
export function hookBody(
  { template }: RolloutHook,
  record: RolloutRecord,
  news: { readonly moment: HookMoment; readonly message: string; readonly now: Date },
): string {
  if (template !== undefined) return filled(template, templateFieldsOf(record, news))
  return JSON.stringify({
    name: record.service,
    namespace: record.namespace,
    phase: phaseOf(record),
    metadata: {
      eventMessage: news.message,
      eventType: isGood(record.state.status) ? 'Normal' : 'Warning',
      timestamp: String(news.now.getTime()),
      version: record.version,
      step: `${record.state.stage + 1}/${record.plan.stages.length}`,
      since: presentOf(record.state).since ?? '',
    },
  })
}

/** The body for a gate and for a webhook that judges: what Flagger's webhooks get. */
export const gateBody = (record: RolloutRecord): string =>
  JSON.stringify({
    name: record.service,
    namespace: record.namespace,
    phase: phaseOf(record),
    checksum: record.id,
    metadata: {
      version: record.version,
      stable: record.stable,
      step: String(record.state.stage + 1),
      steps: String(record.plan.stages.length),
      percent: String(record.plan.stages[record.state.stage]?.percent ?? 100),
    },
  })
