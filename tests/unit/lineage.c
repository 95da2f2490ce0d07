/* The descent of runs: by id, whatever they are called now, and whatever a forged recording says. */
#include "config.h"
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "session/lineage.h"

static struct session_info info_of(const char *name, const char *id, const char *parent, const char *parent_id, uint64_t step)
{
    struct session_info i = { .parent_step = step };
    snprintf(i.name, sizeof i.name, "%s", name);
    snprintf(i.id, sizeof i.id, "%s", id);
    snprintf(i.parent, sizeof i.parent, "%s", parent);
    snprintf(i.parent_id, sizeof i.parent_id, "%s", parent_id);
    return i;
}

static void check_order(const struct session_info *list, int n, const char *wanted)
{
    struct kin kin[16];
    char text[400] = "";
    assert_int_equal(lineage_of(list, n, kin), 0);
    for (int i = 0; i < n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d:%s<%s", i ? " " : "", kin[i].depth, list[kin[i].run].name,
                 kin[i].parent < 0 ? "" : list[kin[i].parent].name);
    assert_string_equal(text, wanted);
}

static void children_stand_below(void **state)
{
    (void)state;
    const struct session_info list[] = { info_of("late", "c1", "old-name@9", "a0", 90), info_of("alone", "d0", "", "", 0),
                                         info_of("deep", "e0", "late@12", "c1", 120),   info_of("orphan", "f0", "lost@1", "99", 10),
                                         info_of("base", "a0", "", "", 0),              info_of("early", "b0", "base@1", "a0", 10) };
    check_order(list, 6, "0:alone< 0:orphan< 0:base< 1:early<base 1:late<base 2:deep<late");
    check_order(list, 1, "0:late<");
    check_order(list, 0, "");
}

static void a_copy_is_no_parent(void **state)
{
    (void)state;
    const struct session_info list[] = { info_of("copy", "a0", "", "", 0), info_of("base", "a0", "", "", 0), info_of("child", "b0", "base@1", "a0", 3),
                                         info_of("other", "c0", "gone@1", "a0", 4) };
    check_order(list, 4, "0:copy< 0:base< 1:child<base 1:other<base");
}

/* A run that came of itself, and two that came of each other. */
static void a_circle_is_told_once(void **state)
{
    (void)state;
    const struct session_info list[] = { info_of("self", "a0", "self@1", "a0", 1), info_of("one", "b0", "two@1", "c0", 1), info_of("two", "c0", "one@1", "b0", 1) };
    check_order(list, 3, "0:self< 0:one<two 1:two<one");
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(children_stand_below), cmocka_unit_test(a_copy_is_no_parent),
                                        cmocka_unit_test(a_circle_is_told_once) };
    return cmocka_run_group_tests_name("session/lineage", tests, NULL, NULL);
}
