# tests/unit
check_PROGRAMS += tests/unit/schedule tests/unit/knobs tests/unit/event tests/unit/operations
tests_unit_schedule_SOURCES = tests/unit/schedule.c
tests_unit_schedule_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
tests_unit_knobs_SOURCES = tests/unit/knobs.c
tests_unit_knobs_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
tests_unit_event_SOURCES = tests/unit/event.c
tests_unit_event_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
tests_unit_operations_SOURCES = tests/unit/operations.c tests/unit/check.h
tests_unit_operations_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/schedule tests/unit/knobs tests/unit/event tests/unit/operations

check_PROGRAMS += tests/unit/base
tests_unit_base_SOURCES = tests/unit/base.c tests/unit/check.h
tests_unit_base_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/base
check_PROGRAMS += tests/unit/file
tests_unit_file_SOURCES = tests/unit/file.c tests/unit/check.h
tests_unit_file_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/file
check_PROGRAMS += tests/unit/imbalance
tests_unit_imbalance_SOURCES = tests/unit/imbalance.c tests/unit/check.h
tests_unit_imbalance_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/imbalance
check_PROGRAMS += tests/unit/cifar
tests_unit_cifar_SOURCES = tests/unit/cifar.c tests/unit/check.h
tests_unit_cifar_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/cifar
check_PROGRAMS += tests/unit/augment
tests_unit_augment_SOURCES = tests/unit/augment.c tests/unit/check.h
tests_unit_augment_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/augment
check_PROGRAMS += tests/unit/picture tests/unit/pictures
tests_unit_picture_SOURCES = tests/unit/picture.c tests/unit/check.h tests/pictures/png.h
tests_unit_picture_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
tests_unit_pictures_SOURCES = tests/unit/pictures.c tests/unit/check.h tests/pictures/paint.c tests/pictures/paint.h
tests_unit_pictures_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_unit_pictures_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/picture tests/unit/pictures
check_PROGRAMS += tests/unit/sampler
tests_unit_sampler_SOURCES = tests/unit/sampler.c tests/unit/check.h
tests_unit_sampler_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/sampler
check_PROGRAMS += tests/unit/dataset
tests_unit_dataset_SOURCES = tests/unit/dataset.c tests/unit/check.h
tests_unit_dataset_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/dataset

check_PROGRAMS += tests/unit/safetensors tests/unit/families tests/unit/optim
tests_unit_safetensors_SOURCES = tests/unit/safetensors.c
tests_unit_safetensors_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
tests_unit_families_SOURCES = tests/unit/families.c
tests_unit_families_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
tests_unit_optim_SOURCES = tests/unit/optim.c
tests_unit_optim_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_unit_optim_LDADD = $(CASES) $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/safetensors tests/unit/families tests/unit/optim
check_PROGRAMS += tests/unit/groups
GROUPS_TEST = tests/unit/groups.c tests/unit/groups.h tests/unit/scales.c
tests_unit_groups_SOURCES = $(GROUPS_TEST)
tests_unit_groups_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_unit_groups_LDADD = $(CASES) $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/groups
check_PROGRAMS += tests/unit/feature_bank
tests_unit_feature_bank_SOURCES = tests/unit/feature_bank.c tests/unit/bands.h
tests_unit_feature_bank_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_unit_feature_bank_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/feature_bank

check_PROGRAMS += tests/unit/loss
tests_unit_loss_SOURCES = tests/unit/loss.c
tests_unit_loss_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/loss

check_PROGRAMS += tests/unit/curvature_op
tests_unit_curvature_op_SOURCES = tests/unit/curvature_op.c
tests_unit_curvature_op_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/curvature_op
check_PROGRAMS += tests/unit/lanczos
tests_unit_lanczos_SOURCES = tests/unit/lanczos.c
tests_unit_lanczos_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/lanczos
check_PROGRAMS += tests/unit/tensors
tests_unit_tensors_SOURCES = tests/unit/tensors.c tests/unit/check.h
tests_unit_tensors_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/tensors
check_PROGRAMS += tests/unit/record
tests_unit_record_SOURCES = tests/unit/record.c tests/unit/check.h
tests_unit_record_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
TESTS += tests/unit/record
check_PROGRAMS += tests/unit/curves
tests_unit_curves_SOURCES = tests/unit/curves.c tests/unit/sessions.c tests/unit/sessions.h tests/unit/check.h
tests_unit_curves_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
TESTS += tests/unit/curves
check_PROGRAMS += tests/unit/comparison
tests_unit_comparison_SOURCES = tests/unit/comparison.c tests/unit/compared.h tests/unit/session_root.h tests/unit/sessions.c tests/unit/sessions.h tests/unit/check.h
tests_unit_comparison_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
TESTS += tests/unit/comparison
check_PROGRAMS += tests/unit/comparison_odd
tests_unit_comparison_odd_SOURCES = tests/unit/comparison_odd.c tests/unit/compared.h tests/unit/session_root.h tests/unit/sessions.c tests/unit/sessions.h tests/unit/check.h
tests_unit_comparison_odd_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
TESTS += tests/unit/comparison_odd
check_PROGRAMS += tests/unit/density
tests_unit_density_SOURCES = tests/unit/density.c tests/unit/check.h
tests_unit_density_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
TESTS += tests/unit/density
check_PROGRAMS += tests/unit/lineage
tests_unit_lineage_SOURCES = tests/unit/lineage.c tests/unit/check.h
tests_unit_lineage_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
TESTS += tests/unit/lineage
check_PROGRAMS += tests/unit/session
tests_unit_session_SOURCES = tests/unit/session.c tests/unit/session_root.h tests/unit/session_snapshots.c tests/unit/session_snapshots.h \
	tests/unit/sessions.c tests/unit/sessions.h tests/unit/check.h
