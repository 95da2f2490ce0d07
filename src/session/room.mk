noinst_LIBRARIES += libsession.a
libsession_a_SOURCES = \
	src/session/board.c src/session/board.h \
	src/session/catalog.c \
	src/session/comparison.c src/session/comparison.h src/session/comparison_csv.c src/session/comparison_line.c src/session/comparison_look.c src/session/comparison_private.h src/session/comparison_series.c \
	src/session/csv.c src/session/csv.h \
	src/session/density.c src/session/density.h \
	src/session/export_csv.c src/session/export_wide.c src/session/rows.c src/session/rows.h src/session/summary.c src/session/summary.h \
	src/session/export_curves.c src/session/export_curves.h src/session/figure.c src/session/figure_chart.c src/session/figure_chart.h src/session/figure_compare.c src/session/figure_compare.h src/session/figure_panels.c src/session/figure_panels.h src/session/figure_run.c src/session/figure_run.h \
	src/session/fold.h src/session/fold_lines.c src/session/fold_probe.c src/session/fold_result.c src/session/fold_said.c \
	src/session/folder.c src/session/folder.h \
	src/session/history.c src/session/history.h \
	src/session/io.c src/session/io.h \
	src/session/journal.c src/session/journal.h \
	src/session/knob_trail.c src/session/knob_trail.h \
	src/session/lineage.c src/session/lineage.h \
	src/session/mail_send.c src/session/mailbox.c src/session/mailbox.h src/session/mailbox_private.h \
	src/session/metric.c src/session/metric.h \
	src/session/pack.h src/session/pack_write.c src/session/unpack.c \
	src/session/place.c src/session/place.h \
	src/session/publish.c \
	src/session/record.c src/session/record.h \
	src/session/recording.c src/session/recording.h \
	src/session/reserve.c \
	src/session/session.c src/session/session.h \
	src/session/shelf.c src/session/shelf.h \
	src/session/snapshot.h src/session/snapshot_read.c src/session/snapshot_write.c \
	src/session/stream.c src/session/stream.h \
	src/session/trace.c \
	src/session/verify.c \
	src/session/walk.c src/session/walk.h \
	src/session/writer.c src/session/writer_text.c src/session/writer.h
