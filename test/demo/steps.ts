/** A slip of somebody's editor. */
export interface Slip {
  readonly file: string
  readonly from: string
  readonly to: string
}

/** One command of the demo, and what it must say. */
export interface Step {
  /** What a person would say before typing it. */
  readonly why: string
  /** What somebody changes by hand before. */
  readonly slip?: Slip
  /** What is typed after `kubectl canary`. */
  readonly words: string
  readonly exit: number
  /** What the output, both streams together, must and must not hold. */
  readonly says: readonly RegExp[]
  readonly never?: readonly RegExp[]
}

/** The main job from its beginning to its end, on `examples/catalog`. */
export const steps: readonly Step[] = [
  {
    why: 'Version 2 of the catalog is deployed beside version 1. Who gets what now?',
    words: 'status -f catalog/',
    exit: 0,
    says: [
      /catalog in namespace istioinaction/,
      /v1 .*100\.0 %/,
      /catalog\.istioinaction\.io on catalog-gateway/,
      /catalog on mesh/,
    ],
  },
  {
    why: 'Colleagues first: requests with the header x-istio-cohort: internal shall go to v2. What would that change?',
    words: 'cohort internal --to v2 -f catalog/ --dry-run=client',
    exit: 0,
    says: [
      /cohort internal \(x-istio-cohort: internal\) → v2; everyone else → v1/,
      /catalog-vs-from-gw configured .*\(dry run\)/,
      /^\+ +x-istio-cohort:/m,
      /^\+ +exact: internal/m,
      /^\+ +subset: version-v2/m,
    ],
  },
  {
    why: 'As meant: at the gateway and deep in the mesh.',
    words: 'cohort internal --to v2 -f catalog/',
    exit: 0,
    says: [/→ v2/, /\/catalog configured/, /\/catalog-vs-from-gw configured/],
    never: [/dry run/],
  },
  {
    why: 'It works for them. Now a tenth of everyone.',
    words: 'weight v2=10 -f catalog/',
    exit: 0,
    says: [/cohort internal .*→ v2; everyone else → v1 90 %, v2 10 %/, /\/catalog configured/],
  },
  {
    why: 'The same again changes nothing.',
    words: 'weight v2=10 -f catalog/',
    exit: 0,
    says: [/\/catalog unchanged$/m, /\/catalog-vs-from-gw unchanged$/m],
    never: [/configured/],
  },
  {
    why: 'A typo: 70 and 40 are more than there is. Istio would take it, as other shares than meant.',
    words: 'weight v2=70,v3=40 -f catalog/',
    exit: 2,
    says: [/^error: the weights add up to 110,/m],
  },
  {
    why: 'A version that nobody deployed and no DestinationRule defines.',
    words: 'weight v3=10 -f catalog/',
    exit: 1,
    says: [/^error: .*v3/m, /v1, v2/],
  },
  {
    why: 'The same slip made in an editor. Istio would take that, too; the webhook would deny it, and so does lint in a pipeline.',
    slip: { file: 'catalog/catalog-gateway.yaml', from: 'weight: 10', to: 'weight: 20' },
    words: 'lint -f catalog/',
    exit: 3,
    says: [/catalog-gateway\.yaml:\d+:\d+: error: .*add up to 110.*weights-sum-to-100/],
  },
  {
    why: 'Set them together, and all is well.',
    words: 'weight v2=10 -f catalog/',
    exit: 0,
    says: [/v1 90 %, v2 10 %/, /\/catalog-vs-from-gw configured/],
  },
  {
    why: 'Who gets what now?',
    words: 'status -f catalog/',
    exit: 0,
    says: [/stable is v1/, /cohort internal +→ v2/, /everyone else +→ v1 +90\.0 % [^]*v2 +10\.0 %/],
  },
  {
    why: 'Version 2 is good: it becomes stable and takes everything.',
    words: 'promote v2 -f catalog/',
    exit: 0,
    says: [/everyone → v2/, /\/catalog configured/],
  },
  {
    why: 'Some partners still need version 1 for two days …',
    words: 'cohort partners --to v1 --header x-partner --until 2d --reason "old client" -f catalog/',
    exit: 0,
    says: [/cohort partners \(x-partner.*\) → v1; everyone else → v2/],
  },
  {
    why: '… or rather not: everything back to stable.',
    words: 'abort -f catalog/',
    exit: 0,
    says: [/everyone → v2/, /\/catalog configured/],
  },
  {
    why: 'The end.',
    words: 'status -f catalog/',
    exit: 0,
    says: [/v2 .*100\.0 %/, /everyone → v2 +100\.0 %/],
    never: [/cohort /],
  },
]
