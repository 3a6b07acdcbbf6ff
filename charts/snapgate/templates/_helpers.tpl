{{- define "snapgate.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* Of everything: (dict "root" $ "component" "webhook"), or only (dict "root" $); "more": labels of this object. The first of several
       values for a label stands, so that nobody's labels take an object from the selectors, or from Helm. */ -}}
{{- define "snapgate.labels" -}}
{{- $own := dict
      "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_")
      "app.kubernetes.io/managed-by" .root.Release.Service
      "app.kubernetes.io/version" .root.Chart.AppVersion -}}
{{- $selected := include "snapgate.selector" . | fromYaml -}}
{{- $part := dict "app.kubernetes.io/part-of" "snapgate" -}}
{{- merge $own $selected (.more | default dict) (.root.Values.global.commonLabels | default dict) $part | toYaml -}}
{{- end -}}

{{- define "snapgate.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{- define "snapgate.image" -}}
{{- $image := .Values.image -}}
{{- with .Values.global.imageRegistry | default $image.registry }}{{ . }}/{{ end -}}
{{- $image.repository }}:{{ $image.tag | default .Chart.AppVersion -}}
{{- with $image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{- define "snapgate.profile" -}}
{{- .Values.policy.profile | default (ternary "guard" "strict" (eq .Values.mode "guard")) -}}
{{- end -}}

{{- /* Where the certificate comes from when it is not the webhook's own. */ -}}
{{- define "snapgate.certificateSecret" -}}
{{- if eq .Values.certificates.mode "certManager" -}}
{{ include "snapgate.fullname" . }}-webhook-tls
{{- else -}}
{{ .Values.certificates.existingSecret.name }}
{{- end -}}
{{- end -}}

{{- /* Yes as a text when the webhook itself tells the API server whom to trust. */ -}}
{{- define "snapgate.injectsBundle" -}}
{{- $certificates := .Values.certificates -}}
{{- if eq $certificates.mode "selfManaged" }}yes{{ end -}}
{{- if and (eq $certificates.mode "existingSecret") $certificates.existingSecret.injectCABundle }}yes{{ end -}}
{{- end -}}

{{- define "snapgate.containerSecurityContext" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
privileged: false
readOnlyRootFilesystem: true
{{- end -}}

{{- define "snapgate.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- /* What both components' pods have in common: (dict "root" $ "component" "webhook" "values" .Values.webhook). */ -}}
{{- define "snapgate.podSettings" -}}
serviceAccountName: {{ include "snapgate.fullname" .root }}-{{ .component }}
automountServiceAccountToken: true
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .values.terminationGracePeriodSeconds }}
securityContext:
  {{- include "snapgate.podSecurityContext" . | nindent 2 }}
{{- with .root.Values.global.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.global.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  {{- with .values.topologySpreadConstraints }}
  {{- toYaml . | nindent 2 }}
  {{- else }}
  {{- $selector := include "snapgate.selector" . }}
  {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - topologyKey: {{ $key }}
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- $selector | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
  {{- end }}
{{- end -}}

{{- /* Each pod listens on its own address, whichever family that is. */ -}}
{{- define "snapgate.commonEnv" -}}
- name: SNAPGATE_HOST
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
- name: SNAPGATE_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: SNAPGATE_MODE
  value: {{ .root.Values.mode }}
- name: SNAPGATE_POLICY_FILE
  value: /etc/snapgate/policy/policy.yaml
- name: SNAPGATE_PROBE_PORT
  value: {{ .values.probePort | quote }}
- name: SNAPGATE_GRACE_SECONDS
  value: {{ .values.terminationGracePeriodSeconds | quote }}
- name: SNAPGATE_LOG_LEVEL
  value: {{ .values.logLevel }}
{{- end -}}

{{- define "snapgate.probes" -}}
startupProbe:
  httpGet:
    path: /livez
    port: probes
  periodSeconds: 1
  failureThreshold: 60
readinessProbe:
  httpGet:
    path: /readyz
    port: probes
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 2
livenessProbe:
  httpGet:
    path: /livez
    port: probes
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end -}}

{{- /* Values add to the first condition and cannot take it away: our own pods must start while nobody answers yet. */ -}}
{{- define "snapgate.namespaceSelector" -}}
matchExpressions:
  - key: kubernetes.io/metadata.name
    operator: NotIn
    values: [{{ .Release.Namespace | quote }}]
  {{- with .Values.webhook.namespaceMatchExpressions }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- /* A JSON list: who carries out what was accepted, and is not judged. */ -}}
{{- define "snapgate.executors" -}}
{{- $executors := .Values.platform.controllers -}}
{{- if eq .Values.mode "full" -}}
{{- $executors = prepend $executors (printf "system:serviceaccount:%s:%s-reconciler" .Release.Namespace (include "snapgate.fullname" .)) -}}
{{- end -}}
{{- toJson $executors -}}
{{- end -}}

{{- /* One that the webhook looks at: kube-public is in every cluster. */}}
{{- define "snapgate.testNamespace" -}}
{{- ternary "kube-public" .Values.test.namespace (eq .Values.test.namespace .Release.Namespace) -}}
{{- end }}
