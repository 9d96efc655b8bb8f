/** What the output of a command of the demo, both streams together, must and must not hold. */
export interface Expected {
  /** The command, as far as it tells it from the others. */
  readonly words: string
  readonly says: readonly RegExp[]
  readonly never?: readonly RegExp[]
}

/** Where a demo is played: in a folder of manifests, or on a cluster. */
export type PlayedOn = 'files' | 'cluster'

/** What the steps of `kubectl canary demo` must say, in their order. */
const expectedSteps = (on: PlayedOn): readonly Expected[] => [
  ...untilSetRight(on),
  ...untilTheEnd,
  ...(on === 'files' ? [] : [recorded]),
]

const recorded: Expected = {
  words: 'history catalog',
  says: [/^1 .*cohort internal → v2 /m, /promote v2/, /cohort partners → v1 .*old client/, /abort/],
}

const firstLook = (on: PlayedOn): Expected => ({
  words: 'status',
  says: [
    on === 'files' ? /catalog in namespace istioinaction/ : /v2 +1\/1 /,
    /v1 .*100\.0 %/,
    /catalog\.istioinaction\.io on catalog-gateway/,
    /catalog on mesh/,
  ],
})

const untilSetRight = (on: PlayedOn): readonly Expected[] => [
  firstLook(on),
  {
    words: 'cohort internal --to v2 --dry-run=client',
    says: [
      /cohort internal \(x-istio-cohort: internal\) → v2; everyone else → v1/,
      /catalog-vs-from-gw configured .*\(dry run\)/,
      /^\+ +x-istio-cohort:/m,
      /^\+ +exact: internal/m,
      /^\+ +subset: version-v2/m,
    ],
  },
  {
    words: 'cohort internal --to v2',
    says: [/→ v2/, /\/catalog configured/, /\/catalog-vs-from-gw configured/],
    never: [/dry run/],
  },
  {
    words: 'weight v2=10',
    says: [/cohort internal .*→ v2; everyone else → v1 90 %, v2 10 %/, /\/catalog configured/],
  },
  {
    words: 'weight v2=10',
    says: [/\/catalog unchanged$/m, /\/catalog-vs-from-gw unchanged$/m],
    never: [/configured/],
  },
  {
    words: 'weight v2=70,v3=40',
    says: [/^error: the weights add up to 110,/m],
  },
  {
    words: 'weight v3=10',
    says: [/^error: .*v3/m, /v1, v2/],
  },
  {
    words: 'lint',
    says: [
      on === 'files'
        ? /catalog-gateway\.yaml:\d+:\d+: error: .*add up to 110.*weights-sum-to-100/
        : /error: VirtualService .*catalog-vs-from-gw .*add up to 110.*weights-sum-to-100/,
    ],
  },
]

const untilTheEnd: readonly Expected[] = [
  {
    words: 'weight v2=10',
    says: [/v1 90 %, v2 10 %/, /\/catalog-vs-from-gw configured/],
  },
  {
    words: 'status',
    says: [/stable is v1/, /cohort internal +→ v2/, /everyone else +→ v1 +90\.0 % [^]*v2 +10\.0 %/],
  },
  {
    words: 'try http://catalog.',
    says: [/^→ +v2 +100 %/m, /for cohort internal/],
  },
  {
    words: 'promote v2',
    says: [/everyone → v2/, /\/catalog configured/],
  },
  {
    words: `cohort partners --to v1 --header x-partner --until 2d --reason 'old client'`,
    says: [/cohort partners \(x-partner.*\) → v1; everyone else → v2/],
  },
  {
    words: 'abort',
    says: [/everyone → v2/, /\/catalog configured/],
  },
  {
    words: 'status',
    says: [/v2 .*100\.0 %/, /everyone → v2 +100\.0 %/],
    never: [/cohort \w+ +→/],
  },
]

/** What is wrong with the output of a whole demo, both streams together. */
export function wrongIn(output: string, on: PlayedOn = 'files'): readonly string[] {
  const expected = expectedSteps(on)
  const shown = output.split(/^# \d+ of \d+: /m).slice(1)
  return [
    ...(shown.length === expected.length ? [] : [`${shown.length} steps, not ${expected.length}`]),
    ...expected.flatMap(({ words, says, never = [] }, i) => {
      const text = shown[i] ?? ''
      return [
        ...(text.includes(`$ kubectl canary ${words}`) ? [] : [`step ${i + 1} is not "${words}"`]),
        ...says.filter(said => !said.test(text)).map(said => `"${words}" did not say ${said}`),
        ...never.filter(said => said.test(text)).map(said => `"${words}" said ${said}`),
        ...(text.includes('note: the exit code is') ? [`"${words}" ended with another exit code`] : []),
      ]
    }),
  ]
}
