# Tonggao. The build tag brings SQLite's full-text search (FTS5) into the binary.
TAGS    := sqlite_fts5
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
GO      := go

# Tests are linked without debugging information, which takes half the time.
# SUITE runs a command with a private PostgreSQL server, where its programs are installed.
SUITE   := $(GO) run ./internal/testkit/suite

# The packages that take longest begin first, and one more than there are processors run at
# a time, since tests also wait for the disk, the database and the browser.
ALL     := -p $$(($$(nproc) + 1)) ./internal/testkit/soak ./graph ./examples/wap/serve ./examples/mini-program ./...

.PHONY: moving vulnerabilities sbom build run test cover race lint generate bench bench-once soak soak-stream soak-idle soak-follow pairs storm standbys drill histories duplicates overload expensive crowd documents fuzz audit mini-program wap-bench pictures interop feeds clean

build: ## the binary, in bin/tonggao
	CGO_ENABLED=1 $(GO) build -tags $(TAGS) -trimpath -ldflags '$(LDFLAGS)' -o bin/tonggao ./cmd/tonggao

run: build ## serve http://127.0.0.1:8080 with demo content
	./bin/tonggao serve --demo

test: ## the whole suite, on SQLite and, where its programs are installed, PostgreSQL; about five minutes on two cores
	$(GO) build -v -tags $(TAGS) ./...
	$(SUITE) $(GO) test -tags $(TAGS) -ldflags '-s -w' -timeout 30m $(ALL)

cover: ## the suite, how much of each package its own tests cover (at least 70 %), and how the lines divide
	$(GO) build -v -tags $(TAGS) ./...
	$(SUITE) -cover $(GO) test -cover -tags $(TAGS) -ldflags '-s -w' -timeout 30m $(ALL)
	$(GO) test -count=1 -v -run '^TestLines$$' ./internal

race: ## the suite under the race detector, short forms only
	$(GO) build -v -race -tags $(TAGS) ./...
	$(SUITE) $(GO) test -tags $(TAGS) -race -short -timeout 30m $(ALL)

lint: ## gofmt, go vet, staticcheck
	@unformatted=$$(gofmt -l cmd ent/schema examples graph internal); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }
	$(GO) vet -tags $(TAGS) ./...
	$(GO) tool staticcheck -tags $(TAGS) ./cmd/... ./examples/... ./graph ./internal/...

vulnerabilities: ## known vulnerabilities in what the program calls; needs https://vuln.go.dev
	$(GO) run golang.org/x/vuln/cmd/govulncheck@v1.9.0 -tags $(TAGS) ./cmd/...

sbom: build ## the software bill of materials of bin/tonggao, in CycloneDX format: bin/tonggao.cdx.json
	$(GO) run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0 bin -json -licenses -version '$(VERSION)' -output bin/tonggao.cdx.json bin/tonggao

generate: ## the generated code, from ent/schema and schema.graphqls
	cd ent && $(GO) run -mod=mod entc.go
	$(GO) run graph/generate.go

BENCHES := ./internal/testkit/bench ./internal/app ./internal/app/loadgen ./internal/app/demo ./internal/body ./internal/body/render ./internal/sync/exporter \
  ./internal/sync/importer/wxr ./internal/foundation/geoip ./internal/foundation/bigram ./internal/foundation/wordfilter ./internal/foundation/ratelimit
bench: ## the front page against a hand-written handler, rendering, search; memory limits as the binary sets them
	GOGC=400 GOMEMLIMIT=1GiB $(SUITE) $(GO) test -tags $(TAGS) -run '^$$' -bench . -benchmem $(BENCHES)

bench-once: ## every benchmark once over little content: does it still run?
	$(SUITE) $(GO) test -tags $(TAGS) -short -run '^$$' -bench . -benchtime 1x $(BENCHES)

# The long forms of tests: TONGGAO_TEST_EFFORT multiplies what they do.
soak: ## 200 cycles of SIGKILL under eight writers and a webhook
	TONGGAO_TEST_EFFORT=50 $(GO) test -tags $(TAGS) -count=1 -timeout 60m -run '^TestKill$$' -v ./internal/testkit/soak

