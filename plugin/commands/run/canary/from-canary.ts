import { analysisOf, type AnalysisWords } from '../../../../shared/controllers/flagger/analysis.ts'
import { readText } from '../../../../shared/files/read-text.ts'
import { CanaryError } from '../../../../shared/objects/canary-error.ts'
import { kindOf, refOf, resources } from '../../../../shared/objects/kinds.ts'
import { keyOf, type KubeObject } from '../../../../shared/objects/kube-object.ts'
import { quotedWords, shellWord } from '../../../../shared/objects/text/kubectl-commands.ts'
import type { Session } from '../../../session.ts'
import { kebab, type RunFlags } from '../run-flags.ts'

/**
 * The flags of a run with the analysis of the Canary that `--from-canary` names in front of those that were typed; what
 * is left out of it is said. Throws a CanaryError where there is no such Canary, or it cannot be read.
 */
export async function withCanary(session: Session, flags: RunFlags): Promise<RunFlags> {
  const { fromCanary, ...typed } = flags
  if (fromCanary === undefined || flags.resume === true) return flags
  if (flags.plan !== undefined)
    throw new CanaryError('usage', '--from-canary cannot be used with --plan', {
      hints: ['Leave one of them out; flags on the command line take precedence over both.'],
    })
  const canary = await readCanary(session, fromCanary)
  const { words, left } = analysisOf(canary)
  session.noteOnce([
    `${keyOf(refOf(canary))} as flags of a run: ${formatWords(words)}`,
    ...left,
    ...(words.metric === undefined
      ? ['It has no metric that is built in: those of a run without --metric count.']
      : []),
  ])
  return { ...withoutTyped(words, typed), ...typed }
}

/** What is typed of steps, or of who is meant, replaces all that the Canary says of it. */
function withoutTyped(words: AnalysisWords, typed: RunFlags): Partial<AnalysisWords> {
  const isTyped = (keys: readonly (keyof RunFlags)[]): boolean => keys.some(key => typed[key] !== undefined)
  const steps = ['step', 'max', 'steps', 'atOnce'] as const
  const who = ['header', 'query', 'sourceLabel'] as const
  const hidden = new Set<string>([
    ...(isTyped(steps) ? steps : []),
    ...(isTyped(['cohort', 'cookie', 'claim', ...who]) ? who : []),
  ])
  return Object.fromEntries(Object.entries(words).filter(([key]) => !hidden.has(key)))
}

/** As they are typed. */
const formatWords = (words: AnalysisWords): string =>
  Object.entries(words)
    .flatMap(([key, value]: readonly [string, string | boolean | readonly string[]]) =>
      value === true
        ? [`--${kebab(key)}`]
        : [value].flat().map(each => quotedWords([`--${kebab(key)}`, String(each)])),
    )
    .join(' ')

/** A file where the word looks like one, else a Canary of the cluster in the namespace of the command. */
const readCanary = (session: Session, word: string): Promise<KubeObject> =>
  /[/.]/.test(word) ? canaryOfFile(word) : canaryOfCluster(session, word)

async function canaryOfFile(file: string): Promise<KubeObject> {
  const text = await readText(file).catch((error: unknown) => {
    throw new CanaryError('unreadable', `${file} cannot be read`, {
      hints: ['--from-canary takes the name of a Canary, or a file with one.'],
      cause: error,
    })
  })
  const { parseAllDocuments } = await import('yaml')
  const documents = [...parseAllDocuments(text)]
  const fault = documents.flatMap(({ errors }) => errors)[0]
  if (fault !== undefined)
    throw new CanaryError('unreadable', `${file}: ${fault.message.split('\n', 1)[0]!.replace(/:$/, '')}`)
  const found = documents
    .map(document => document.toJS() as KubeObject | null)
    .filter(object => object !== null && typeof object === 'object' && kindOf(object) === 'Canary')
    .filter(object => object?.metadata?.name !== undefined)
  const [canary] = found
  if (found.length === 1) return canary!
  throw new CanaryError(
    found.length === 0 ? 'not-found' : 'ambiguous',
    `${file} has ${found.length === 0 ? 'no' : `${found.length}`} ${found.length > 1 ? 'Canaries' : 'Canary'} of Flagger with a name`,
    { hints: ['Name a file with one: kubectl get canary NAME -o yaml > canary.yaml'] },
  )
}

async function canaryOfCluster(session: Session, name: string): Promise<KubeObject> {
  const store = await session.store()
  const namespace = session.flags.namespace ?? store.namespace
  const { group, plural, versions } = resources.Canary
  const path = `/apis/${group}/${versions[0]}/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}`
  const answer = await store.request?.({ path })
  if (answer?.status === 200) return JSON.parse(answer.text) as KubeObject
  const list = `kubectl get canaries -n ${shellWord(namespace)}`
  if (answer?.status === 403)
    throw new CanaryError('forbidden', `no permission to get ${plural}.${group} in namespace ${namespace}`, {
      hints: ['Use a file with the Canary: --from-canary canary.yaml'],
    })
  throw new CanaryError('not-found', `there is no Canary ${name} in namespace ${namespace}`, {
    hints: [`List them: ${list}`],
  })
}
