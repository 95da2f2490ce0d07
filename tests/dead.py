#!/usr/bin/env python3
"""dead.py - what a header of src/ declares is used by the program: functions, enum constants, macros, fields of structs.

A function needs a mention beside its declarations and its own body, a constant or macro one beside its definition, a field a
.name, ->name or ::name. What only tests use is dead too. Names that a table makes (PREFIX_##word) are used where the word is in a table.
A field is known by its name alone: one that shares it with a used field is taken for used."""
import os
import re
import sys
from collections import Counter

ALLOWED = {  # name: why it stays
    'NORM_BATCH': 'a way batch norm can stand beside the two that a stage takes; tests/unit/groups holds it to its numbers',
    'curvature_op_kept': 'how many passes stay prepared shows in no result, which is what its test says',
    'lanczos_done': 'ends the plain loop of the header; the program asks the spectrum, which has other reasons to end as well',
    'net_add_output': 'networks of several outputs are compared with other code; no row of networks.h has any',
}

TOP = os.environ.get('top_srcdir') or os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
NOISE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
WORD = re.compile(r'[A-Za-z_]\w*')
NO_NAMES = {'__attribute__', '__launch_bounds__', '_Alignas', '_Static_assert', 'static_assert', 'sizeof'}


def sources(folder, endings):
    """{path: text} without comments and literals."""
    found = {}
    for where, _, names in os.walk(os.path.join(TOP, folder)):
        for name in names:
            if name.endswith(endings):
                path = os.path.join(where, name)
                with open(path, encoding='utf-8') as f:
                    found[os.path.relpath(path, TOP)] = NOISE.sub(lambda m: ' ' if m[0][0] == '/' else '""', f.read())
    return found


def end_of(text, at):
    """The index behind the brace that closes the one at `at`."""
    depth = 0
    for m in re.compile('[{}]').finditer(text, at):
        depth += 1 if m[0] == '{' else -1
        if depth == 0:
            return m.end()
    return len(text)


def without_braces(text):
    out, at = [], 0
    while (brace := text.find('{', at)) >= 0:
        out += [text[at:brace], '{}']
        at = end_of(text, brace)
    return ''.join(out) + text[at:]


def called(text):
    """The first name before a parenthesis, or None."""
    return next((m[1] for m in re.finditer(r'\b(\w+)\s*\(', text) if m[1] not in NO_NAMES), None)


def functions(text):
    """Declared, not defined."""
    for statement, end in re.findall(r'([^;{}]*)(;|\{\})', without_braces(text)):
        name = called(statement) if end == ';' else None
        if name and not re.match(r'\s*typedef\b', statement) and '=' not in statement and len(WORD.findall(statement.split('(')[0])) > 1:
            yield name


def definitions(text):
    """(name, head, body) of each function: its braces stand at the left edge."""
    lines = text.split('\n')
    for at in (i for i, line in enumerate(lines) if line == '{'):
        first = at
        while first > 0 and lines[first - 1] and not re.search(r'[;}]\s*$|^#', lines[first - 1]):
            first -= 1
        last = next((i for i in range(at, len(lines)) if lines[i] == '}'), len(lines))
        head = '\n'.join(lines[first:at])
        name = called(re.sub(r'__attribute__\s*\(\(.*?\)\)', '', head))
        if name:
            yield name, head, '\n'.join(lines[at:last])


def own_mentions(text):
    """A function's name in its definition and body."""
    for name, head, body in definitions(text):
        yield name, len(re.findall(r'\b%s\b' % name, head + '\n' + body))


def constants(text):
    for m in re.finditer(r'\benum\b\s*\w*\s*\{', text):
        for part in text[m.end():end_of(text, m.end() - 1) - 1].split(','):
            word = WORD.match(part.strip())
            if word and '(' not in part.split('=')[0]:
                yield word[0]


def members(inside):
    """Fields between the braces of a struct or union, those of unnamed ones in it too."""
    while (m := re.search(r'(\b(?:struct|union|enum)\b\s*\w*\s*)?\{', inside)):
        end = end_of(inside, m.end() - 1)
        if m[1] and not m[1].startswith('enum'):
            yield from members(inside[m.end():end - 1])
        inside = inside[:m.start()] + ('type ' if m[1] else ';') + inside[end:]
    for statement in re.sub(r'\[[^\]]*\]', '', inside).split(';'):
        statement = re.sub(r'__attribute__\s*\(\(.*?\)\)', '', statement)
        pointer = re.search(r'\(\s*\*\s*(?:const\s+)?(\w+)\s*\)\s*\(', statement)
        if pointer:
            yield pointer[1]
        elif '(' not in statement:
            for i, part in enumerate(statement.split(',')):
                words = WORD.findall(part.split(':')[0])
                if len(words) > (i == 0):
                    yield words[-1]


def fields(text):
    at = 0
    for m in re.finditer(r'\b(?:struct|union)\b\s*\w*\s*\{', text):
        if m.start() >= at: # not in another
            at = end_of(text, m.end() - 1)
            yield from members(text[m.end():at - 1])


def macros(text):
    for m in re.finditer(r'^[ \t]*#[ \t]*define[ \t]+(\w+)', text, re.M):
        if not re.search(r'#ifndef[ \t]+%s\s*$' % m[1], text[:m.start()]): # the guard
            yield m[1]


def directives_apart(text):
    return re.sub(r'^[ \t]*#(?:\\\n|[^\n])*', '', text, flags=re.M)


def main():
    files = sources('src', ('.c', '.h', '.cu', '.def', '.inc'))
    words, reached, defined, own, prefixes = Counter(), set(), Counter(), Counter(), set()
    for text in files.values():
        words.update(WORD.findall(text))
        reached.update(re.findall(r'(?:\.|->|::)\s*([A-Za-z_]\w*)', text))
        defined.update(re.findall(r'#[ \t]*(?:define|undef|ifdef|ifndef)[ \t]+(\w+)', text))
        prefixes.update(re.findall(r'(\w+_)##', text))
        for name, n in own_mentions(text):
            own[name] += n
    headers = {path: directives_apart(text) for path, text in sorted(files.items()) if path.endswith('.h')}
    declared = Counter(name for text in headers.values() for name in functions(text))
    rules = {
        'function': (functions, lambda name: words[name] <= declared[name] + own[name]),
        'constant': (constants, lambda name: words[name] <= 1 and not any(name.startswith(p) and words[name[len(p):]] for p in prefixes)),
        'field': (fields, lambda name: name not in reached),
        'macro': (macros, lambda name: words[name] <= defined[name]),
    }
    dead = [(path, kind, name) for path, text in headers.items() for kind, (find, unused) in rules.items()
            for name in dict.fromkeys(find(files[path] if kind == 'macro' else text)) if unused(name)]
    tests = set(WORD.findall('\n'.join(sources('tests', ('.c', '.h')).values()))) if dead else set()
    for path, kind, name in dead:
        if name not in ALLOWED:
            print(f'{path}: {kind} {name}: ' + ('only tests use it' if name in tests else 'nobody uses it'))
    stale = set(ALLOWED) - {name for _, _, name in dead}
    for name in sorted(stale):
        print(f'tests/dead.py: {name} is used now, or gone: it needs no exception')
    return 1 if stale or any(name not in ALLOWED for _, _, name in dead) else 0


if __name__ == '__main__':
    sys.exit(main())
