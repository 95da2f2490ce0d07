#!/usr/bin/env python3
"""verbs.py - as code a verb of the prompt stands in its rows and in the file of its handler, and nowhere else in src/.

Rows are those of repl/commands.def, of the operation (engine/operations.def), of the measurement (engine/events.def) and of the lines that
keys type (tui/keys.def). The handler's file is the one that defines cmd_VERB(), build_VERB(), which reads
its words, or trainer_do_HANDLER() of its operation. Elsewhere these count as the verb:
  - the name cmd_VERB;
  - a question which operation a command is (op == COMMAND_OP): what others want to know of an operation is a flag of its row. Making a
    command, as { .op = COMMAND_OP }, is a call of it and may stand anywhere in repl/;
  - its text "VERB", or "VERB ..." where lines and verbs are taken: as an argument of the functions of TAKES, compared with a verb, or as
    a .verb. A word that is also something else (a knob, an event, an option, a choice of those) counts there only.
Comments and sentences for people do not count, and neither do the files of WRITES, which write lines of the prompt down."""
import os
import re
import sys

from dead import TOP

ROWS = ('repl/commands.def', 'engine/operations.def', 'engine/events.def', 'tui/keys.def')
OTHERS = ('engine/knobs.def', 'engine/events.def', 'repl/options.def', 'repl/options.h', 'engine/losses.h', 'engine/stages.h')
TAKES = ('app_run_line', 'run_for_class', 'to_prompt', 'bench_warn', 'bench_error', 'run_check_plan', 'run_plan', 'run_check_resumed',
         'setup_remember_data', 'command_find')
WRITES = {
    'repl/script.c': 'export script: a run as lines of the prompt',
    'repl/help.c': 'the examples of the manual',
}
ALLOWED = { # (verb, file): what the word is there
    ('history', 'tui/line.c'): 'the name of the file',
    ('quit', 'main.c'): 'why the run ended, as it is recorded',
    ('quit', 'repl/workbench.c'): 'why the run ended, as it is recorded',
    ('show', 'repl/headless.c'): 'the line that `saddle view` begins with',
    ('undo', 'engine/recorded.h'): "the journal's words of such a change",
}
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.S)
TEXT = re.compile(r'"((?:\\.|[^"\\\n])*)"')
ROW = re.compile(r'^(?:COMMAND\((\w+)|(?:RUN|PROBE)_COMMAND\((\w+), \w+, (\w+))', re.M)
OPTION_OF = r'(?:call_\w+|option_\w+)\(c, $' # before a text: it names an option


def read():
    for where, _, names in os.walk(os.path.join(TOP, 'src')):
        for name in names:
            if name.endswith(('.c', '.h', '.def')):
                path = os.path.join(where, name)
                with open(path, encoding='utf-8') as f:
                    yield os.path.relpath(path, os.path.join(TOP, 'src')), COMMENT.sub(lambda m: re.sub(r'[^\n]', ' ', m[0]), f.read())


def forms(verb, op, ambiguous, text):
    """Patterns of what counts, of those that the text can have: looking for all of them takes a quarter of a minute."""
    if 'cmd_' + verb in text:
        yield r'\bcmd_%s\b' % verb
    if op and 'COMMAND_' + op in text:
        yield r'[=!]= COMMAND_%s\b|\bcase COMMAND_%s\b' % (op, op)
    if '"' + verb not in text:
        return
    yield r'\b(?:%s)\((?:[^"();]|\([^()]*\))*"%s[" ]' % ('|'.join(TAKES), verb)
    yield r'\b(?:strcmp|strncmp)\([\w.>\[\]-]*\bverb, "%s"' % verb
    yield r'\bverb = [^;,]*"%s"' % verb
    yield r'\bsnprintf\(line, sizeof line, "%s[" ]' % verb
    if not ambiguous:
        yield r'"%s"' % verb


def breaches(files):
    """(verb, path, line) of each."""
    other = {word for path in OTHERS for text in TEXT.findall(files.get(path, '')) for word in text.split()}
    for first, op, second in ROW.findall(files['repl/commands.def']):
        verb = first or second
        done = re.search(r'^OPERATION\(%s, "[^"]*", (\w+)' % op, files.get('engine/operations.def', ''), re.M)
        home = [path for path, text in files.items() if re.search(r'^int (?:(?:cmd|build)_%s|trainer_do_%s)\(' % (verb, done[1] if done else verb), text, re.M)]
        for path, text in files.items():
            if path in ROWS or path.endswith('.def') or path in home or path in WRITES or (verb, path) in ALLOWED:
                continue
            for form in forms(verb, op, verb in other, text):
                for m in re.finditer(form, text):
                    if not re.search(OPTION_OF, text[:m.start()]):
                        yield verb, path, text.count('\n', 0, m.end()) + 1


def it_finds():
    """It finds what it is there for."""
    row = {'repl/commands.def': 'COMMAND(zip, LOOK, 0, 0, "zip", "", "", 0, "zips", "")\nRUN_COMMAND(LOSE, nothing, loss, RUN, 0, 0, "loss", "", "", 0, "", "")\n',
           'engine/knobs.def': 'KNOB(LOSS, "loss")\n', 'repl/zip.c': 'int cmd_zip(void)\n{\n    return strcmp(verb, "zip");\n}\n'}
    yes = ['x(cmd_zip);', 'f("zip");', 'app_run_line("zip 3", true);', 'app_run_line(a(b) ? "zip" : c);', 'strcmp(c->info->verb, "loss")', 'q.verb = "loss";', 'if (c->op == COMMAND_LOSE)']
    no = ['/* zip */', 'say("zip it");', 'f("loss");', 'call_value(c, "zip")', 'c = { .op = COMMAND_LOSE };', 'zip("x");']
    wrong = [line for found, lines in ((True, yes), (False, no)) for line in lines if bool(list(breaches({**row, 'tui/a.c': COMMENT.sub('', line)}))) != found]
    for line in wrong:
        print('tests/verbs.py: wrong about', line)
    return not wrong


def main():
    files = dict(read())
    found = sorted(set(breaches(files)))
    for verb, path, line in found:
        print(f'src/{path}:{line}: the verb {verb}')
    stale = [f'{verb} in {path}' for verb, path in ALLOWED if f'"{verb}"' not in files.get(path, '')]
    for place in stale:
        print(f'tests/verbs.py: {place} needs no exception any more')
    return 0 if it_finds() and not found and not stale else 1


if __name__ == '__main__':
    sys.exit(main())
