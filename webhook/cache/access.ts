import { resourcePath } from '../../shared/live/api-path.ts'
import { parseJson } from '../../shared/live/watch/stream/parse-json.ts'
import { resources } from '../../shared/objects/kinds.ts'
import type { KindIn } from '../../shared/rules/rule.ts'

/** A user as the API server authenticated one. */
export interface Requesting {
  readonly user: string
  readonly groups: readonly string[]
  readonly userUid: string
  readonly userExtra: Readonly<Record<string, readonly string[]>>
}

/** Whether a user may get the objects of a kind in a namespace. Never rejects; what is not known in time is a no. */
export type MayRead = (who: Requesting, objects: KindIn, signal: AbortSignal) => Promise<boolean>

/** Sends one request to the API server and reads the whole response. */
export type Post = (request: {
  readonly method: 'POST'
  readonly path: string
  readonly body: string
  readonly signal: AbortSignal
}) => Promise<{ readonly status: number; readonly text: string }>

/** How long an answer counts: who loses a right is told no more names after it. */
const ttlMs = 20_000
const mostAnswers = 2_000

const path = resourcePath(
  { group: 'authorization.k8s.io', version: 'v1', plural: 'subjectaccessreviews', namespaced: false },
  {},
)

interface Answer {
  readonly until: number
  readonly isAllowed: boolean
}

/** Asks the API server by SubjectAccessReviews, and remembers each answer for some seconds. */
export function accessBy(post: Post, now: () => number = Date.now): MayRead {
  const answers = new Map<string, Answer>()
  return async (who, objects, signal) => {
    const key = JSON.stringify([
      who.user,
      who.userUid,
      who.groups,
      who.userExtra,
      objects.kind,
      objects.namespace,
    ])
    const known = answers.get(key)
    if (known !== undefined && known.until > now()) return known.isAllowed
    const isAllowed = await asked(post, bodyOf(who, objects), signal)
    if (isAllowed === undefined) return false
    if (answers.size >= mostAnswers) answers.clear()
    answers.set(key, { isAllowed, until: now() + ttlMs })
    return isAllowed
  }
}

function bodyOf({ user, groups, userUid, userExtra }: Requesting, { kind, namespace }: KindIn): string {
  const { group, plural } = resources[kind]
  // An authorizer takes a Namespace to be in itself; without a name, all of them.
  const name = kind === 'Namespace' ? { name: namespace } : {}
  return JSON.stringify({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user,
      groups,
      uid: userUid,
      extra: userExtra,
      resourceAttributes: { verb: 'get', group, resource: plural, namespace, ...name },
    },
  })
}

/** The answer; undefined where there is none. */
async function asked(post: Post, body: string, signal: AbortSignal): Promise<boolean | undefined> {
  try {
    signal.throwIfAborted()
    const { status, text } = await post({ method: 'POST', path, body, signal })
    if (status >= 300) return undefined
    const { status: answer } = parseJson(text) as { readonly status?: { readonly allowed?: unknown } }
    return answer?.allowed === true
  } catch {
    return undefined
  }
}
