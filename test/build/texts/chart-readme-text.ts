import { release } from '../../release/release.ts'
import { chartTable } from './chart-text.ts'

/** charts/canary-guard/README.md, which registries of charts show. */
export const chartReadmeText = (): string => `# canary-guard

A validating webhook that denies changes which would break canary routing on a service mesh, with the fix in its message. It needs no custom resources and no
rights to write routes. [What it does and how to run it](${release.repository}/blob/main/docs/webhook.md).

\`\`\`sh
helm install canary-guard ${release.charts}/canary-guard -n canary-guard --create-namespace
helm test canary-guard -n canary-guard
\`\`\`

The chart names its image by digest. Before an upgrade, read [UPGRADING.md](UPGRADING.md). \`helm uninstall\` deletes the webhook configuration first, so that no
write is held up.

## Values

${chartTable()}`
