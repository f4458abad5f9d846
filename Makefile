# The two commands that matter are `make run` and `make test`; `make help` lists the others.

# Who works on Aviary has no warnings; for whoever only builds it they are none of their business.
test-long browser faults sanitize coverage fuzz: export AVIARY_STRICT = 1

.PHONY: run test test-long build bench browser faults fuzz sanitize coverage format lint docs clean help

run: ## Install what is missing, build a release and start the server on http://localhost:8080
	scripts/install run
	swift build -c release --product aviary
	.build/release/aviary serve

test: ## Install what is missing and run every test, on SQLite and PostgreSQL
	scripts/test

test-long: ## What takes longer: the instructions of some requests beside their budget, the browser tests that are marked so, a million schedules of nodes, the server killed again and again, also beside the version before, the sanitizers, and ten minutes of fuzzing for each parser
	scripts/install bench
	scripts/instructions
	swift build --product aviary
	scripts/browser -m long Tests/Browser
	scripts/schedules 1000000
	scripts/faults
	scripts/sanitize
	scripts/fuzz 600

build: ## Build the release
	scripts/install run
	swift build -c release --product aviary

bench: ## Measure a release build and print the figures
	scripts/bench --markdown docs/benchmarks.md --plots docs

browser: ## Run the browser tests; pictures of all views lie in .build/browser afterwards
	scripts/install test
	swift build --product aviary
	scripts/browser

faults: ## Kill the server under load, again and again, and check that nothing is lost
	scripts/faults

fuzz: ## Look for bytes that break a parser (JSON, WebSocket frames, forms, messages), for a minute each
	scripts/install test
	scripts/fuzz

sanitize: ## Run the tests of the parts with the thread and the address sanitizer
	scripts/install test
	scripts/sanitize

coverage: ## Measure how much of each module the Swift tests run, and write docs/coverage.md
	scripts/install test
	scripts/coverage

format: ## Format the sources in place
	swift format --in-place --recursive --parallel Sources Plugins Tests Benchmarks Package.swift
	scripts/deno fmt --quiet

lint: ## Fail on sources that are not formatted, on what the web client never uses, on what shellcheck finds and on what the rules of the house forbid; the tests treat warnings as errors
	scripts/install test
	swift format lint --strict --recursive --parallel Sources Plugins Tests Benchmarks Package.swift
	scripts/deno fmt --check --quiet
	scripts/deno lint --quiet
	scripts/preloads.mjs --check
	scripts/check-scripts
	swift package resolve
	node --test Tests/House/

docs: ## Write the reference pages that are made from the code
	swift build -c release --product aviary
	.build/release/aviary docs --output docs

clean: ## Remove what was built
	swift package clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10
