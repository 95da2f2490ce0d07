# man pages
dist_man_MANS += man/saddle-session.5
