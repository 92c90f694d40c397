{{- define "gpu-scheduler.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "gpu-scheduler.kube-scheduler-image" -}}
{{ .Values.kubeScheduler.image.repository }}:{{ .Values.kubeScheduler.image.tag | default (regexFind "^v[0-9]+\\.[0-9]+\\.[0-9]+" .Capabilities.KubeVersion.Version) }}
{{- end }}

{{/* Labels of everything; the argument is the component's name. The chart's label stands apart so that a new version changes no pod. */}}
{{- define "gpu-scheduler.labels" -}}
app.kubernetes.io/name: {{ . }}
app.kubernetes.io/part-of: gpu-scheduler
{{- end }}

{{- define "gpu-scheduler.pod-security" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "gpu-scheduler.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* A soft wish to spread over a topology key: list of component and key. */}}
{{- define "gpu-scheduler.spread" -}}
- maxSkew: 1
  topologyKey: {{ index . 1 }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      app.kubernetes.io/name: {{ index . 0 }}
{{- end }}

{{/* kube-scheduler 1.25 and later read v1, older ones what they know. */}}
{{- define "gpu-scheduler.kube-scheduler-file" -}}
{{- if semverCompare ">=1.25.0-0" .Capabilities.KubeVersion.Version }}kube-scheduler.yaml{{ else }}kube-scheduler-v1beta1.yaml{{ end }}
{{- end }}

{{/* The options of the service: those of the values, and what tls adds. */}}
{{- define "gpu-scheduler.config" -}}
{{- $config := deepCopy .Values.config }}
{{- with .Values.tls }}
{{- if .enabled }}
{{- $tls := dict "certificateFile" "/etc/gpu-scheduler-tls/tls.crt" "keyFile" "/etc/gpu-scheduler-tls/tls.key" }}
{{- if .clientAuth.enabled }}
{{- $tls = merge $tls (dict "clientCaFile" "/etc/gpu-scheduler-tls/ca.crt" "clientNames" .clientAuth.names) }}
{{- end }}
{{- $server := dict "urls" (list (printf "https://0.0.0.0:%d" (int $.Values.port))) }}
{{- $config = mergeOverwrite $config (dict "server" $server "tls" $tls) }}
{{- end }}
{{- end }}
{{- toYaml $config }}
{{- end }}

{{- define "gpu-scheduler.scheme" -}}
{{ if .Values.tls.enabled }}https{{ else }}http{{ end }}
{{- end }}

{{/* What kube-scheduler's extender configuration says of TLS. */}}
{{- define "gpu-scheduler.extender-tls" -}}
{{- if .Values.tls.enabled -}}
enableHTTPS: true
    tlsConfig:
      caFile: /etc/gpu-scheduler-tls/ca.crt
{{- if .Values.tls.clientAuth.enabled }}
      certFile: /etc/gpu-scheduler-tls/client.crt
      keyFile: /etc/gpu-scheduler-tls/client.key
{{- end }}
{{- else -}}
enableHTTPS: false
{{- end }}
{{- end }}
