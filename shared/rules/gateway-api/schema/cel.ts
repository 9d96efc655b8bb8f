import { parseDuration } from '../../../objects/text/parse-duration.ts'
import type { CelCheck } from '../../schema/schema.ts'
import { parentRules } from './parent-rules.ts'

type Keyed = Readonly<Record<string, unknown>>
type FieldsList = readonly Keyed[]

/** `key` is there with any value, as `has` of CEL asks. */
const has = (self: Keyed | undefined, key: string): boolean => self?.[key] !== undefined && self[key] !== null

/** The type of filter that each field holds the settings of. */
const settingsOfFilters = {
  requestHeaderModifier: 'RequestHeaderModifier',
  responseHeaderModifier: 'ResponseHeaderModifier',
  requestMirror: 'RequestMirror',
  requestRedirect: 'RequestRedirect',
  urlRewrite: 'URLRewrite',
  cors: 'CORS',
  extensionRef: 'ExtensionRef',
} as const

const ofType = (filters: FieldsList, type: string): FieldsList =>
  filters.filter(filter => filter['type'] === type)

/** Each filter has the settings of its own type, and of no other. */
const filterRules = Object.entries(settingsOfFilters).flatMap(
  ([key, type]): readonly (readonly [string, CelCheck])[] => [
    [
      `!(has(self.${key}) && self.type != '${type}')`,
      (self: Keyed) => !has(self, key) || self['type'] === type,
    ],
    [
      `!(!has(self.${key}) && self.type == '${type}')`,
      (self: Keyed) => has(self, key) || self['type'] !== type,
    ],
  ],
)

/** Those that a rule can have only once. */
const repeatRules = [
  'RequestHeaderModifier',
  'ResponseHeaderModifier',
  'RequestRedirect',
  'URLRewrite',
  'CORS',
].map((type): readonly [string, CelCheck] => [
  `self.filter(f, f.type == '${type}').size() <= 1`,
  (self: FieldsList) => ofType(self, type).length <= 1,
])

const pathModifierRules = ['replaceFullPath', 'replacePrefixMatch'].flatMap(
  (key): readonly (readonly [string, CelCheck])[] => {
    const type = `${key.charAt(0).toUpperCase()}${key.slice(1)}`
    return [
      [
        `self.type == '${type}' ? has(self.${key}) : true`,
        (self: Keyed) => self['type'] !== type || has(self, key),
      ],
      [
        `has(self.${key}) ? self.type == '${type}' : true`,
        (self: Keyed) => !has(self, key) || self['type'] === type,
      ],
    ]
  },
)

interface PathSpec {
  readonly type?: string
  readonly value?: string
}

/** A path is compared as it stands, unless it is a regular expression. */
const plainPath =
  (holds: (value: string) => boolean): CelCheck =>
  ({ type = 'PathPrefix', value = '/' }: PathSpec) =>
    type === 'RegularExpression' || holds(value)

const pathRules: readonly (readonly [string, CelCheck])[] = [
  ...['//', '/./', '/../', '%2f', '%2F', '#'].map((text): readonly [string, CelCheck] => [
    `(self.type in ['Exact','PathPrefix']) ? !self.value.contains('${text}') : true`,
    plainPath(value => !value.includes(text)),
  ]),
  ...['/..', '/.'].map((text): readonly [string, CelCheck] => [
    `(self.type in ['Exact','PathPrefix']) ? !self.value.endsWith('${text}') : true`,
    plainPath(value => !value.endsWith(text)),
  ]),
  [
    `(self.type in ['Exact','PathPrefix']) ? self.value.startsWith('/') : true`,
    plainPath(value => value.startsWith('/')),
  ],
  [
    `(self.type in ['Exact','PathPrefix']) ? `
      + `self.value.matches(r"""^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$""") : true`,
    plainPath(value => /^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$/.test(value)),
  ],
  [
    `self.type in ['Exact','PathPrefix'] || self.type == 'RegularExpression'`,
    ({ type = 'PathPrefix' }: PathSpec) => ['Exact', 'PathPrefix', 'RegularExpression'].includes(type),
  ],
]

interface RuleSpec {
  readonly matches?: readonly { readonly path?: PathSpec }[]
  readonly filters?: FieldsList
  readonly backendRefs?: readonly (Keyed & { readonly filters?: FieldsList })[]
}

/** A prefix is replaced only where the rule has exactly one match, by a prefix. */
const hasOnePrefix = ({ matches }: RuleSpec): boolean =>
  matches === undefined || (matches.length === 1 && (matches[0]?.path?.type ?? 'PathPrefix') === 'PathPrefix')

const replacesPrefix =
  (key: string) =>
  (filter: Keyed): boolean => {
    const path = (filter[key] as Keyed | undefined)?.['path'] as Keyed | undefined
    return path?.['type'] === 'ReplacePrefixMatch' && has(path, 'replacePrefixMatch')
  }
const isOne = <T>(list: readonly T[] | undefined, holds: (item: T) => boolean): boolean =>
  (list ?? []).filter(holds).length === 1

