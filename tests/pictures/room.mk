# Pictures: what saddle sees in them, beside Pillow; and programs that write some and show what is seen.
check_PROGRAMS += tests/pictures/see tests/pictures/speed tests/pictures/painter
tests_pictures_see_SOURCES = tests/pictures/see.c
tests_pictures_see_LDADD = $(LINK_ENGINE)
tests_pictures_speed_SOURCES = tests/pictures/speed.c
tests_pictures_speed_LDADD = $(LINK_ENGINE)
tests_pictures_painter_SOURCES = tests/pictures/painter.c tests/pictures/paint.c tests/pictures/paint.h
tests_pictures_painter_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)
tests_pictures_painter_LDADD = $(JPEG_LIBS) $(PNG_LIBS)
dist_check_SCRIPTS += tests/pictures/pillow.sh
TESTS += tests/pictures/pillow.sh
EXTRA_DIST += tests/pictures/pillow.py tests/pictures/speed.py tests/pictures/golden.py tests/pictures/golden
