# The module's commands. `make help` lists them.
GOLANGCI_LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.9.0
MODULES = . internal/e2e internal/bench internal/stores examples/cluster
FUZZTIME ?= 30s
# The race detector needs a C compiler.
RACE := $(shell command -v "$$(go env CC)" >/dev/null 2>&1 && echo -race)

.DEFAULT_GOAL := help
.PHONY: help test e2e stores chaos lint fuzz bench mutants

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "%-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

test: ## Run every suite, with the race detector where there is a C compiler
	@[ -n "$(RACE)" ] || { echo "SKIP race detector: no C compiler" >&2; [ -z "$$CI" ]; }
	go vet ./...
	GOARCH=386 go build ./core/... ./ginmw ./echomw/... ./nethttpmw # where an int has 32 bits
	go test $(RACE) -timeout 9m ./...
	$(MAKE) --no-print-directory e2e
	$(MAKE) --no-print-directory stores
	@[ -z "$(RACE)" ] || echo "go test ./internal/model: at full depth, for which the race detector has no time"
	@[ -z "$(RACE)" ] || go test ./internal/model
	cd internal/bench && go vet ./... && go test ./...
	cd examples/cluster && go vet ./...

e2e: ## Run the tests in a real browser: needs Chromium and npm, and says so where they are missing
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || echo "SKIP Chromium is not installed: apt-get install chromium" >&2
	cd internal/e2e && { ! command -v npm >/dev/null || npm ci --no-audit --no-fund --silent || [ -z "$$CI" ]; }
	cd internal/e2e && go vet ./... && go test -timeout 9m ./...

lint: ## Run the linters (staticcheck and gosec among them) and govulncheck, pinned, in every module
	@for dir in $(MODULES); do echo "== $$dir"; (cd $$dir && go run $(GOLANGCI_LINT) run ./...) || exit 1; done
	@unchecked=; for dir in $(MODULES); do echo "== $$dir: govulncheck"; \
		out=$$(cd $$dir && go run $(GOVULNCHECK) ./... 2>&1); status=$$?; echo "$$out"; \
		case "$$out" in \
			*"fetching vulnerabilities"*) unchecked="$$unchecked $$dir";; \
			*) [ $$status = 0 ] || exit $$status;; \
		esac; \
	done; \
	[ -z "$$unchecked" ] || echo "SKIP govulncheck: NOTHING WAS CHECKED for known vulnerabilities in:$$unchecked. The database, https://vuln.go.dev, cannot be reached from here" >&2

stores: ## Run the tests over a real Redis and a real PostgreSQL: needs redis-server and postgresql, and says so where they are missing
	@command -v redis-server >/dev/null || echo "SKIP redis-server is not installed: apt-get install redis-server" >&2
	@command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || echo "SKIP PostgreSQL is not installed: apt-get install postgresql" >&2
	cd internal/stores && go vet ./... && go test $(RACE) -timeout 9m ./...

chaos: ## Let 2,000 people log in while instances are restarted and killed: needs nginx and redis-server, and says so where they are missing
	cd examples/cluster && go vet ./... && go test $(RACE) -count 1 -timeout 4m -v ./...

bench: ## Measure requests against peers, in one table, and draw docs/bench.svg; BENCHFLAGS=-quick is brief
	cd internal/bench && go run . -svg ../../docs/bench.svg $(BENCHFLAGS)

fuzz: ## Run each fuzz target for FUZZTIME (30s)
	@for pkg in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "== $$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
		done; \
	done

mutants: ## Take each guard away, one at a time, and see that a test finds it; needs redis-server; about twelve minutes on two cores
	@command -v redis-server >/dev/null || { echo "redis-server is not installed: apt-get install redis-server" >&2; exit 1; }
	go test -timeout 60m -run '^TestMutants$$' -v ./internal/model -mutants .
