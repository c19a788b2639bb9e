{{/* The pod of one entry of deployments: dict "root" $ "name" … "entry" … */}}
{{- define "paylink.pod" -}}
{{- $root := .root -}}
{{- $v := $root.Values -}}
{{- $sqlite := eq $v.database.kind "sqlite" -}}
metadata:
  labels:
    {{- include "paylink.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .name }}
    paylink/answers: {{ include "paylink.answers" .entry.roles | default "false" | quote }}
  annotations:
    # A changed setting starts the pods anew.
    checksum/settings: {{ include (print $root.Template.BasePath "/configmap.yaml") $root | sha256sum }}
    {{- with $v.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $v.terminationGracePeriodSeconds }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  {{- with $v.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: paylink
      image: {{ include "paylink.image" $root | quote }}
      imagePullPolicy: {{ $v.image.pullPolicy }}
      args: ["serve"]
      envFrom:
        - configMapRef:
            name: {{ include "paylink.name" $root }}
      env:
        {{- if not $sqlite }}
        - name: PAYLINK_DATABASE_URL
          valueFrom:
            secretKeyRef:
              name: {{ $v.database.urlSecret.name }}
              key: {{ $v.database.urlSecret.key }}
        {{- end }}
        {{- with .entry.roles }}
        - name: PAYLINK_ROLES
          value: {{ . | quote }}
        {{- end }}
      ports:
        - name: http
          containerPort: 8080
        - name: admin
          containerPort: 8081
      # Alive from the start on, also while the database is brought up to date; ready only afterwards.
      startupProbe:
        httpGet:
          path: /readyz
          port: admin
        periodSeconds: 2
        timeoutSeconds: 3
        failureThreshold: {{ mul 30 (int $v.upgradeMinutes) }}
      livenessProbe:
        httpGet:
          path: /livez
          port: admin
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      readinessProbe:
        httpGet:
          path: /readyz
          port: admin
        periodSeconds: 2
        timeoutSeconds: 3
        failureThreshold: 2
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: ["ALL"]
      resources:
        {{- toYaml (.entry.resources | default $v.resources) | nindent 8 }}
      volumeMounts:
        - name: data
          mountPath: /data
        {{- if $v.keys.secret }}
        - name: keys
          mountPath: /keys
          readOnly: true
        {{- end }}
  volumes:
    {{- if not $sqlite }}
    - name: data
      emptyDir:
        sizeLimit: 256Mi
    {{- end }}
    {{- if $v.keys.secret }}
    - name: keys
      secret:
        secretName: {{ $v.keys.secret }}
        defaultMode: 0440
        items:
          - key: {{ $v.keys.key }}
            path: keys
    {{- end }}
  {{- with $v.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $v.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $v.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if $v.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- toYaml $v.topologySpreadConstraints | nindent 4 }}
  {{- else if not $sqlite }}
  # Two pods on one machine die together.
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "paylink.selector" $root | nindent 10 }}
          app.kubernetes.io/component: {{ .name }}
  {{- end }}
{{- end -}}
