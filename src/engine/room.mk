noinst_LIBRARIES += libengine.a

# what all its rooms speak in: knobs, schedules, events
libengine_a_SOURCES = \
	src/engine/event.c src/engine/event.h src/engine/event_private.h src/engine/event_json.c src/engine/event_read.c \
	src/engine/event_pack.c src/engine/event_pack.h src/engine/event_parts.c src/engine/event_parts.h src/engine/events.def \
	src/engine/image_geometry.h \
	src/engine/knobs.c src/engine/knobs.h src/engine/knobs.def \
	src/engine/losses.h \
	src/engine/measure.c src/engine/measure.h \
	src/engine/networks.h \
	src/engine/operations.c src/engine/operations.h src/engine/operations.def \
	src/engine/optimisers.c src/engine/optimisers.h \
	src/engine/recorded.c src/engine/recorded.h \
	src/engine/rho_auto.c src/engine/rho_auto.h \
	src/engine/room.c src/engine/room.h \
	src/engine/schedule.c src/engine/schedule.h \
	src/engine/stages.c src/engine/stages.h \
	src/engine/train_state.c src/engine/train_state.h

# images, and which of them a step takes
libengine_a_SOURCES += \
	src/engine/data/augment.c src/engine/data/augment.h \
	src/engine/data/batches.c src/engine/data/batches.h \
	src/engine/data/cifar.c src/engine/data/cifar.h \
	src/engine/data/dataset.c src/engine/data/dataset.h \
	src/engine/data/demo.c src/engine/data/demo.h \
	src/engine/data/demo_shapes.c src/engine/data/demo_shapes.h \
	src/engine/data/feed.c src/engine/data/feed.h \
	src/engine/data/imbalance.c src/engine/data/imbalance.h \
	src/engine/data/order.c src/engine/data/order.h \
	src/engine/data/picture.c src/engine/data/picture.h src/engine/data/picture_private.h \
	src/engine/data/picture_cache.c src/engine/data/picture_cache.h src/engine/data/picture_jpeg_write.c \
	src/engine/data/picture_check.c src/engine/data/picture_check.h \
	src/engine/data/picture_findings.c src/engine/data/picture_findings.h \
	src/engine/data/picture_jpeg.c src/engine/data/picture_png.c \
	src/engine/data/picture_listing.c src/engine/data/picture_listing.h src/engine/data/picture_folder.c src/engine/data/picture_list.c \
	src/engine/data/pictures.c src/engine/data/pictures.h src/engine/data/picture_sets.c \
	src/engine/data/resample.c src/engine/data/resample.h \
	src/engine/data/sampler.c src/engine/data/sampler.h \
	src/engine/data/tensors.c src/engine/data/tensors.h

# networks and their weights
libengine_a_SOURCES += \
	src/engine/model/families.c src/engine/model/families.h \
	src/engine/model/groups.c src/engine/model/groups.h \
	src/engine/model/initial.c src/engine/model/initial.h \
	src/engine/model/params.c src/engine/model/params_load.c src/engine/model/params.h

# losses
libengine_a_SOURCES += \
	src/engine/criteria/loss.c src/engine/criteria/loss.h \
	src/engine/criteria/loss_knobs.c src/engine/criteria/loss_knobs.h

# steps
libengine_a_SOURCES += \
	src/engine/optim/adaptive.c src/engine/optim/frozen.c src/engine/optim/frozen.h src/engine/optim/optim.c src/engine/optim/optim.h src/engine/optim/optim_private.h src/engine/optim/classwise.c src/engine/optim/queued.c src/engine/optim/variants.c \
	src/engine/optim/scales.c src/engine/optim/scales.h

# evaluations and curvature
libengine_a_SOURCES += \
	src/engine/probe/cnc.c \
	src/engine/probe/curvature_op.c src/engine/probe/curvature_op.h \
	src/engine/probe/direction.c src/engine/probe/direction.h \
	src/engine/probe/evaluate.c src/engine/probe/evaluate.h \
	src/engine/probe/guest.h \
	src/engine/probe/lanczos.c src/engine/probe/lanczos.h \
	src/engine/probe/margins.c \
	src/engine/probe/options.h \
	src/engine/probe/probe.c src/engine/probe/probe.h \
	src/engine/probe/reading.c src/engine/probe/reading.h \
	src/engine/probe/readings.c src/engine/probe/readings.h \
	src/engine/probe/pyhessian.c src/engine/probe/pyhessian.h \
	src/engine/probe/round.c src/engine/probe/round.h \
	src/engine/probe/slice.c \
	src/engine/probe/spectrum.c src/engine/probe/spectrum.h \
	src/engine/probe/subject.c src/engine/probe/subject.h

# the training thread
libengine_a_SOURCES += \
	src/engine/run/command.c \
	src/engine/run/export.c \
	src/engine/run/feature_bank.c src/engine/run/feature_bank.h \
	src/engine/run/climb.c src/engine/run/climb.h src/engine/run/step_knobs.c src/engine/run/step_knobs.h \
	src/engine/run/learner.c src/engine/run/learner_open.c src/engine/run/learner.h \
	src/engine/run/plan.c src/engine/run/plan_private.h src/engine/run/plan_rho.c src/engine/run/plan_stage.c src/engine/run/plan_batches.c src/engine/run/plan.h \
	src/engine/run/inbox.c src/engine/run/inbox.h \
	src/engine/run/trainer.c src/engine/run/trainer.h src/engine/run/trainer_private.h \
	src/engine/run/trainer_auto.c \
	src/engine/run/trainer_boundary.c \
	src/engine/run/trainer_capture.c \
	src/engine/run/trainer_commands.c \
	src/engine/run/trainer_guest.c \
	src/engine/run/trainer_journal.c \
	src/engine/run/trainer_make.c \
	src/engine/run/trainer_measure.c \
	src/engine/run/trainer_plan.c \
	src/engine/run/trainer_release.c \
	src/engine/run/trainer_roll.c \
	src/engine/run/trainer_set.c \
	src/engine/run/trainer_status.c src/engine/run/trainer_step.c
