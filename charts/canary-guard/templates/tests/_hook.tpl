{{/* The annotations of a hook of helm test, from its weight. */}}
{{- define "canary-guard.testHook" -}}
helm.sh/hook: test
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}
