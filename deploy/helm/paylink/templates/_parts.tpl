{{/* Names and labels. */}}
{{- define "paylink.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "paylink.selector" -}}
app.kubernetes.io/name: paylink
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "paylink.labels" -}}
{{ include "paylink.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "paylink.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* "true" for roles that answer customers and merchants. */}}
{{- define "paylink.answers" -}}
{{- if or (eq . "") (contains "api" .) (contains "pages" .) -}}true{{- end -}}
{{- end -}}

{{/* What cannot be seen by the schema: values that contradict each other. */}}
{{- define "paylink.judge" -}}
{{- if lt (int .Values.terminationGracePeriodSeconds) (add (int .Values.drainSeconds) 35 | int) -}}
{{- fail "terminationGracePeriodSeconds must be at least drainSeconds + 35: requests and jobs under way need that long" -}}
{{- end -}}
{{- if and (eq .Values.database.kind "postgres") (not .Values.database.urlSecret.name) -}}
{{- fail "database.urlSecret.name must name the secret with the database's URL" -}}
{{- end -}}
{{- if and (eq .Values.database.kind "postgres") (not .Values.keys.secret) -}}
{{- fail "keys.secret must name the secret with the key ring: pods that each make their own could not read each other's links" -}}
{{- end -}}
{{- if eq .Values.database.kind "sqlite" -}}
{{- if or (ne (len .Values.deployments) 1) (ne (int (first (values .Values.deployments)).replicas) 1) -}}
{{- fail "database.kind sqlite is one pod: one entry in deployments, with replicas 1" -}}
{{- end -}}
{{- if (first (values .Values.deployments)).roles -}}
{{- fail "database.kind sqlite is one pod, which has every role: leave roles empty" -}}
{{- end -}}
{{- end -}}
{{- end -}}