soak-stream: ## 2,000 subscriptions, 100 of them slow consumers: delay, memory, closing
	TONGGAO_TEST_EFFORT=33 $(GO) test -tags $(TAGS) -count=1 -timeout 10m -run '^TestManySubscriptions$$' -v ./internal/testkit/soak

soak-idle: ## 2,000 subscriptions that never read: memory
	TONGGAO_TEST_EFFORT=10 $(GO) test -tags $(TAGS) -count=1 -timeout 20m -run '^TestIdleSubscribers$$' -v ./internal/testkit/soak

soak-follow: ## a follower of 100,000 articles, through 40 kills of each side
	TONGGAO_TEST_EFFORT=500 $(GO) test -tags $(TAGS) -count=1 -timeout 60m -run '^TestFollower$$' -v ./internal/testkit/soak

PAIRS :=
pairs: ## every two mutations that can meet on one item, 50 times at the same moment, on both engines; PAIRS=41..80 is a part
	TONGGAO_TEST_EFFORT=50 TONGGAO_TEST_PAIRS=$(PAIRS) $(SUITE) $(GO) test -tags $(TAGS) -count=1 -timeout 240m -parallel 4 -run '^TestPairs$$' -v ./internal/testkit/soak

storm: ## eight moderators on two replicas for a minute: no deadlock, no false conflict
	TONGGAO_TEST_STORM=60s $(SUITE) $(GO) test -tags $(TAGS) -count=1 -timeout 10m -run '^TestModerationStorm$$' -v ./internal/testkit/soak

DRILL :=
drill: build ## PostgreSQL with standbys under Patroni, PgBouncer, three Tonggaos behind HAProxy, broken 60 times under load; see docs/scaling.md. DRILL="-only kill -keep" are its flags
	TONGGAO_TEST_EFFORT=$${TONGGAO_TEST_EFFORT:-10} $(GO) run ./internal/testkit/drill/cluster $(DRILL)

standbys: ## 16 clients that write and read, 100,000 times, by three programs with standbys: no stale answer
	TONGGAO_TEST_EFFORT=313 $(GO) test -tags $(TAGS) -count=1 -timeout 60m -run '^TestReadsFollowWrites$$' -v ./internal/testkit/soak

histories: ## 10,000 random histories of reports, compared with the table of the state machine, on both engines
	TONGGAO_TEST_EFFORT=250 $(SUITE) $(GO) test -tags $(TAGS) -count=1 -timeout 120m -run '^TestHistories$$' -v ./internal/moderation/report

duplicates: ## a decision on 10,000 reports of a 2 MiB article: its time, and that the database holds one snapshot
	TONGGAO_TEST_EFFORT=250 $(SUITE) $(GO) test -tags $(TAGS) -count=1 -timeout 120m -run '^TestManyDuplicates$$' -v ./internal/moderation/report

expensive: ## search the schema for the documents with the most processor time per point, over 3,000 articles
	TONGGAO_TEST_EFFORT=100 $(GO) test -tags $(TAGS) -count=1 -timeout 60m -run '^TestExpensiveDocuments$$' -v ./graph

moving: ## sites of 1,000 articles in each format move in three times, on both engines
	TONGGAO_TEST_EFFORT=84 $(SUITE) $(GO) test -tags $(TAGS) -count=1 -timeout 120m -run '^TestFormats$$' -v ./internal/sync/importer

overload: ## how much throughput readers keep while four addresses send five times as many requests
	$(SUITE) $(GO) test -tags $(TAGS) -timeout 10m -run '^$$' -bench '^BenchmarkOverload$$' -benchtime 1x ./internal/testkit/soak

crowd: ## 3,000 events to a webhook next to fifty bad receivers, on both engines
	TONGGAO_TEST_EFFORT=50 $(SUITE) $(GO) test -tags $(TAGS) -count=1 -timeout 30m -run '^TestBadReceiversDelayNobody$$' -v ./internal/sync/webhook

documents: ## 100,000 generated documents against the rules of the terminals, 50,000 adversarial inputs against DOMPurify
	TONGGAO_TEST_EFFORT=250 $(GO) test -tags $(TAGS) -count=1 -timeout 60m -run '^TestEveryTerminalShowsEveryDocument$$' ./internal/body/render
	TONGGAO_TEST_EFFORT=50 $(GO) test -tags $(TAGS) -count=1 -timeout 60m -run 'Hostile|DOMPurify' ./internal/body/render

