#!/bin/sh
# clang.sh ARGUMENT...: clang for a build with --enable-fuzzing, which leaves the loops of the cpu back end as they are: they read nothing that others
# wrote, and instrumented each of their files takes minutes to compile.
case "$*" in
*src/kernels/cpu/isa_*)
    for word; do
        shift
        case $word in -fsanitize=* | -fno-sanitize*) ;; *) set -- "$@" "$word" ;; esac
    done
    ;;
esac
exec clang "$@"
