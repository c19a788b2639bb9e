#!/usr/bin/env bash
# Lints the chart and renders it with three sets of values. The renderings are kept in deploy/helm/rendered
# for whoever has no helm, and for the Go test that judges them; a stale one fails, --write makes it anew.
# Helm takes minutes to build the first time, so this belongs to script/deep.
#
#   deploy/helm/check.sh [--write]
set -euo pipefail
cd "$(dirname "$0")"

helm=${HELM:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/paylink-helm.XXXXXX")
trap 'rm -rf "$work"' EXIT
if [ -z "$helm" ]; then
	GOBIN=$work go install helm.sh/helm/v3/cmd/helm@v3.22.0
	helm=$work/helm
fi
export HELM_CACHE_HOME=$work/cache HELM_CONFIG_HOME=$work/config HELM_DATA_HOME=$work/data

for values in paylink/check/*.yaml; do
	name=$(basename "$values")
	"$helm" lint --strict paylink -f "$values"
	"$helm" template pay paylink --namespace pay --kube-version 1.31.0 -f "$values" >"$work/$name"
	if [ "${1:-}" = --write ]; then
		cp "$work/$name" "rendered/$name"
	fi
	cmp "$work/$name" "rendered/$name" || { echo "stale: deploy/helm/check.sh --write" >&2; exit 1; }
done

# What must be refused: contradictions, and values that are none.
refused() {
	if "$helm" template pay paylink --kube-version 1.31.0 "$@" >"$work/out" 2>&1; then
		echo "accepted, and should be refused: $*" >&2
		exit 1
	fi
}
refused
refused -f paylink/check/postgres.yaml --set publicURL=http://pay.example
refused -f paylink/check/postgres.yaml --set keys.secret=
refused -f paylink/check/postgres.yaml --set database.urlSecret.name=
refused -f paylink/check/postgres.yaml --set drainSeconds=30
refused -f paylink/check/postgres.yaml --set deployments.node.roles=everything
refused -f paylink/check/postgres.yaml --set unknown=1
refused -f paylink/check/sqlite.yaml --set deployments.node.replicas=2
refused -f paylink/check/sqlite.yaml --set deployments.node.roles=api
echo "chart: linted, $(ls rendered | wc -l) renderings fresh, contradictions refused"
