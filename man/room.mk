# man pages. saddle-commands.7 is written by `saddle --dump-man`; tests/cli/manual.sh compares.
dist_man_MANS += man/saddle.1 man/saddle-commands.7 man/saddlerc.5 man/saddle-session.5
