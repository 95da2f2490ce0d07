/* tests/unit/check.h - what every unit test includes before cmocka's header, in the order cmocka asks for. */
#ifndef UNIT_CHECK_H
#define UNIT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The message of a failure must say this. */
#define assert_says(err, part) \
    do { \
        if (!strstr((err).text, part)) \
            fail_msg("'%s' does not say '%s'", (err).text, part); \
    } while (0)

#endif
