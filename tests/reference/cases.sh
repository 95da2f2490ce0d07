# cases.sh - how the scripts of this folder choose among the cases of a program that compares with recorded numbers.
# SADDLE_FIXTURE_CASES=more: those that .ci/run takes; =all: every one; else those of make check.
compare() { # PROGRAM BACKEND FEW MORE: runs it on each case named in FEW or MORE; does not return
    program=${top_builddir:-.}/tests/reference/$1
    case ${SADDLE_FIXTURE_CASES:-} in
    all) exec "$program" "$2" ;;
    more) cases=$4 ;;
    *) cases=$3 ;;
    esac
    for case in $cases; do
        "$program" "$2" "$case" || exit
    done
    exit 0
}
