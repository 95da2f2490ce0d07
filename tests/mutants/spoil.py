"""spoil.py: writes a C file in which many wrong edits wait, each behind a number (survey.py chooses one by the environment when a program starts).

An edit is a C expression beside the right one: `a < b` becomes `({ __auto_type l = (a); __auto_type r = (b); MUTANT(7) ? l <= r : l < r; })`. So
thousands fit into one build. libclang (Debian: python3-clang) says where expressions begin and end; what a macro made is left as it is.
"""
import re

from clang import cindex

# MUTANT(n) is whether edit n was chosen; that it was asked is kept, where survey.py wants to know which test reaches what.
HEAD = r"""
#ifndef MUTANT
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* as in config.h */
#endif
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#define MUTANTS %d
__attribute__((weak)) int mutant_now = -1;
__attribute__((weak)) unsigned char mutant_unseen[MUTANTS], *mutant_reached = mutant_unseen;
__attribute__((weak, constructor)) void mutant_begin(void)
{
    const char *now = getenv("MUTANT_NOW"), *reached = getenv("MUTANT_REACHED");
    if (mutant_reached != mutant_unseen)
        return;
    if (now)
        mutant_now = atoi(now);
    if (reached) {
        const int fd = open(reached, O_RDWR | O_CLOEXEC);
        void *at = fd < 0 ? MAP_FAILED : mmap(NULL, MUTANTS, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (at != MAP_FAILED)
            mutant_reached = at;
        if (fd >= 0)
            close(fd);
    }
}
#define MUTANT(n) (mutant_reached[n] = 1, __builtin_expect(mutant_now == (n), 0))
#endif
"""
OTHER = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "+": "-", "-": "+", "*": "/", "/": "*"}
K = cindex.CursorKind
LOOPS = (K.IF_STMT, K.WHILE_STMT, K.CONDITIONAL_OPERATOR)
PLAIN = (K.DECL_REF_EXPR, K.MEMBER_REF_EXPR, K.CALL_EXPR, K.UNARY_OPERATOR, K.ARRAY_SUBSCRIPT_EXPR)
ASSIGNED = re.compile(r"(?<![=!<>])=(?!=)|\+\+|--|\(\{")


