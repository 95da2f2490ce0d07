noinst_LIBRARIES += libengine.a
libengine_a_SOURCES = \
	src/engine/augment.c src/engine/augment.h \
	src/engine/cifar.c src/engine/cifar.h \
	src/engine/dataset.c src/engine/dataset.h \
	src/engine/demo.c src/engine/demo.h \
	src/engine/demo_shapes.c src/engine/demo_shapes.h \
	src/engine/imbalance.c src/engine/imbalance.h \
	src/engine/order.c src/engine/order.h \
	src/engine/tensors.c src/engine/tensors.h

# networks, losses, optimisers, curvature, tensor files
libengine_a_SOURCES += \
	src/engine/curvature_op.c src/engine/curvature_op.h \
	src/engine/lanczos.c src/engine/lanczos.h \
	src/engine/loss.c src/engine/loss.h \
	src/engine/optim.c src/engine/optim.h \
	src/engine/foreign.c src/engine/foreign.h \
	src/engine/params.c src/engine/params_load.c src/engine/params.h \
	src/engine/resnet.c src/engine/resnet.h \
	src/engine/safetensors.c src/engine/safetensors.h \
	src/engine/pyhessian.c src/engine/pyhessian.h \
	src/engine/spectrum.c src/engine/spectrum.h

# schedules, knobs, events, the training thread
libengine_a_SOURCES += \
	src/engine/event.c src/engine/event.h src/engine/event_private.h src/engine/event_json.c src/engine/event_read.c \
	src/engine/event_pack.c src/engine/event_pack.h src/engine/events.def \
	src/engine/knobs.c src/engine/knobs.h src/engine/knobs.def \
	src/engine/schedule.c src/engine/schedule.h \
	src/engine/batches.c src/engine/batches.h \
	src/engine/evaluate.c src/engine/export.c src/engine/plan.c src/engine/plan.h src/engine/probe.c src/engine/train_state.c \
	src/engine/cnc.c src/engine/slice.c src/engine/direction.c src/engine/direction.h \
	src/engine/subject.c src/engine/subject.h \
	src/engine/trainer.c src/engine/trainer.h src/engine/trainer_private.h src/engine/trainer_commands.c \
	src/engine/trainer_ahead.c src/engine/trainer_journal.c src/engine/trainer_make.c src/engine/trainer_plan.c src/engine/trainer_roll.c \
	src/engine/trainer_set.c src/engine/trainer_step.c
