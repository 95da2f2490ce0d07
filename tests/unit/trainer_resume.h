/* tests/unit/trainer_resume.h - the second half of tests/unit/trainer: how many of its tests failed. */
#ifndef TESTS_UNIT_TRAINER_RESUME_H
#define TESTS_UNIT_TRAINER_RESUME_H

int trainer_resume_tests(void);

#endif
