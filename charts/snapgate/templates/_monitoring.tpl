{{- /* Whether an object for the Prometheus operator is rendered: `dict "root" . "values" … "kind" …` */ -}}
{{- define "snapgate.monitored" -}}
{{- if eq (toString .values.enabled) "auto" -}}
{{- if .root.Capabilities.APIVersions.Has (printf "monitoring.coreos.com/v1/%s" .kind) }}yes{{ end -}}
{{- else if .values.enabled }}yes{{ end -}}
{{- end -}}
