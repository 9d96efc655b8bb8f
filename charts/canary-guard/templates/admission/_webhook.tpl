{{/* The fields that all webhooks have in common, from a list: the context; what follows the path, which decides how a review that fails is answered. */}}
{{- define "canary-guard.caller" -}}
{{- $root := first . -}}
{{- $path := last . -}}
clientConfig:
  {{- if $root.Values.webhook.url }}
  url: {{ $root.Values.webhook.url }}{{ $path }}
  {{- else }}
  service:
    name: {{ include "canary-guard.fullname" $root }}
    namespace: {{ $root.Release.Namespace }}
    path: /validate{{ $path }}
    port: 443
  {{- end }}
  {{- /* In mode builtIn only the guard writes caBundle: Helm 4 would conflict with it, and Helm 3 would overwrite it. */}}
  {{- if eq $root.Values.certificate.mode "secret" }}
  caBundle: {{ required "certificate.caBundle is needed for certificate.mode secret" $root.Values.certificate.caBundle }}
  {{- end }}
admissionReviewVersions: [v1]
sideEffects: None
matchPolicy: Equivalent
{{- end -}}

{{/* What is not reviewed, whatever its labels are. */}}
{{- define "canary-guard.reviewedNamespaces" -}}
- key: kubernetes.io/metadata.name
  operator: NotIn
  values: {{ include "canary-guard.excludedNamespaces" . }}
{{- end -}}

{{/* With failurePolicy Fail, routes that the guard cannot judge are denied, and all else is allowed: a cluster must be able to start, scale and recover. */}}
{{- define "canary-guard.isClosed" -}}
{{- if eq .Values.webhook.failurePolicy "Fail" -}}true{{- end -}}
{{- end -}}
{{- define "canary-guard.routesPath" -}}
{{- if include "canary-guard.isClosed" . -}}/fail-closed{{- end -}}
{{- end -}}
{{- define "canary-guard.othersPath" -}}
{{- if include "canary-guard.isClosed" . -}}/fail-open{{- end -}}
{{- end -}}
{{/* Scaling is never refused, whatever config.onError says. */}}
{{- define "canary-guard.scalingPath" -}}
{{- if or (include "canary-guard.isClosed" .) (eq (dig "onError" "allow" (default dict .Values.config)) "deny") -}}/fail-open{{- end -}}
{{- end -}}

{{/* The fields that most webhooks have in common, from the same list. */}}
{{- define "canary-guard.webhook" -}}
{{ include "canary-guard.caller" . }}
{{ include "canary-guard.selectors" (first .) }}
{{- end -}}

{{/* Which objects are reviewed, by their namespace and their own labels. */}}
{{- define "canary-guard.selectors" -}}
namespaceSelector:
  {{- with .Values.webhook.namespaceSelector.matchLabels }}
  matchLabels: {{- toYaml . | nindent 4 }}
  {{- end }}
  matchExpressions:
    {{- include "canary-guard.reviewedNamespaces" . | nindent 4 }}
    - key: kubectl-canary/guard
      operator: NotIn
      values: [disabled]
    {{- with .Values.webhook.namespaceSelector.matchExpressions }}{{ toYaml . | nindent 4 }}{{ end }}
objectSelector: {{ toJson .Values.webhook.objectSelector }}
{{- end -}}

{{/* The namespaces that are never reviewed: a guard that denies changes of itself could not be fixed. */}}
{{- define "canary-guard.excludedNamespaces" -}}
{{- concat (list "kube-system" .Release.Namespace) .Values.webhook.excludedNamespaces | uniq | toJson -}}
{{- end -}}

{{/* Whether an update changes exemptions, in CEL: who writes them is judged. */}}
{{- define "canary-guard.exemptionChanges" -}}
object.metadata.?annotations['kubectl-canary/exempt'].orValue('') != oldObject.metadata.?annotations['kubectl-canary/exempt'].orValue('')
{{- end -}}

{{/* The conditions of the webhooks that can deny: objects that are being deleted, and deletions by the cleanup controllers, are not sent. */}}
{{- define "canary-guard.conditions" -}}
- name: not-being-deleted
  expression: request.operation != 'UPDATE' || !has(object.metadata.deletionTimestamp)
- name: not-a-cleanup-controller
  expression: >-
    !(request.userInfo.username in ['system:serviceaccount:kube-system:generic-garbage-collector',
    'system:serviceaccount:kube-system:namespace-controller', 'system:kube-controller-manager'])
{{- end -}}
