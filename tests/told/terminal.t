What the program says of a terminal and of a locale.

  $ . "$TOLD/setup.sh"
  $ of() { env -u LC_ALL -u LC_CTYPE -u LANG -u TERM "$@" "$SADDLE" doctor | grep -E '^(terminal|locale):'; }

  $ of TERM=xterm-256color LC_ALL=C.UTF-8
  terminal: TERM=xterm-256color, 256 colours
  locale: LC_ALL=C.UTF-8, UTF-8
  $ of TERM=xterm LC_ALL=C
  terminal: TERM=xterm, 8 colours
  locale: LC_ALL=C, no UTF-8, so the screen is in ASCII; LC_ALL=C.UTF-8 gives lines, blocks and braille
  $ of TERM=linux LANG=C.UTF-8
  terminal: TERM=linux, 8 colours
  locale: LANG=C.UTF-8, UTF-8
  $ of TERM=vt100 LC_CTYPE=C.UTF-8 LANG=C
  terminal: TERM=vt100, 0 colours
  locale: LC_CTYPE=C.UTF-8, UTF-8
  $ of TERM=dumb LC_ALL= LC_CTYPE= LANG=C.UTF-8
  terminal: TERM=dumb, 0 colours
  locale: LANG=C.UTF-8, UTF-8
  $ of TERM=nonsense LC_ALL=xx_YY.UTF-8
  terminal: TERM=nonsense is not known here; 'TERM=xterm-256color saddle' fits most terminals (in tmux and screen TERM=screen-256color), --no-screen does without
  locale: LC_ALL=xx_YY.UTF-8 is not installed here, so the screen is in ASCII; LC_ALL=C.UTF-8 gives lines, blocks and braille
  $ of TERM= LANG=a-name-of-a-locale-that-is-longer-than-forty-characters
  terminal: TERM= is not known here; 'TERM=xterm-256color saddle' fits most terminals (in tmux and screen TERM=screen-256color), --no-screen does without
  locale: LANG=a-name-of-a-locale-that-is-longer-than-f is not installed here, so the screen is in ASCII; LC_ALL=C.UTF-8 gives lines, blocks and braille
  $ of A=
  terminal: TERM= is not known here; 'TERM=xterm-256color saddle' fits most terminals (in tmux and screen TERM=screen-256color), --no-screen does without
  locale: no locale is set (LANG), so the screen is in ASCII; LC_ALL=C.UTF-8 gives lines, blocks and braille
