import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { parseExpectation, type Expectation } from '../../../shared/trial/expectation.ts'
import type { Session } from '../../session.ts'
import { countOf, seedOf, type SimulationWords } from './count.ts'
import type { Sending } from './send.ts'
import type { TryFlags } from './try-flags.ts'

/** The simulation that is asked for. Throws `usage` for a seed without one. */
export function simulationOf(session: Session, flags: TryFlags): SimulationWords | undefined {
  const count = countOf(session, flags.count)
  const seed = seedOf(flags.seed)
  if (count === undefined && flags.seed !== undefined)
    throw usage('--seed can only be used with --count', 'Leave it out, or add --count 1000.')
  return count === undefined ? undefined : { count, seed }
}

/** What is expected. Throws `usage` for what is no expectation. */
export function expectationIn(text: string | undefined): Expectation | undefined {
  if (text === undefined) return undefined
  const expectation = parseExpectation(text)
  if (expectation !== undefined) return expectation
  throw usage(
    `--expect ${text} is neither a version nor shares that add up to 100`,
    'Write it like --expect v2, --expect v1=90,v2=10, or --expect 404.',
  )
}

const most = { count: 10_000, rate: 500 }

/** How requests are sent by the flags. Throws `usage` for what does not fit, and where no answer could be told from another. */
export function sendingOf(session: Session, flags: TryFlags): Sending | undefined {
  if (flags.live !== true) {
    refuseStray(flags)
    return undefined
  }
  refuseBesideLive(flags)
  const count = countOf(session, flags.count)
  const { address, rate, versionHeader, versionBody, insecure = false } = flags
  if (versionHeader === undefined && versionBody === undefined)
    throw usage(
      '--live needs to know where an answer names its version',
      'Name a response header, like --version-header x-version, or a regex with a group, like --version-body "version (\\S+)".',
    )
  return {
    count: numberOf('count', count === undefined ? undefined : String(count), {
      usual: 200,
      most: most.count,
    }),
    rate: numberOf('rate', rate, { usual: 50, most: most.rate }),
    address: address === undefined ? undefined : addressOf(address),
    versionIn: versionHeader === undefined ? { body: regexOf(versionBody ?? '') } : { header: versionHeader },
    insecure,
  }
}

/** What says how real requests are sent, without such. */
function refuseStray({ address, rate, versionHeader, versionBody, insecure }: TryFlags): void {
  const values = {
    address,
    rate,
    'version-header': versionHeader,
    'version-body': versionBody,
    insecure,
  }
  const stray = Object.entries(values).find(([, value]) => value !== undefined)
  if (stray !== undefined)
    throw usage(`--${stray[0]} can only be used with --live`, 'Leave it out, or add --live.')
}

function refuseBesideLive(flags: TryFlags): void {
  const other = flags.with !== undefined ? 'with' : flags.withCluster === true ? 'with-cluster' : undefined
  if (other !== undefined)
    throw usage(
      `--live cannot be used with --${other}`,
      'What is not applied yet answers nobody: leave one of them out.',
    )
  if (flags.seed !== undefined)
    throw usage('--seed cannot be used with --live', 'Nothing is simulated: leave one of them out.')
  if (flags.versionHeader !== undefined && flags.versionBody !== undefined)
    throw usage(
      '--version-header and --version-body cannot be used together',
      'An answer names its version in one place: leave one of them out.',
    )
}

function numberOf(
  flag: string,
  text: string | undefined,
  { usual, most: largest }: { readonly usual: number; readonly most: number },
): number {
  if (text === undefined) return usual
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= 1 && value <= largest) return value
  throw usage(`--${flag} ${text} is not a number from 1 to ${largest}`, `Write it like --${flag} ${usual}.`)
}

function addressOf(text: string): NonNullable<Sending['address']> {
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[^:\s]+):(\d{1,5})$/.exec(text) ?? []
  if (host !== undefined && Number(port) >= 1 && Number(port) <= 65_535) return { host, port: Number(port) }
  throw usage(`--address ${text} is not HOST:PORT`, 'Write it like --address 127.0.0.1:8080.')
}

function regexOf(text: string): RegExp {
  try {
    const regex = new RegExp(text)
    if (/\((?!\?)|\(\?</.test(text)) return regex
  } catch {
    // The same is wrong with it: it finds no version.
  }
  throw usage(
    `--version-body ${text} is not a regex with a group`,
    'Write it like --version-body "version (\\S+)".',
  )
}

const usage = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })
