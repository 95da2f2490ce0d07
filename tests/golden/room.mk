# Recorded sessions of earlier programs, kept for good; record.sh is how they were made and never run.
golden_sessions = sgd sam ldam drw knobs pending probes broken twice noise priors unsaved
dist_check_SCRIPTS += tests/golden/golden.py
TESTS += tests/golden/golden.py
EXTRA_DIST += tests/golden/record.sh $(golden_sessions:%=tests/golden/%.saddle) $(golden_sessions:%=tests/golden/%.expected)
