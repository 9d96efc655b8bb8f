{{/* The environment of the guard; what extraEnv sets as well is left to it, because a name may occur only once. */}}
{{- define "canary-guard.env" -}}
{{- $heap := include "canary-guard.heapMiB" . -}}
{{- $given := list -}}
{{- range .Values.extraEnv }}{{ $given = append $given .name }}{{ end -}}
{{- if not (has "NODE_OPTIONS" $given) -}}
# By default Node delays garbage collection, which doubles its memory where many objects are watched.
- name: NODE_OPTIONS
  value: --max-semi-space-size=8{{ with $heap }} --max-old-space-size={{ . }}{{ end }}
{{ end -}}
{{- if not (has "MALLOC_ARENA_MAX" $given) -}}
- name: MALLOC_ARENA_MAX
  value: '2'
{{ end -}}
{{- with .Values.extraEnv }}{{ toYaml . }}{{ end -}}
{{- end -}}
