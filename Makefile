# What a developer and a new user need. "make test" is the gate: .ci/run calls it.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
LISTEN := 127.0.0.1:8080
FUZZTIME := 3s
FUZZBUDGET := 120

VRAAGBAAK := bin/vraagbaak

.PHONY: build test lint unit real models fuzz bench fmt demo clean

build: ## the binary, bin/vraagbaak
	CGO_ENABLED=0 go build -trimpath -o $(VRAAGBAAK) ./cmd/vraagbaak

fmt: ## gofmt
	gofmt -w $$(git ls-files '*.go')

lint: ## gofmt, go vet, staticcheck
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$unformatted" ]; then echo "not formatted (make fmt):"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go run $(STATICCHECK) ./...

models: build ## the models that are used where no other is configured, checked
	$(VRAAGBAAK) models pull

# The tests run twice: under the race detector without models, and without it
# with the real ones (the model itself is native code, which the detector does
# not see). internal/testreport counts a test once and fails where one failed in
# either run.
test: lint models fuzz ## everything
	export VRAAGBAAK_TEST_RUNTIME="$$($(VRAAGBAAK) models path runtime)" \
	       VRAAGBAAK_TEST_EMBEDDER="$$($(VRAAGBAAK) models path embedder)" \
	       VRAAGBAAK_TEST_GENERATOR="$$($(VRAAGBAAK) models path generator)"; \
	go run ./internal/testreport -race -short -timeout 10m ./... -- -timeout 15m ./...

unit: ## the tests that need no models, quickly
	go run ./internal/testreport -short ./...

real: models ## the tests with the real models
	export VRAAGBAAK_TEST_RUNTIME="$$($(VRAAGBAAK) models path runtime)" \
	       VRAAGBAAK_TEST_EMBEDDER="$$($(VRAAGBAAK) models path embedder)" \
	       VRAAGBAAK_TEST_GENERATOR="$$($(VRAAGBAAK) models path generator)"; \
	go run ./internal/testreport -timeout 15m ./...

fuzz: ## every fuzz target for FUZZTIME, FUZZBUDGET seconds in all
	.ci/fuzz $(FUZZTIME) $(FUZZBUDGET)

bench: ## the benchmarks
	go test -run '^$$' -bench . -benchmem ./...

demo: models ## ingest a municipality that does not exist, and serve its site with the assistant in it
	.ci/demo $(VRAAGBAAK) testdata/demo.yaml $(LISTEN)

clean:
	rm -rf bin demo-data demo-data-* testdata/demo.local.yaml
