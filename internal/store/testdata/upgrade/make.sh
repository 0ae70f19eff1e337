#!/usr/bin/env bash
# make.sh writes the stored database of TestUpgrade with the program of an earlier commit,
# so that every table has at least one row. The content and the keys are made up.
#
#   git worktree add /tmp/a76ba8b a76ba8b && make -C /tmp/a76ba8b build
#   ./make.sh /tmp/a76ba8b/bin/tonggao sqlite:/tmp/old.db         # then: gzip -9 /tmp/old.db
#   ./make.sh /tmp/a76ba8b/bin/tonggao postgres://USER@HOST/EMPTY # then: pg_dump --inserts --no-owner --no-privileges EMPTY | grep -v '^\\' | gzip -9
#
# It needs curl and jq.
set -euo pipefail
program=$1 database=$2 here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d) url=http://127.0.0.1:18997
export TONGGAO_DATABASE=$database TONGGAO_SECRET_KEY=c7a3f5d09b1e4c6288f04d7be5a19c30c7a3f5d09b1e4c6288f04d7be5a19c30

"$program" migrate up >/dev/null
"$program" import --format ndjson "$here/content.ndjson"
token() { "$program" token create --role "$@" | grep -o 'tg_[a-z2-7]*'; }
reader=$(token READER --name 林小满)
publisher=$(token PUBLISHER --publisher pub_01h455vb4pex5vsknk084sn001)
editor=$(token EDITOR --name 沈编辑) moderator=$(token MODERATOR --name 值班) integrator=$(token INTEGRATOR)
admin=$(token ADMIN --name 站长)

"$program" serve --addr 127.0.0.1:18997 --media-dir "$dir" --rate-limit 0 --write-limit 0 --log-level warn \
  --webhook-allow-network 127.0.0.0/8 --notice-url http://127.0.0.1:9/ --notice-secret whsec_dGVzdC10ZXN0LXRlc3QtdGVzdC10ZXN0LXRlc3Q= & server=$!
trap 'kill $server; wait $server || true; rm -rf "$dir"' EXIT
curl -s -o /dev/null --retry 40 --retry-delay 1 --retry-connrefused $url/readyz

# ask TOKEN QUERY [JQ]: sends a query and prints what JQ selects of its data; fails on an error.
ask() {
  local answer
  answer=$(jq -n --arg q "$2" '{query: $q}' | curl -s $url/graphql -H 'Content-Type: application/json' ${1:+-H "Authorization: Bearer $1"} -d @-)
  if jq -e '.errors or ([.data[]?.userErrors? // empty | .[]] | length > 0)' <<<"$answer" >/dev/null; then
    echo "$2"$'\n'"$answer" >&2
    return 1
  fi
  jq -r "${3:-empty}" <<<"$answer"
}
noodles=art_01h455vb4pex5vsknk084sn001 ferry=art_01h455vb4pex5vsknk084sn002 kite=art_01h455vb4pex5vsknk084sn003
lamp=art_01h455vb4pex5vsknk084sn004 gone=art_01h455vb4pex5vsknk084sn005 approved=cmt_01h455vb4pex5vsknk084sn001

ask "$admin" 'mutation { updateSite(input: {name: "青螺渡报", contact: "编辑部 0000-1234567", icpNumber: "青ICP备00000001号"}) { userErrors { message } } }'
ask "$moderator" 'mutation { putWordList(input: {name: "ads", text: "加微信\thold"}) { userErrors { message } } }'
ask "$integrator" 'mutation { createWebhook(input: {url: "https://127.0.0.1:8443/hook", name: "镜像站"}) { userErrors { message } } }' ||
  ask "$admin" 'mutation { createWebhook(input: {url: "https://127.0.0.1:8443/hook", name: "镜像站"}) { userErrors { message } } }'

