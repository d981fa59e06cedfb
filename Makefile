# The commands a newcomer needs.
.PHONY: run test bench torture

run: ## build and start a demo, with nothing outside this machine
	@scripts/run.sh

test: ## everything that has to pass
	@scripts/test.sh

torture: ## ten thousand expiries under fire; takes an hour
	@scripts/torture.sh

bench: ## figures beside those of other programs
	@scripts/bench.sh