FUZZTIME := 2m
fuzz: ## each fuzz test for two minutes; FUZZTIME=20s for less
	@for pkg in $$($(GO) list -tags $(TAGS) ./...); do \
	  for f in $$($(GO) test -tags $(TAGS) -list '^Fuzz' $$pkg 2>/dev/null | grep '^Fuzz'); do \
	    echo "$$pkg $$f"; $(GO) test -tags $(TAGS) -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; done; done

AUDIT_ADDR := 127.0.0.1:18080
audit: build ## npm's graphql-http audit of the running program; needs Node
	cd internal/api/graphqlhttp/testdata/audit && npm ci --no-fund --no-audit
	@dir=$$(mktemp -d); ./bin/tonggao serve --database sqlite:$$dir/audit.db --addr $(AUDIT_ADDR) --explorer --log-level warn & pid=$$!; \
	trap 'kill $$pid; wait $$pid; rm -rf "$$dir"' EXIT; \
	curl -s -o /dev/null --retry 20 --retry-delay 1 --retry-connrefused http://$(AUDIT_ADDR)/readyz; \
	node internal/api/graphqlhttp/testdata/audit/audit.mjs http://$(AUDIT_ADDR)/graphql

mini-program: ## the mini-program through WeChat's own compiler, and its simulation bundled again; needs Node
	cd examples/mini-program/testdata/simulate && npm ci --no-fund --no-audit && node compile.mjs && node bundle.mjs
	git diff --exit-code --stat examples/mini-program/testdata

wap-bench: ## the article page of examples/wap at 400 kbit/s on a processor four times slower
	$(GO) test -tags $(TAGS) -run '^$$' -bench . -benchtime 3x ./examples/wap/serve

pictures: ## docs/pictures, from the demo; needs Chromium
	mkdir -p docs/pictures
	$(GO) test -tags $(TAGS) -count=1 -run '^TestPictures$$' ./examples/wap/serve -pictures $(CURDIR)/docs/pictures
	$(GO) test -tags $(TAGS) -count=1 -run '^TestModeration$$' ./internal/api/moderatorui -pictures $(CURDIR)/docs/pictures

INTEROP_ADDR := 127.0.0.1:18081
interop: build ## npm's standardwebhooks receives from the running program; needs Node
	cd internal/sync/webhook/testdata/interop && npm ci --no-fund --no-audit
	@dir=$$(mktemp -d); ./bin/tonggao serve --database sqlite:$$dir/interop.db --addr $(INTEROP_ADDR) --webhook-allow-network 127.0.0.0/8 --log-level warn & pid=$$!; \
	trap 'kill $$pid; wait $$pid; rm -rf "$$dir"' EXIT; \
	curl -s -o /dev/null --retry 20 --retry-delay 1 --retry-connrefused http://$(INTEROP_ADDR)/readyz; \
	token() { ./bin/tonggao token create --role $$1 --database sqlite:$$dir/interop.db | grep -o 'tg_[a-z2-7]*'; }; \
	node internal/sync/webhook/testdata/interop/interop.mjs http://$(INTEROP_ADDR)/graphql "$$(token INTEGRATOR)" "$$(token EDITOR)"

FEEDS_ADDR := 127.0.0.1:18082
feeds: build ## npm's feedsmith reads every feed of the demo; needs Node
	cd internal/api/feeds/testdata/feedsmith && npm ci --no-fund --no-audit
	@dir=$$(mktemp -d); ./bin/tonggao serve --demo --database sqlite:$$dir/feeds.db --addr $(FEEDS_ADDR) --base-url http://$(FEEDS_ADDR) --rate-limit 0 --log-level error & pid=$$!; \
	trap 'kill $$pid; wait $$pid; rm -rf "$$dir"' EXIT; \
	curl -s -o /dev/null --retry 20 --retry-delay 1 --retry-connrefused http://$(FEEDS_ADDR)/readyz; \
	node internal/api/feeds/testdata/feedsmith/feeds.mjs http://$(FEEDS_ADDR)

clean:
	rm -rf bin
