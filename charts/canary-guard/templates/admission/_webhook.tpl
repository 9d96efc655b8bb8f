{{/* What both entries have in common, but for the failure policy, the rules and the conditions. */}}
{{- define "canary-guard.entry" -}}
clientConfig:
  {{- if .Values.webhook.url }}
  url: {{ .Values.webhook.url }}
  {{- else }}
  service:
    name: {{ include "canary-guard.fullname" . }}
    namespace: {{ .Release.Namespace }}
    path: /validate
    port: 443
  {{- end }}
  {{- /* Nobody but the guard writes it in mode builtIn: a second writer would conflict with Helm 4 and be set back by Helm 3. */}}
  {{- if eq .Values.certificate.mode "secret" }}
  caBundle: {{ required "certificate.caBundle is needed for certificate.mode secret" .Values.certificate.caBundle }}
  {{- end }}
admissionReviewVersions: [v1]
sideEffects: None
matchPolicy: Equivalent
timeoutSeconds: {{ .Values.webhook.timeoutSeconds }}
namespaceSelector:
  matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: NotIn
      values: {{ include "canary-guard.unjudged" . }}
    - key: kubectl-canary/guard
      operator: NotIn
      values: [disabled]
objectSelector: {{ toJson .Values.webhook.objectSelector }}
{{- end -}}

{{/* The namespaces that are never judged: a guard that refuses itself could not be mended. */}}
{{- define "canary-guard.unjudged" -}}
{{- concat (list "kube-system" .Release.Namespace) .Values.webhook.excludedNamespaces | uniq | toJson -}}
{{- end -}}

{{/* Conditions of both entries: what is on its way out, or taken out by the controllers that clean up, is not held up. */}}
{{- define "canary-guard.conditions" -}}
- name: not-being-deleted
  expression: request.operation != 'UPDATE' || !has(object.metadata.deletionTimestamp)
- name: not-a-cleaning-controller
  expression: >-
    !(request.userInfo.username in ['system:serviceaccount:kube-system:generic-garbage-collector',
    'system:serviceaccount:kube-system:namespace-controller', 'system:kube-controller-manager'])
{{- end -}}