# Articles: one written by a publisher with a picture, revised, scheduled; one deleted.
base64 -d >"$dir/pixel.png" <<<iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC
picture=$(curl -s -H "Authorization: Bearer $publisher" -F file=@"$dir/pixel.png" -F alt=一块红色 $url/upload | jq -r .url)
draft=$(ask "$publisher" "mutation { createArticle(input: {title: \"新码头开工\", category: \"cat_01h455vb4pex5vsknk084sn002\", tags: [\"码头\"], cover: \"$picture\",
  body: {markdown: \"打下第一根桩。\"}}) { article { id } userErrors { message } } }" .data.createArticle.article.id)
ask "$publisher" "mutation { updateArticle(input: {article: \"$draft\", version: 1, title: \"新码头今日开工\"}) { userErrors { message } } }"
ask "$publisher" "mutation { publishArticle(input: {article: \"$draft\", at: \"2099-01-01T08:00:00+08:00\"}) { userErrors { message } } }"
ask "$editor" "mutation { deleteArticle(input: {id: \"$gone\"}) { userErrors { message } } }"
ask "" "mutation { recordView(input: {article: \"$noodles\"}) { userErrors { message } } }"

# Comments: with an idempotency key, a batch that is undone, one taken down.
mine=$(ask "$reader" "mutation { addComment(input: {article: \"$noodles\", text: \"面馆几点关门？\", authorName: \"小满\", idempotencyKey: \"upgrade-test-key-0001\"}) { comment { id } userErrors { message } } }" .data.addComment.comment.id)
undo=$(ask "$moderator" "mutation { moderateComments(input: {comments: [\"$mine\"], status: REJECTED, reason: \"手滑\"}) { undo userErrors { message } } }" .data.moderateComments.undo)
ask "$moderator" "mutation { undoModeration(input: {undo: \"$undo\"}) { userErrors { message } } }"
ask "$moderator" "mutation { trustCommenter(input: {comment: \"$mine\", trust: TRUSTED}) { userErrors { message } } }"
ask "$moderator" "mutation { takeDown(input: {item: \"$approved\", reason: \"广告\"}) { userErrors { message } } }"

# Reports: one with evidence, material, an attachment and a decision; takedowns, one lifted.
receipt=$(ask "" "mutation { fileReport(input: {target: \"$ferry\", kind: COPYRIGHT, statement: \"渡船的照片是我拍的。\", contact: \"13900000000\",
  evidence: {claimant: \"沈渡\", address: \"码头一号\", workTitle: \"渡口旧事\", proof: \"底片在我手里。\", truthful: true}}) { receipt userErrors { message } } }" .data.fileReport.receipt)
curl -s -f -o /dev/null -H "X-Tonggao-Receipt: $receipt" --data-binary @"$dir/pixel.png" $url/upload
ask "" "mutation { addReportMaterial(input: {receipt: \"$receipt\", statement: \"补充：底片编号一〇七。\"}) { userErrors { message } } }"
report=$(ask "$moderator" '{ reports(first: 1) { nodes { id } } }' '.data.reports.nodes[0].id' 2>/dev/null || ask "$moderator" '{ reports(first: 1) { edges { node { id } } } }' '.data.reports.edges[0].node.id')
ask "$moderator" "mutation { reviewReport(input: {report: \"$report\", decision: ACCEPT, reason: \"材料齐全\"}) { userErrors { message } } }"
ask "$moderator" "mutation { reviewReport(input: {report: \"$report\", decision: TAKE_DOWN, reason: \"侵权成立\"}) { userErrors { message } } }"
ask "$moderator" "mutation { takeDown(input: {item: \"$kite\", reason: \"待核实\"}) { userErrors { message } } }"
ask "$moderator" "mutation { restore(input: {item: \"$kite\", reason: \"已核实\"}) { userErrors { message } } }"
ask "$moderator" "mutation { takeDown(input: {item: \"$lamp\", reason: \"失实\"}) { userErrors { message } } }"
ask "$moderator" "mutation { reveal(input: {item: \"$noodles\", reason: \"公安机关来函\"}) { userErrors { message } } }"
sleep 4 # for a delivery to the webhook, and for the counted views to be written
