#!/usr/bin/env python3
"""namesakes.py - a name means one thing in src/: no two files define a static function, or a struct, union or enum, of one name.

Each back end (kernels/reference, kernels/cpu, kernels/cuda) may have the name once: there it is the same part of another back end.
So may what fills the tables of an interface, whose names are listed below with the interface. What two files need alike stands in a header."""
import re
import sys
from collections import defaultdict

from dead import definitions, sources

ALLOWED = {  # name: the interface whose parts have it in each file
    'value': 'struct criterion_table: a criterion is a file',
    'product': 'struct criterion_table',
    'row': 'struct criterion_table',
    'paint': 'struct pane: a pane is a file',
    'title': 'struct pane',
}

TAG = re.compile(r'^(?:typedef |static |const )*(?:struct|union|enum)\s+(\w+)\s*\{', re.M)


def backend(path):
    m = re.match(r'src/kernels/(reference|cpu|cuda)/', path)
    return m and m[1]


def clash(places):
    """Do the files of a name need different names?"""
    ends = [backend(path) for path in places]
    return len(places) > 1 and (None in ends or len(set(ends)) < len(ends))


def breaches(files):
    """(kind, name, paths) of each name that files, {path: text}, have for different things."""
    function, own, tag = defaultdict(set), set(), defaultdict(set)
    for path, text in files.items():
        for name, head, _ in definitions(text):
            if name == 'NAME':  # gets the name of an instruction set besides
                continue
            function[name].add(path)
            if re.search(r'\bstatic\b', head):
                own.add(name)
        for m in TAG.finditer(text):
            tag[m[1]].add(path)
    return [(kind, name, sorted(places)) for kind, names in (('function', function), ('type', tag)) for name, places in sorted(names.items())
            if (kind == 'type' or name in own) and clash(places)]


def it_finds():
    """It finds what it is there for."""
    f = 'static int f(int a,\n             int b)\n{\n    return a;\n}\n'
    yes = [{'src/a.c': f, 'src/b.c': f}, {'src/a.c': f, 'src/b.h': 'int f(int a)\n{\n    g();\n}\n'},
           {'src/a.c': 'struct s {\n    int x;\n};\n', 'src/b.c': 'static const struct s { int x; } y[] = {\n'},
           {'src/kernels/cpu/a.c': f, 'src/kernels/cpu/b.c': f}, {'src/kernels/cpu/a.c': f, 'src/kernels/net.c': f}]
    no = [{'src/a.c': f, 'src/b.c': 'int f(int a, int b);\n'}, {'src/kernels/cpu/a.c': f, 'src/kernels/cuda/b.c': f},
          {'src/a.c': f.replace('static ', ''), 'src/b.c': f.replace('static ', '')}, # one of two is linked
          {'src/a.c': 'struct s {\n', 'src/b.c': 'struct s;\nstruct s *f(void);\n'}]
    wrong = [files for found, cases in ((1, yes), (0, no)) for files in cases if len(breaches(files)) != found]
    for files in wrong:
        print('tests/namesakes.py: wrong about', files)
    return not wrong


def main():
    found = breaches(sources('src', ('.c', '.h', '.cu', '.inc')))
    for kind, name, places in found:
        if name not in ALLOWED:
            print(f'{kind} {name} is in {", ".join(places)}')
    stale = set(ALLOWED) - {name for _, name, _ in found}
    for name in sorted(stale):
        print(f'tests/namesakes.py: {name} stands once: it needs no exception')
    return 0 if it_finds() and not stale and all(name in ALLOWED for _, name, _ in found) else 1


if __name__ == '__main__':
    sys.exit(main())