class Spoiler:
    """The edits of one file; each is [number, line, what], with texts to put in."""

    def __init__(self, path, name, arguments, number):
        self.name, self.number = name, number
        unit = cindex.Index.create().parse(path, args=arguments)
        self.path = path
        with open(path, "rb") as f:
            self.text = f.read()
        self.edits = []
        self.last = {}  # line of each
        self.put = []  # (offset, what comes first there: three numbers, text, length that it replaces, edit)
        for node in unit.cursor.get_children():
            if node.kind == K.FUNCTION_DECL and node.is_definition() and self.here(node):
                body = [c for c in node.get_children() if c.kind == K.COMPOUND_STMT]
                if body:
                    self.walk(body[0], node)

    # --- places ------------------------------------------------------------------------------------------------------------

    def here(self, node):
        return node.extent.start.file is not None and node.extent.start.file.name == self.path

    @staticmethod
    def span(node):
        return node.extent.start.offset, node.extent.end.offset

    def source(self, node):
        a, b = self.span(node)
        return self.text[a:b].decode("utf-8", "replace")

    def edit(self, node, what):
        self.edits.append((self.number, node.extent.start.line, what))
        self.last[self.number] = node.extent.end.line
        self.number += 1
        return self.number - 1

    def around(self, a, b, before, after, edit):
        """`before` and `after` of an outer expression lie outside those of an inner one with the same ends."""
        self.put.append((a, 1, a - b, edit, before, 0, edit))
        self.put.append((b, 0, b - a, -edit, after, 0, edit))

    # --- what is spoiled -----------------------------------------------------------------------------------------------------

    def walk(self, node, parent):
        if not self.here(node):
            return
        kind = node.kind
        children = list(node.get_children())
        if kind == K.COMPOUND_STMT:
            for child in children:
                self.statement(child)
        elif kind == K.CASE_STMT:
            children = children[1:]
            self.statement(children[-1])
        elif kind in (K.IF_STMT, K.FOR_STMT, K.WHILE_STMT, K.DEFAULT_STMT):
            for child in children[1:] if kind == K.IF_STMT else children[-1:]:
                if child.kind not in (K.BREAK_STMT, K.CONTINUE_STMT):  # an else may follow
                    self.statement(child)
        elif kind == K.VAR_DECL:
            if node.storage_class == cindex.StorageClass.STATIC:
                return
            if node.type.kind in (cindex.TypeKind.CONSTANTARRAY, cindex.TypeKind.VARIABLEARRAY, cindex.TypeKind.INCOMPLETEARRAY):
                children = [c for c in children if c.kind == K.INIT_LIST_EXPR]
        elif kind == K.BINARY_OPERATOR and len(children) == 2:
            self.operator(node, *children)
        elif kind == K.INTEGER_LITERAL:
            self.integer(node)
        elif kind == K.FLOATING_LITERAL:
            self.real(node)
        elif kind == K.CALL_EXPR:
            self.swapped(node)
        elif kind == K.INIT_LIST_EXPR:
            if re.fullmatch(r"\{\s*0?\s*\}", self.source(node)):
                return
            for child in children:
                self.field(child)
        elif kind == K.RETURN_STMT and children:
            self.returned(children[0])
        elif kind in (K.DECL_STMT, K.UNARY_OPERATOR) or kind.is_statement() or kind.is_expression():
            pass
        else:
            return
        if kind == K.UNEXPOSED_EXPR and self.source(node).startswith("sizeof") or kind == K.CXX_UNARY_EXPR:
            return
        if kind in LOOPS and children:
            self.condition(children[0])
        for child in children:
            self.walk(child, node)

    def operator(self, node, left, right):
        (a, b), (c, d), (e, f) = self.span(left), self.span(right), self.span(node)
        between = self.text[b:c].decode("utf-8", "replace") if b <= c else ""
        op = between.strip()
        if (a, d) != (e, f) or not a < b <= c < d:
            return
        if op in OTHER:
            n = self.edit(node, "%s -> %s: %s" % (op, OTHER[op], self.short(node)))
            l, r = "l%d_" % n, "r%d_" % n
            self.around(e, f, "({ __auto_type %s = (" % l, "); MUTANT(%d) ? %s %s %s : %s %s %s; })" % (n, l, OTHER[op], r, l, op, r), n)
            self.put.append((b, 2, 0, 0, "); __auto_type %s = (" % r, c - b, n))
        elif op in ("&&", "||"):
            for side, (s, t) in ((left, (a, b)), (right, (c, d))):
                n = self.edit(side, "drop '%s' of: %s" % (self.short(side), self.short(node)))
                self.around(s, t, ("(MUTANT(%d) || (" if op == "&&" else "(!MUTANT(%d) && (") % n, "))", n)

    def statement(self, node):
        """A call or an assignment that is not there."""
        a, b = self.span(node)
        if not self.here(node) or self.text[b:b + 1] != b";" or a >= b:
            return
        text = self.source(node)
        if node.kind in (K.BREAK_STMT, K.CONTINUE_STMT):
            n = self.edit(node, "no %s" % text)
            self.around(a, b, "if (!MUTANT(%d)) " % n, "", n)
        elif re.match(r"[A-Z_0-9]+\b", text):  # what a macro makes may be no expression
            return
        elif node.kind == K.CALL_EXPR and not re.match(r"(free|va_\w+|assert)\b", text) or node.kind in (
                K.COMPOUND_ASSIGNMENT_OPERATOR, K.UNARY_OPERATOR) or node.kind == K.BINARY_OPERATOR and ASSIGNED.search(text):
            n = self.edit(node, "without: %s" % self.short(node))
            self.around(a, b, "(void)(MUTANT(%d) ? (void)0 : (void)(" % n, "))", n)

    def integer(self, node):
        text = self.source(node)
        if not re.fullmatch(r"(0x[0-9a-fA-F]+|[0-9]+)[uUlL]*", text):
            return
        n = self.edit(node, "%s -> %s + 1" % (text, text))
        self.around(*self.span(node), "(", " + MUTANT(%d))" % n, n)

    def real(self, node):
        text = self.source(node)
        if not re.fullmatch(r"[0-9.]+(e[-+]?[0-9]+)?f?", text) or float(text.rstrip("f")) == 0:
            return
        n = self.edit(node, "%s -> 2 * %s" % (text, text))
        self.around(*self.span(node), "(", " * (MUTANT(%d) ? 2 : 1))" % n, n)

    def swapped(self, node):
        """Two arguments of one type that stand in each other's place."""
        arguments = [a for a in node.get_arguments() if a is not None]
        for one, two in zip(arguments, arguments[1:]):
            x, y = self.source(one), self.source(two)
            (a, b), (c, d) = self.span(one), self.span(two)
            if x == y or not (a < b < c < d) or self.text[b:c].strip() != b"," or ASSIGNED.search(x + y) or "(" in x + y or len(x + y) > 80:
                continue
            if one.type.get_canonical().spelling.replace("const ", "") != two.type.get_canonical().spelling.replace("const ", ""):
                continue
            n = self.edit(node, "swap %s, %s in: %s" % (x, y, self.short(node)))
            self.around(a, b, "(MUTANT(%d) ? (%s) : (" % (n, y), "))", n)
            self.around(c, d, "(MUTANT(%d) ? (%s) : (" % (n, x), "))", n)

    def field(self, node):
        """`.field = value` that was forgotten."""
        a, b = self.span(node)
        match = re.match(rb"\.\w+\s*=\s*", self.text[a:b])
        if not self.here(node) or not match or node.type.get_canonical().kind in (
                cindex.TypeKind.RECORD, cindex.TypeKind.CONSTANTARRAY, cindex.TypeKind.INVALID, cindex.TypeKind.VOID):
            return
        if self.text[a + match.end():a + match.end() + 1] == b"{":
            return
        n = self.edit(node, "without %s" % self.short(node))
        self.around(a + match.end(), b, "(MUTANT(%d) ? 0 : (" % n, "))", n)

    def returned(self, node):
        text = self.source(node)
        if text in ("true", "false"):
            n = self.edit(node, "return %s -> the other" % text)
            self.around(*self.span(node), "(MUTANT(%d) != " % n, ")", n)

    def condition(self, node):
        a, b = self.span(node)
        text = self.source(node)
        if node.kind == K.UNEXPOSED_EXPR:
            inner = list(node.get_children())
            if len(inner) == 1 and self.span(inner[0]) == (a, b):
                return self.condition(inner[0])
        if self.here(node) and a < b and node.kind in PLAIN and not re.match(r"[A-Z_]+\b", text):
            n = self.edit(node, "not: if (%s)" % self.short(node))
            self.around(a, b, "(MUTANT(%d) != !!(" % n, "))", n)

    def short(self, node):
        text = " ".join(self.source(node).split())
        return text if len(text) <= 90 else text[:87] + "..."

    # --- the file ------------------------------------------------------------------------------------------------------------

    def spoiled(self, without, most):
        """The text with all edits but these. Line numbers are those of the file."""
        out, at = [], 0
        for offset, _, _, _, text, length, _ in sorted(p for p in self.put if p[6] not in without):
            out.append(self.text[at:offset])
            out.append(text.encode())
            at = offset + length
        out.append(self.text[at:])
        return HEAD.lstrip("\n").encode() % most + b'#line 1 "%s"\n' % self.name.encode() + b"".join(out)
