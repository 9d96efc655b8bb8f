import { buildProgram } from '../cli.ts'
import { flagShapesOf, normalizeArgv } from '../flags/argv.ts'
import type { Candidate, Candidates } from '../flags/completed.ts'
import { readGlobalFlags, type GlobalFlags } from '../flags/global-flags.ts'
import type { Backend } from '../open-store.ts'
import { Session } from '../session.ts'
import type { Streams } from '../streams.ts'
import { candidatesFor } from './candidates.ts'
import { readKubeconfigNames, readNames, readNamespaces, readRouteNames } from './names.ts'

/** A person waits for the TAB key: what the cluster has not answered by then is left out. */
const patience = '2s'

/** What cobra's `ShellCompDirective` tells the shell, by the bit. */
const noSpace = 2
const noFiles = 4

/**
 * kubectl's protocol for a plugin's completion (`kubectl_complete-canary`): the words so far, the one being
 * typed last; candidates on stdout, one a line with a description after a tab, and a line `:DIRECTIVE` at the
 * end. It prints no errors: the worst case is no candidates.
 */
export async function run(argv: readonly string[], streams: Streams, backend: Backend): Promise<number> {
  const {
    items,
    files = false,
    open = false,
  } = await propose(argv, streams, backend).catch((): Candidates => ({ items: [] }))
  streams.stdout.write(
    [...items.map(formatCandidate), `:${(open ? noSpace : 0) + (files ? 0 : noFiles)}`, ''].join('\n'),
  )
  return 0
}

const formatCandidate = ({ value, about }: Candidate): string =>
  about === undefined ? value : `${value}\t${about}`

async function propose(argv: readonly string[], streams: Streams, backend: Backend): Promise<Candidates> {
  const session = new Session(argv, streams, backend)
  const program = buildProgram(session)
  const before = normalizeArgv(argv.slice(0, -1), flagShapesOf(program))
  const words = program.parseOptions(
    before.filter((word, i) => i < before.length - 1 || !word.startsWith('-')),
  )
  session.flags = patiently(readGlobalFlags(program))
  try {
    return await candidatesFor(program, {
      current: argv.at(-1) ?? '',
      last: before.at(-1),
      words,
      reader: {
        names: service => readNames(session, service),
        routes: service => readRouteNames(session, service),
        namespaces: () => readNamespaces(session),
        kubeconfig: () => readKubeconfigNames(session),
      },
    })
  } finally {
    await session.close()
  }
}

const patiently = (flags: GlobalFlags): GlobalFlags => ({
  ...flags,
  connection: { ...flags.connection, requestTimeout: flags.connection.requestTimeout ?? patience },
})
