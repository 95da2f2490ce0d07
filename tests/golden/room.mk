# Recorded sessions of earlier programs, kept for good; record.sh is how they were made and never run.
golden_sessions = sgd sam ldam drw knobs pending probes broken twice noise priors unsaved
dist_check_SCRIPTS += tests/golden/golden.py
TESTS += tests/golden/golden.py
# Whole trainings, to the bit; the program beside it hands it commands of which some are refused.
check_PROGRAMS += tests/golden/line_by_line
tests_golden_line_by_line_SOURCES = tests/golden/line_by_line.c
tests_golden_line_by_line_LDADD = $(LINK_REPL)
dist_check_SCRIPTS += tests/golden/courses.py tests/golden/courses_of_knobs.py
TESTS += tests/golden/courses.py tests/golden/courses_of_knobs.py
EXTRA_DIST += tests/golden/course_table.py tests/golden/course_data.py tests/golden/courses.expected \
	tests/golden/courses_of_knobs.expected
EXTRA_DIST += tests/golden/record.sh $(golden_sessions:%=tests/golden/%.saddle) $(golden_sessions:%=tests/golden/%.expected)