tests_unit_session_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
TESTS += tests/unit/session

check_PROGRAMS += tests/unit/catalog
tests_unit_catalog_SOURCES = tests/unit/catalog.c tests/unit/session_root.h tests/unit/sessions.c tests/unit/sessions.h tests/unit/check.h
tests_unit_catalog_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
TESTS += tests/unit/catalog
check_PROGRAMS += tests/unit/many_classes
tests_unit_many_classes_SOURCES = tests/unit/many_classes.c tests/unit/session_root.h tests/unit/sessions.c tests/unit/sessions.h tests/unit/check.h
tests_unit_many_classes_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
TESTS += tests/unit/many_classes

check_PROGRAMS += tests/unit/plan
tests_unit_plan_SOURCES = tests/unit/plan.c tests/unit/running.h
tests_unit_plan_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_unit_plan_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/plan

check_PROGRAMS += tests/unit/trainer
tests_unit_trainer_SOURCES = tests/unit/trainer.c tests/unit/trainer_resume.c tests/unit/trainer_resume.h tests/unit/running.h
tests_unit_trainer_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_unit_trainer_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/trainer
check_PROGRAMS += tests/unit/history
tests_unit_history_SOURCES = tests/unit/history.c tests/unit/history_curvature.c tests/unit/history_fold.h \
	tests/unit/sessions.c tests/unit/sessions.h tests/unit/check.h
tests_unit_history_LDADD = $(LINK_SESSION) $(CMOCKA_LIBS)
TESTS += tests/unit/history

check_PROGRAMS += tests/unit/net
tests_unit_net_SOURCES = tests/unit/net.c
tests_unit_net_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/net

check_PROGRAMS += tests/unit/lex
tests_unit_lex_SOURCES = tests/unit/lex.c
tests_unit_lex_LDADD = $(LINK_REPL) $(CMOCKA_LIBS)
TESTS += tests/unit/lex

check_PROGRAMS += tests/unit/commands
tests_unit_commands_SOURCES = tests/unit/commands.c
tests_unit_commands_LDADD = $(LINK_REPL) $(CMOCKA_LIBS)
TESTS += tests/unit/commands
dist_check_SCRIPTS += tests/unit/session_tools.py
TESTS += tests/unit/session_tools.py

check_PROGRAMS += tests/unit/spectrum
tests_unit_spectrum_SOURCES = tests/unit/spectrum.c
tests_unit_spectrum_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/spectrum

check_PROGRAMS += tests/unit/learner
tests_unit_learner_SOURCES = tests/unit/learner.c tests/unit/bands.h tests/unit/school.h tests/unit/lazy.c tests/unit/lazy.h
tests_unit_learner_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_unit_learner_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/learner
check_PROGRAMS += tests/unit/stages
tests_unit_stages_SOURCES = tests/unit/stages.c tests/unit/bands.h tests/unit/school.h tests/unit/running.h
tests_unit_stages_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_unit_stages_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/stages

check_PROGRAMS += tests/unit/guests
tests_unit_guests_SOURCES = tests/unit/guests.c tests/unit/bands.h
tests_unit_guests_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_unit_guests_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/guests

check_PROGRAMS += tests/unit/probes
tests_unit_probes_SOURCES = tests/unit/probes.c tests/unit/running.h
tests_unit_probes_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_unit_probes_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/probes

AHEAD_TEST = tests/unit/ahead.c tests/unit/ahead.h tests/unit/running.h
check_PROGRAMS += tests/unit/ahead
tests_unit_ahead_SOURCES = $(AHEAD_TEST) tests/unit/ahead_live.c tests/unit/lazy.c tests/unit/lazy.h
tests_unit_ahead_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_unit_ahead_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/ahead

check_PROGRAMS += tests/unit/recorded
tests_unit_recorded_SOURCES = tests/unit/recorded.c tests/unit/small_data.h tests/unit/sessions.c tests/unit/sessions.h tests/unit/check.h
tests_unit_recorded_LDADD = $(LINK_REPL) $(CMOCKA_LIBS)
TESTS += tests/unit/recorded

check_PROGRAMS += tests/unit/script
tests_unit_script_SOURCES = tests/unit/script.c tests/unit/session_root.h tests/unit/sessions.c tests/unit/sessions.h tests/unit/check.h
tests_unit_script_LDADD = $(LINK_REPL) $(CMOCKA_LIBS)
TESTS += tests/unit/script
check_PROGRAMS += tests/unit/reading
tests_unit_reading_SOURCES = tests/unit/reading.c
tests_unit_reading_LDADD = $(LINK_ENGINE) $(CMOCKA_LIBS)
TESTS += tests/unit/reading
