# The commands a newcomer needs.
.PHONY: run test bench

run: ## build and start a demo, with nothing outside this machine
	@scripts/run.sh

test: ## everything that has to pass
	@scripts/test.sh

bench: ## figures beside those of other programs
	@scripts/bench.sh
