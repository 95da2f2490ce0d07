# Transcripts: what the program prints, word for word.
told_transcripts = \
	tests/told/looking.t
TEST_EXTENSIONS = .t
T_LOG_COMPILER = $(LOG_COMPILER) $(srcdir)/tests/told/told.sh
TESTS += $(told_transcripts)
EXTRA_DIST += tests/told/told.sh tests/told/setup.sh $(told_transcripts)