const prefixRules = ['requestRedirect', 'urlRewrite'].flatMap(
  (key): readonly (readonly [string, CelCheck])[] => {
    const replaced = `f.${key}.path.type == 'ReplacePrefixMatch' && has(f.${key}.path.replacePrefixMatch)`
    const filtered = `exists_one(f, has(f.${key}) && has(f.${key}.path) && ${replaced})`
    const one =
      '((size(self.matches) != 1 || !has(self.matches[0].path) || '
      + `self.matches[0].path.type != 'PathPrefix') ? false : true) : true`
    return [
      [
        `(has(self.filters) && self.filters.${filtered}) ? ${one}`,
        (self: RuleSpec) => !isOne(self.filters, replacesPrefix(key)) || hasOnePrefix(self),
      ],
      [
        `(has(self.backendRefs) && self.backendRefs.exists_one(b, (has(b.filters) && b.filters.${filtered}) )) ? ${one}`,
        (self: RuleSpec) =>
          !isOne(self.backendRefs, ({ filters }) => isOne(filters, replacesPrefix(key)))
          || hasOnePrefix(self),
      ],
    ]
  },
)

/** The API server adds matches up one by one, because a CEL rule must end. */
const mostMatches = (of: (i: number) => string): string =>
  `${Array.from({ length: 16 }, (_, i) => `(self.size() > ${i} ? ${of(i)} : 0)`).join(' + ')} <= 128`
const matchesIn = (rules: readonly RuleSpec[], whenLeftOut: number): number =>
  rules.reduce((sum, { matches }) => sum + (matches?.length ?? whenLeftOut), 0)

interface CallSpec {
  readonly type?: string
  readonly service?: string
  readonly method?: string
}

/** Every rule of the CRDs (x-kubernetes-validations) by its text; a test holds this table to the schemas. */
export const celRules: ReadonlyMap<string, CelCheck> = new Map<string, CelCheck>([
  ...filterRules,
  ...repeatRules,
  ...pathModifierRules,
  ...pathRules,
  ...prefixRules,
  ...parentRules,
  [
    `!(self.exists(f, f.type == 'RequestRedirect') && self.exists(f, f.type == 'URLRewrite'))`,
    (self: FieldsList) =>
      ofType(self, 'RequestRedirect').length === 0 || ofType(self, 'URLRewrite').length === 0,
  ],
  [
    '(has(self.backendRefs) && size(self.backendRefs) > 0) ? (!has(self.filters) || '
      + 'self.filters.all(f, !has(f.requestRedirect))): true',
    ({ backendRefs = [], filters = [] }: RuleSpec) =>
      backendRefs.length === 0 || filters.every(filter => !has(filter, 'requestRedirect')),
  ],
  [
    mostMatches(i => `(has(self[${i}].matches) ? self[${i}].matches.size() : 0)`),
    (self: readonly RuleSpec[]) => matchesIn(self, 0) <= 128,
  ],
  [
    mostMatches(i => `self[${i}].matches.size()`),
    // The API server writes one match where an HTTPRoute says none.
    (self: readonly RuleSpec[]) => matchesIn(self, 1) <= 128,
  ],
  [
    `(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true`,
    (self: Keyed) =>
      (self['group'] ?? '') !== '' || (self['kind'] ?? 'Service') !== 'Service' || has(self, 'port'),
  ],
  [
    `!(has(self.percent) && has(self.fraction))`,
    (self: Keyed) => !has(self, 'percent') || !has(self, 'fraction'),
  ],
  [
    `self.numerator <= self.denominator`,
    (self: { readonly numerator: number; readonly denominator?: number }) =>
      self.numerator <= (self.denominator ?? 100),
  ],
  [
    `has(self.type) ? has(self.service) || has(self.method) : true`,
    (self: Keyed) => has(self, 'service') || has(self, 'method'),
  ],
  [
    `(!has(self.type) || self.type == 'Exact') && has(self.service) ? `
      + `self.service.matches(r"""^(?i)\\.?[a-z_][a-z_0-9]*(\\.[a-z_][a-z_0-9]*)*$"""): true`,
    ({ type = 'Exact', service }: CallSpec) =>
      type !== 'Exact'
      || service === undefined
      || /^\.?[a-z_][a-z_0-9]*(\.[a-z_][a-z_0-9]*)*$/i.test(service),
  ],
  [
    `(!has(self.type) || self.type == 'Exact') && has(self.method) ? self.method.matches(r"""^[A-Za-z_][A-Za-z_0-9]*$"""): true`,
    ({ type = 'Exact', method }: CallSpec) =>
      type !== 'Exact' || method === undefined || /^[A-Za-z_][A-Za-z_0-9]*$/.test(method),
  ],
  [`!('*' in self && self.size() > 1)`, (self: readonly string[]) => self.length <= 1 || !self.includes('*')],
  [
    `!(has(self.request) && has(self.backendRequest) && duration(self.request) != duration('0s') && `
      + 'duration(self.backendRequest) > duration(self.request))',
    ({ request, backendRequest }: { readonly request?: string; readonly backendRequest?: string }) => {
      const [whole = 0, one = 0] = [request, backendRequest].map(text => parseDuration(text ?? '') ?? 0)
      return request === undefined || backendRequest === undefined || whole === 0 || one <= whole
    },
  ],
])
